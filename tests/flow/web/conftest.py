"""The product under uvicorn in a thread, its vendors in a process, one browser: once per parallel worker."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
import redis
import uvicorn
from playwright.sync_api import Browser, Page
from sqlmodel import select

from controlplane.app import create_app
from controlplane.billing import catalog_sync
from controlplane.core.ids import new_id
from controlplane.gateways import Gateways
from controlplane.provisioning.models import Kind, Operation, Phase
from controlplane.provisioning.service import request
from controlplane.settings import Pages, Resolver
from sandbox.ports import free_port
from tenants.models import Tenant
from tests.fixtures.browser import PATIENCE
from tests.fixtures.http import PASSWORD, make_operator
from tests.fixtures.product import TestClock
from tests.fixtures.servers import new_database
from tests.fixtures.shop import ClockedStripe, Shop, shop_settings
from tests.fixtures.vendors import Vendors, wait_for

EXPECTED = tuple(f"status of {code}" for code in (404, 409, 422, 401, 403, 428))


@dataclass
class Site:
    url: str
    shop: Shop

    def letter_to(self, address: str) -> str:
        self.shop.send_letters()
        mails = self.shop.vendors.sim("GET", f"/mailbox?to={address}", vendor="resend")["mails"]
        assert mails, f"no letter to {address}"
        return str(mails[0]["text"])

    def bring_up(self) -> None:
        """What Stripe tells and the workers do between the payment and the live page."""
        self.shop.settle()
        with self.shop.gateways.db.transaction() as session:
            for tenant in session.exec(select(Tenant)).all():
                tenant.facts = {**tenant.facts, "url": f"http://{tenant.slug}.sites.example"}
        self.shop.finish_operations()  # last: whoever watches is told once that it is there, and then no more

    def parked(self, tenant: Tenant, *, error_class: str = "vendor") -> Operation:
        with self.shop.gateways.db.transaction() as session:
            row = session.get_one(Tenant, tenant.id)
            operation = request(session, self.shop.gateways, row, Kind.REFRESH, cause="test")
            operation.phase, operation.error_class, operation.error = (
                Phase.PARKED,
                error_class,
                "<b>The vendor said no</b>",
            )
            session.add(operation)
        return operation


@pytest.fixture(scope="session")
def site(
    selling_vendors: Vendors, servers: dict[str, str], worker_number: int, redis_url: str, tmp_path_factory: Any
) -> Iterator[Site]:
    port = free_port()
    settings = shop_settings(
        new_database(servers, f"web_{worker_number}"), redis_url, tmp_path_factory.mktemp("web"), selling_vendors
    )
    settings = settings.model_copy(
        update={
            "public_url": f"http://localhost:{port}",
            "pages": Pages(statistics=True),
            "redis": settings.redis.model_copy(update={"prefix": "web"}),
            "resolver": Resolver(nameservers=("127.0.0.1",), port=selling_vendors.dns_port),
        }
    )
    stripe = ClockedStripe(settings.stripe, environment=settings.name)
    clock = TestClock()
    gateways = replace(Gateways.build(settings), now=clock, stripe=stripe)
    catalog_sync.sync(gateways)
    app = create_app(gateways)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, access_log=False, lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: server.started or None)
    shop = Shop(gateways, selling_vendors, clock, app)
    shop.events()
    yield Site(f"http://localhost:{port}", shop)
    server.should_exit = True
    thread.join(10)
    app.state.refusals.close()
    gateways.close()


@pytest.fixture(autouse=True)
def _fresh_limits(site: Site) -> None:
    """All tests come in from one address, which may only try so often."""
    url = site.shop.gateways.settings.redis.url.get_secret_value()
    with redis.Redis.from_url(url) as client:
        for key in client.scan_iter("web:limits*"):
            client.delete(key)


@pytest.fixture
def new_page(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Each page reports what must never happen: errors in the console, requests to strangers, broken scripts."""
    contexts, found = [], []

    def open_page(**options: Any) -> Page:
        context = browser.new_context(reduced_motion="reduce", **options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("pageerror", lambda error: found.append(f"script: {error}"))
        page.on("console", lambda message: _note(found, message.type, message.text))
        page.on("request", lambda sent: _own(found, sent.url, site))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert found == []


def _note(found: list[str], kind: str, text: str) -> None:
    if kind in {"error", "warning"} and not any(part in text for part in EXPECTED):
        found.append(text)


def _own(found: list[str], url: str, site: Site) -> None:
    if not url.startswith((site.url, site.shop.vendors.url, "data:", "about:")):
        found.append(f"request to {url}")


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page(viewport={"width": 1280, "height": 900})


@pytest.fixture(scope="module")
def console(site: Site, browser: Browser) -> dict[str, Any]:
    """The cookies of an operator who signed in through the page."""
    operator = make_operator(site.shop.gateways, "engineer", email=f"mmmm.mmmm.{new_id()}@operators.example")
    context = browser.new_context()
    opened = context.new_page()
    opened.goto(f"{site.url}/console")
    opened.fill("#email", operator.email)
    opened.fill("#password", PASSWORD)
    opened.click("main button.primary")
    opened.wait_for_url(f"{site.url}/console")
    state: Any = context.storage_state()
    context.close()
    return dict(state)
