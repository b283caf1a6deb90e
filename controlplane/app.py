"""The HTTP way in: wiring only."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from controlplane.api import (
    catalog,
    checkout,
    emails,
    health,
    inbox,
    operations,
    orders,
    problems,
    quotes,
    requests,
    tenants,
    webhooks,
)
from controlplane.core import log, telemetry
from controlplane.gateways import Gateways
from controlplane.settings import Settings

ROUTERS = (
    health.router,
    operations.router,
    tenants.router,
    webhooks.router,
    *catalog.routers,
    quotes.router,
    checkout.router,
    *orders.routers,
    inbox.router,
    emails.router,
)


def create_app(gateways: Gateways) -> FastAPI:
    app = FastAPI(
        title="Control plane",
        version="0.1.0",
        lifespan=_lifespan,
        max_body_size=gateways.settings.limits.body_bytes,
        docs_url="/docs",
        redoc_url=None,
    )
    app.state.gateways = gateways
    problems.install(app)
    requests.install(app)
    for router in ROUTERS:
        app.include_router(router)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.gateways.close()


def from_environment() -> FastAPI:
    """For `uvicorn --factory controlplane.app:from_environment`."""
    settings = Settings()
    log.start(settings)
    telemetry.start(settings, service="controlplane-api")
    return create_app(Gateways.build(settings))
