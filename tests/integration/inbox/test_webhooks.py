"""The door: what comes in, what is refused and counted, what is stored once."""

import asyncio
import json
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from stripe import WebhookSignature

from controlplane.app import create_app
from controlplane.inbox.models import EventState, InboxEvent
from tests.fixtures.http import ORIGIN
from tests.fixtures.shop import HOOK, HOOK_OLD, Shop


def event(**changes: Any) -> dict[str, Any]:
    subject = {"id": "cs_1", "object": "checkout.session", "metadata": {"env": "test", "order": "o1"}}
    kept = {"id": "evt_1", "object": "event", "type": "checkout.session.completed", "livemode": False}
    return {**kept, "data": {"object": subject}, **changes}


def refused(shop: Shop, why: str, source: str = "stripe") -> float:
    """As the page of the metrics says it."""
    page = TestClient(shop.app, base_url=ORIGIN, client=("127.0.0.1", 1)).get("/metrics").text
    found = re.search(rf'^cp_webhooks_refused_total{{source="{source}",why="{why}"}} (\S+)$', page, re.MULTILINE)
    return float(found[1]) if found else 0.0


async def _break_off(shop: Shop, body: bytes, headers: dict[str, str]) -> None:
    """The connection ends in the middle of the body."""
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": body, "more_body": True},
        {"type": "http.disconnect"},
    ]
    given = {"host": "localhost:8000", "content-length": str(len(BODY)), **headers}
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": "/webhooks/stripe", "raw_path": b"/webhooks/stripe", "query_string": b"", "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        "client": ("127.0.0.1", 1), "server": ("localhost", 8000),
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(_message: Any) -> None:
        return

    await shop.app(scope, receive, send)


class TestStoring:
    def test_an_event_is_stored_once_however_often_it_comes(self, shop: Shop) -> None:
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: shop.post(event()), range(12)))
        assert {answer.status_code for answer in answers} == {200}
        assert sum(answer.json()["new"] for answer in answers) == 1
        assert len(shop.rows(InboxEvent)) == 1

    def test_the_secret_of_before_is_good_during_a_rotation(self, shop: Shop) -> None:
        assert shop.post(event(), secret=HOOK_OLD).status_code == 200

    @pytest.mark.parametrize(
        "changes",
        [
            {"livemode": True},
            {"account": "acct_other"},
            {"type": "price.created"},
            {"data": {"object": {"id": "cs_1", "object": "checkout.session", "metadata": {"env": "other"}}}},
            {"data": {"object": {"id": "cs_1", "object": "checkout.session"}}},
        ],
    )
    def test_what_is_not_ours_is_kept_and_wakes_nobody(self, shop: Shop, changes: dict[str, Any]) -> None:
        assert shop.post(event(**changes)).status_code == 200
        assert [row.state for row in shop.rows(InboxEvent)] == [EventState.FOREIGN]

    def test_nothing_personal_is_kept(self, shop: Shop) -> None:
        given = event()
        given["data"]["object"]["customer_details"] = {"email": "buyer@example.com"}
        shop.post(given)
        assert "buyer@example.com" not in shop.rows(InboxEvent)[0].model_dump_json()


JSON = {"content-type": "application/json"}
BODY = json.dumps(event()).encode()


def signed(body: bytes = BODY, *, secret: str = HOOK, seconds_ago: int = 0) -> dict[str, str]:
    stamp = int(time.time()) - seconds_ago
    header = WebhookSignature.generate_signature_header(body.decode(), secret, timestamp=stamp)
    return {**JSON, "stripe-signature": header}


HUGE = json.dumps(event(junk="x" * 300_000)).encode()
NAMELESS = BODY.replace(b"evt_1", b"")
# Signed when the test runs: what is collected may wait for longer than a signature lives.
WRONG: dict[str, tuple[str, int, bytes, Callable[[], dict[str, str]]]] = {
    "unsigned": ("missing", 401, BODY, lambda: JSON),
    "forged": ("wrong", 401, BODY, lambda: signed(secret="whsec_guessed")),
    "changed": ("wrong", 401, BODY.replace(b"evt_1", b"evt_2"), signed),
    "truncated": ("wrong", 401, BODY[:-5], signed),
    "old": ("stale", 401, BODY, lambda: signed(seconds_ago=301)),
    "from the future": ("stale", 401, BODY, lambda: signed(seconds_ago=-3_600)),
    "oversized": ("too_large", 413, HUGE, lambda: signed(HUGE)),
    "a form": ("wrong_type", 415, BODY, lambda: {**signed(), "content-type": "application/x-www-form-urlencoded"}),
    "a page": ("wrong_type", 415, BODY, lambda: {**signed(), "content-type": "text/html; charset=utf-8"}),
    "no JSON": ("unreadable", 422, b"{", lambda: signed(b"{")),
    "nameless": ("unreadable", 422, NAMELESS, lambda: signed(NAMELESS)),
}


class TestRefusing:
    @pytest.mark.parametrize("name", WRONG)
    def test_it_is_refused_as_a_problem_and_counted_by_its_reason(self, shop: Shop, name: str) -> None:
        why, status, body, headers = WRONG[name]
        before = refused(shop, why)
        answer = shop.client.post("/webhooks/stripe", content=body, headers=headers())
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        assert refused(shop, why) == before + 1
        assert shop.rows(InboxEvent) == []

    def test_a_replay_is_answered_once_more_and_changes_nothing_but_the_count(self, shop: Shop) -> None:
        before, headers = refused(shop, "replayed"), signed()
        answers = [shop.client.post("/webhooks/stripe", content=BODY, headers=headers) for _time in range(3)]
        assert [answer.json() for answer in answers] == [{"new": True}, {"new": False}, {"new": False}]
        assert (len(shop.rows(InboxEvent)), refused(shop, "replayed")) == (1, before + 2)

    def test_one_that_breaks_off_is_no_event(self, shop: Shop) -> None:
        before = refused(shop, "truncated")
        asyncio.run(_break_off(shop, BODY[:20], signed()))
        assert (shop.rows(InboxEvent), refused(shop, "truncated")) == ([], before + 1)

    def test_the_other_doors_count_as_well(self, shop: Shop) -> None:
        before = refused(shop, "missing", "resend"), refused(shop, "wrong_type", "resend")
        assert shop.client.post("/webhooks/resend", content=b"{}", headers=JSON).status_code == 401
        assert shop.client.post("/webhooks/resend", data={"a": "b"}).status_code == 415
        after = refused(shop, "missing", "resend"), refused(shop, "wrong_type", "resend")
        assert after == (before[0] + 1, before[1] + 1)

    @pytest.mark.parametrize(
        "body", [[], {}, {"id": "evt_1"}, {"id": "", "type": "x", "data": {"object": {}}}, "text", None]
    )
    def test_a_signed_body_that_is_no_event(self, shop: Shop, body: Any) -> None:
        answer = shop.post(body)
        assert answer.status_code == 422
        assert answer.headers["content-type"].startswith("application/problem+json")

    def test_more_than_any_real_event_is_not_read(self, shop: Shop) -> None:
        def drip() -> Any:
            for _ in range(300):
                yield b"x" * 1024

        assert shop.client.post("/webhooks/stripe", content=drip()).status_code == 413

    def test_without_a_secret_there_is_no_endpoint(self, shop: Shop) -> None:
        settings = shop.gateways.settings
        for secrets in ((), ("",)):
            closed = settings.model_copy(
                update={
                    "stripe": settings.stripe.model_validate(
                        {**settings.stripe.model_dump(), "webhook_secrets": secrets}
                    )
                }
            )
            client = TestClient(create_app(replace(shop.gateways, settings=closed)), base_url=ORIGIN)
            body = json.dumps(event()).encode()
            assert client.post("/webhooks/stripe", content=body).status_code == 404
