"""The door: what comes in, what is refused and counted, what is stored once."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from prometheus_client import REGISTRY

from controlplane.app import create_app
from controlplane.inbox.models import EventState, InboxEvent
from tests.fixtures.http import ORIGIN
from tests.fixtures.shop import HOOK_OLD, Shop


def event(**changes: Any) -> dict[str, Any]:
    subject = {"id": "cs_1", "object": "checkout.session", "metadata": {"env": "test", "order": "o1"}}
    kept = {"id": "evt_1", "object": "event", "type": "checkout.session.completed", "livemode": False}
    return {**kept, "data": {"object": subject}, **changes}


def refused(why: str) -> float:
    return REGISTRY.get_sample_value("cp_webhooks_refused_total", {"source": "stripe", "why": why}) or 0.0


def raw(shop: Shop, body: bytes, signature: str = "") -> httpx.Response:
    return shop.client.post("/webhooks/stripe", content=body, headers={"stripe-signature": signature})


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


class TestRefusing:
    def test_forgeries_are_refused_and_counted(self, shop: Shop) -> None:
        before = refused("missing"), refused("wrong"), refused("stale")
        assert raw(shop, json.dumps(event()).encode()).status_code == 401
        assert shop.post(event(), secret="whsec_guessed").status_code == 401
        assert raw(shop, b"{}", "t=1,v1=00").status_code == 401
        assert (refused("missing"), refused("wrong"), refused("stale")) == tuple(count + 1 for count in before)
        assert shop.rows(InboxEvent) == []

    @pytest.mark.parametrize(
        "body", [[], {}, {"id": "evt_1"}, {"id": "", "type": "x", "data": {"object": {}}}, "text", None]
    )
    def test_a_signed_body_that_is_no_event(self, shop: Shop, body: Any) -> None:
        answer = shop.post(body)
        assert answer.status_code == 422
        assert answer.headers["content-type"].startswith("application/problem+json")

    def test_more_than_any_real_event_is_not_read(self, shop: Shop) -> None:
        huge = event(data={"object": {"id": "cs_1", "object": "checkout.session", "junk": "x" * 300_000}})
        assert shop.post(huge).status_code == 413

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
