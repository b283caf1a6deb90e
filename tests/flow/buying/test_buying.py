"""A purchase as it really happens: API, worker and Stripe are processes of their own, and nobody helps."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import select

from controlplane.billing.models import Order
from controlplane.delivery.models import Email
from controlplane.delivery.service import SEND
from controlplane.inbox.models import EventState, InboxEvent
from controlplane.inbox.service import HANDLE
from controlplane.provisioning.models import Operation
from sandbox.ports import free_port
from tenants.models import Tenant
from tests.fixtures.shop import CONSENTS, HOOK, Shop
from tests.fixtures.spans import Spans, collecting
from tests.fixtures.vendors import KEYS, SENDER, wait_for

WEBHOOK = "POST /webhooks/stripe"


@dataclass
class Running:
    shop: Shop
    url: str
    environment: dict[str, str]
    worker: subprocess.Popen[bytes]
    spans: Spans

    def start_worker(self) -> None:
        self.worker = _spawn(["worker", "quick"], self.environment)

    def kill_worker(self) -> None:
        self.worker.kill()
        self.worker.wait(60)


@pytest.fixture
def running(shop: Shop, tmp_path: Path) -> Iterator[Running]:
    port = free_port()
    hook = _endpoint(shop, f"http://127.0.0.1:{port}/webhooks/stripe")
    with collecting() as spans:
        told = {"CP_TELEMETRY__OTLP_ENDPOINT": spans.url, "OTEL_BSP_SCHEDULE_DELAY": "200"}
        environment = {**_environment(shop, tmp_path, hook), **told}
        api = _spawn(["serve", "--port", str(port)], environment)
        worker = _spawn(["worker", "quick"], environment)
        found = Running(shop, f"http://127.0.0.1:{port}", environment, worker, spans)
        try:
            wait_for(lambda: _answers(found.url), seconds=120)
            yield found
        finally:
            for process in (api, found.worker):
                process.terminate()
                process.wait(60)
            shop.gateways.stripe._client.v1.webhook_endpoints.delete(hook["id"])


def _spawn(arguments: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "controlplane", *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)


def _endpoint(shop: Shop, url: str) -> dict[str, Any]:
    made = shop.gateways.stripe._client.v1.webhook_endpoints.create({"url": url, "enabled_events": ["*"]})
    return {"id": made.id, "secret": made.secret}


def _environment(shop: Shop, folder: Path, hook: dict[str, Any]) -> dict[str, str]:
    settings = shop.gateways.settings
    values = {
        "ENVIRONMENT": "sandbox", "NAME": settings.name, "PUBLIC_URL": settings.public_url,
        "DATABASE__URL": settings.database.url.get_secret_value(), "REDIS__PREFIX": settings.redis.prefix,
        "REDIS__URL": settings.redis.url.get_secret_value(), "KEYS__FOLDER": str(settings.keys.folder),
        "STRIPE__SECRET_KEY": KEYS["stripe_secret_key"], "STRIPE__API_BASE": settings.stripe.api_base,
        "STRIPE__WEBHOOK_SECRETS": f'["{HOOK}", "{hook["secret"]}"]',
        "RESEND__API_KEY": KEYS["resend_api_key"], "RESEND__API_BASE": settings.resend.api_base,
        "RESEND__SENDER": f"SmartPages <post@{SENDER}>", "CLOUDFLARE__API_TOKEN": "unused",
        "CLOUDFLARE__ACCOUNT_ID": "0" * 32, "CLOUDFLARE__PORTAL_ZONE": "portal.example",
        "CLOUDFLARE__SITES_ZONE": "sites.example", "EDGE__OPS_URL": "http://ops.portal.example",
        "PULUMI__BACKEND_URL": f"file://{folder}/state",
        "PULUMI__PASSPHRASE": "unused", "TELEMETRY__LOG_LEVEL": "ERROR",
    }  # fmt: skip
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CP_")}
    return {**inherited, **{f"CP_{name}": value for name, value in values.items()}}


def _answers(url: str) -> bool | None:
    try:
        return httpx.get(f"{url}/health/live", trust_env=False).is_success or None
    except httpx.TransportError:
        return None


def _buy(running: Running, slug: str) -> tuple[str, str]:
    with httpx.Client(base_url=running.url, trust_env=False, timeout=60) as client:
        quote = client.post("/v1/quotes", json={"line": "site", "offers": {"site-pro": 1}}).raise_for_status().json()
        body = {
            "quote_id": quote["id"], "email": f"{slug}@example.com", "name": "Anna Beispiel", "slug": slug,
            "consents": CONSENTS, "address": {"country": "DE"},
        }  # fmt: skip
        answer = client.post("/v1/checkout", json=body).raise_for_status().json()
    return answer["order"], answer["checkout_url"]


def _pay(url: str, email: str) -> None:
    """As the browser does: the form of the hosted page."""
    card = {"method": "card", "number": "4242 4242 4242 4242", "expiry": "12/34", "cvc": "123"}
    form = {"action": "pay", "email": email, "name": "Anna Beispiel", "country": "DE", **card}
    answer = httpx.post(url, data=form, follow_redirects=False, trust_env=False, timeout=60)
    assert answer.status_code == 303, answer.text


def _funded(running: Running, token: str) -> dict[str, Any] | None:
    found: dict[str, Any] = httpx.get(f"{running.url}/v1/orders/{token}", trust_env=False).json()
    return found if found["state"] == "funded" and found["tenant"] else None


def _sent(shop: Shop, slug: str) -> list[str] | None:
    mails = shop.vendors.sim("GET", f"/mailbox?to={slug}@example.com", vendor="resend")["mails"]
    return [mail["subject"] for mail in mails] or None


class TestBuying:
    def test_from_quote_to_letter_without_anybody_and_after_every_worker_was_dead(self, running: Running) -> None:
        self._without_anybody(running)
        self._while_every_worker_is_dead(running)

    def _without_anybody(self, running: Running) -> None:
        slug = f"flow-{time.time_ns() % 10**9}"
        token, page = _buy(running, slug)
        _pay(page, f"{slug}@example.com")
        order = wait_for(lambda: _funded(running, token), seconds=120)
        assert order["tenant"]["state"] == "queued"
        assert "Ihre Bestellung" in wait_for(lambda: _sent(running.shop, slug), seconds=120)[0]
        assert len(running.shop.rows(Tenant)) == 1
        self._one_trace(running)

    def _one_trace(self, running: Running) -> None:
        """From the webhook into the job, the letter, and the operation, whose row hands it on to the engine's child."""
        [operation] = running.shop.rows(Operation)
        trace_id = bytes.fromhex(operation.correlation["traceparent"].split("-")[1])
        wanted = {WEBHOOK, HANDLE, SEND}
        wait_for(lambda: wanted <= {span.name for span in running.spans.of(trace_id)} or None, seconds=120)
        [letter] = [span for span in running.spans.of(trace_id) if span.name == SEND]
        line = [span for span in (letter, *running.spans.above(letter)) if span.name in wanted]
        assert [span.name for span in line] == [SEND, HANDLE, WEBHOOK]
        assert {span.facts["correlation"] for span in line[:2]} == {operation.correlation["correlation"]}

    def _while_every_worker_is_dead(self, running: Running) -> None:
        running.kill_worker()
        slug = f"dead-{time.time_ns() % 10**9}"
        token, page = _buy(running, slug)
        _pay(page, f"{slug}@example.com")
        wait_for(lambda: _arrived(running.shop), seconds=120)
        running.shop.gateways.queue._redis.flushdb()  # and Redis forgot everything, too
        assert _funded(running, token) is None
        running.start_worker()
        wait_for(lambda: _funded(running, token), seconds=120)
        assert [row.kind for row in running.shop.rows(Email)] == ["order_confirmed"] * 2
        assert len(running.shop.rows(Order)) == 2


def _arrived(shop: Shop) -> bool | None:
    with shop.gateways.db.transaction() as session:
        query = select(InboxEvent).where(InboxEvent.state == EventState.WAITING)
        kinds = {row.type for row in session.exec(query).all()}
    return {"checkout.session.completed", "invoice.paid"} <= kinds or None
