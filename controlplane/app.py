"""The HTTP way in: wiring only."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

from controlplane.api import (
    access,
    accounts,
    acts,
    audit,
    auth,
    catalog,
    checkout,
    clients,
    creators,
    credentials,
    customers,
    decisions,
    domains,
    edge,
    emails,
    fleet,
    health,
    inbox,
    looks,
    oauth,
    openapi,
    operations,
    operators,
    orders,
    problems,
    quotes,
    referrals,
    releases,
    requests,
    stacks,
    subscriptions,
    tenants,
    timeline,
    usage,
    webhooks,
)
from controlplane.api.hosts import Hosts
from controlplane.api.refusals import Refusals
from controlplane.core import log, memory, telemetry
from controlplane.gateways import Gateways
from controlplane.settings import Settings
from controlplane.web import app as pages

ROUTERS = (
    health.router,
    webhooks.router,  # asked most, and routers are tried in this order
    auth.router,
    oauth.router,
    operators.router,
    clients.router,
    acts.router,
    audit.router,
    operations.router,
    accounts.router,
    creators.router,
    tenants.router,
    stacks.router,
    timeline.router,
    *catalog.routers,
    quotes.router,
    checkout.router,
    *orders.routers,
    *customers.routers,
    *referrals.routers,
    subscriptions.router,
    decisions.router,
    inbox.router,
    emails.router,
    domains.router,
    looks.router,
    usage.router,
    credentials.router,
    releases.router,
    edge.router,
    fleet.router,
)


def create_app(gateways: Gateways) -> FastAPI:
    app = FastAPI(
        title="Control plane",
        version="0.1.0",
        lifespan=_lifespan,
        docs_url="/docs",
        redoc_url=None,
    )
    app.state.gateways = gateways
    app.state.refusals = Refusals(gateways)
    problems.install(app)
    app.add_middleware(Hosts, settings=gateways.settings)
    requests.install(
        app, body_bytes=gateways.settings.limits.body_bytes, upload_bytes=gateways.settings.limits.upload_bytes
    )
    for router in ROUTERS:
        app.include_router(router)
    pages.install(app)
    access.check(app)
    openapi.install(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    await _first_request(app)
    memory.give_back()
    yield
    app.state.refusals.close()
    app.state.gateways.close()


async def _first_request(app: FastAPI) -> None:
    """Much is made only when it is first asked for; nobody who waits shall be the one."""
    own = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=own, base_url=app.state.gateways.settings.public_url) as client:
        await client.get("/health/live")


def from_environment() -> FastAPI:
    """For `uvicorn --factory controlplane.app:from_environment`."""
    settings = Settings()
    log.start(settings)
    telemetry.start(settings, service="controlplane-api")
    return create_app(Gateways.build(settings))
