"""Signed, retried, logged, sent again; and every way in which they go wrong."""

import json
from collections.abc import Iterator

import pytest
import stripe

from tests.contract.stripe.conftest import Receiver, Sandbox
from tests.contract.stripe.shop import Shop, wait_for


@pytest.fixture
def endpoint(client: stripe.StripeClient, receiver: Receiver, sandbox: Sandbox) -> Iterator[stripe.WebhookEndpoint]:
    params = {
        "url": receiver.url,
        "enabled_events": ["product.created", "product.updated"],
        "api_version": "2026-10-28.endive",
    }
    made = client.v1.webhook_endpoints.create(params)
    yield made
    client.v1.webhook_endpoints.delete(made.id)
    sandbox.control("DELETE", "/faults")


def event_of(shop: Shop, product: str, type: str = "product.created") -> stripe.Event:
    events = shop.v1.events.list({"type": type, "limit": 100}).data
    return next(event for event in events if event.data.object["id"] == product)


def test_the_secret_is_shown_once(shop: Shop, endpoint: stripe.WebhookEndpoint) -> None:
    assert endpoint.secret.startswith("whsec_")
    assert "secret" not in shop.v1.webhook_endpoints.retrieve(endpoint.id).to_dict()
    assert all("secret" not in found.to_dict() for found in shop.v1.webhook_endpoints.list().data)


def test_signed_with_real_time_and_only_what_was_asked_for(
    shop: Shop, endpoint: stripe.WebhookEndpoint, receiver: Receiver
) -> None:
    shop.v1.customers.create({"name": "Unheard"})
    product = shop.v1.products.create({"name": "Heard"}, {"idempotency_key": f"k-{shop.product}"})
    wait_for(lambda: receiver.got)
    ((signature, body),) = receiver.got
    event = shop.client.construct_event(body, signature, endpoint.secret, tolerance=300)
    assert (event.type, event.data.object.id) == ("product.created", product.id)
    assert event.request.idempotency_key == f"k-{shop.product}"
    for wrong in ("whsec_other", ""):
        with pytest.raises(stripe.SignatureVerificationError):
            shop.client.construct_event(body, signature, wrong)
    with pytest.raises(stripe.SignatureVerificationError):
        shop.client.construct_event(body + b" ", signature, endpoint.secret)


def test_updates_carry_what_was_before(shop: Shop, endpoint: stripe.WebhookEndpoint, receiver: Receiver) -> None:
    shop.v1.products.update(shop.product, {"name": "New name"})
    (event,) = wait_for(lambda: receiver.events("product.updated"))
    assert event["data"]["previous_attributes"]["name"] == "Site"
    assert event["data"]["object"]["name"] == "New name"


def test_retried_after_the_receiver_was_down(
    sandbox: Sandbox, shop: Shop, endpoint: stripe.WebhookEndpoint, receiver: Receiver
) -> None:
    receiver.status = 503
    product = shop.v1.products.create({"name": "Late"})
    event = event_of(shop, product.id)
    wait_for(lambda: len(sandbox.raw_attempts(event.id)) >= 2)
    assert shop.v1.events.retrieve(event.id).pending_webhooks == 1
    undelivered = shop.v1.events.list({"delivery_success": False, "limit": 100}).data
    assert event.id in [found.id for found in undelivered]
    receiver.status = 200
    wait_for(lambda: receiver.got)
    wait_for(lambda: shop.v1.events.retrieve(event.id).pending_webhooks == 0)
    assert [attempt["status"] for attempt in sandbox.raw_attempts(event.id)][-1] == 200
    assert event.id in [found.id for found in shop.v1.events.list({"delivery_success": True, "limit": 100}).data]


def test_redelivered_on_request_and_by_the_dashboard(
    sandbox: Sandbox, shop: Shop, endpoint: stripe.WebhookEndpoint, receiver: Receiver
) -> None:
    product = shop.v1.products.create({"name": "Again"})
    wait_for(lambda: receiver.got)
    event = event_of(shop, product.id)
    wait_for(lambda: shop.v1.events.retrieve(event.id).pending_webhooks == 0)
    assert sandbox.sim("POST", f"/events/{event.id}/redeliver") == {"deliveries": 1}
    wait_for(lambda: len(receiver.got) == 2)
    wait_for(lambda: shop.v1.events.retrieve(event.id).pending_webhooks == 0)
    assert sandbox.page("POST", f"/events/{event.id}/redeliver").status_code == 303
    wait_for(lambda: len(receiver.got) == 3)
    assert {json.loads(body)["id"] for _, body in receiver.got} == {event.id}
    assert "Redeliver" in sandbox.page("GET", f"/events/{event.id}").text
    assert "product.created" in sandbox.page("GET", "/").text


def test_a_disabled_endpoint_hears_nothing(shop: Shop, endpoint: stripe.WebhookEndpoint, receiver: Receiver) -> None:
    assert shop.v1.webhook_endpoints.update(endpoint.id, {"disabled": True}).status == "disabled"
    product = shop.v1.products.create({"name": "Unheard"})
    assert event_of(shop, product.id).pending_webhooks == 0
    shop.v1.webhook_endpoints.update(endpoint.id, {"disabled": False})
    shop.v1.products.create({"name": "Heard"})
    wait_for(lambda: receiver.got)
    assert [event["data"]["object"]["name"] for event in receiver.events("product.created")] == ["Heard"]


@pytest.mark.parametrize("wrong", [{"enabled_events": ["no.such"]}, {"url": "nowhere"}, {"api_version": "2019-01-01"}])
def test_wrong_endpoints_are_refused(shop: Shop, wrong: dict[str, object]) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.webhook_endpoints.create({"url": "http://127.0.0.1:1/", "enabled_events": ["*"], **wrong})


class TestFaults:
    def test_duplicate(
        self, sandbox: Sandbox, shop: Shop, endpoint: stripe.WebhookEndpoint, receiver: Receiver
    ) -> None:
        sandbox.fault("webhook:product.created", "duplicate", times=1, detail={"times": 3})
        shop.v1.products.create({"name": "Thrice"})
        wait_for(lambda: len(receiver.got) == 3)
        assert len({json.loads(body)["id"] for _, body in receiver.got}) == 1

    def test_reorder(self, sandbox: Sandbox, shop: Shop, endpoint: stripe.WebhookEndpoint, receiver: Receiver) -> None:
        sandbox.fault("webhook:product.created", "reorder", times=1, seconds=0.5)
        product = shop.v1.products.create({"name": "First"})
        shop.v1.products.update(product.id, {"name": "Second"})
        wait_for(lambda: len(receiver.got) == 2)
        assert receiver.types() == ["product.updated", "product.created"]

    def test_lose(self, sandbox: Sandbox, shop: Shop, endpoint: stripe.WebhookEndpoint, receiver: Receiver) -> None:
        sandbox.fault("webhook:product.created", "lose", times=1)
        lost = shop.v1.products.create({"name": "Lost"})
        shop.v1.products.create({"name": "Found"})
        wait_for(lambda: receiver.got)
        event = event_of(shop, lost.id)
        wait_for(lambda: shop.v1.events.retrieve(event.id).pending_webhooks == 0)
        assert lost.id not in [found["data"]["object"]["id"] for found in receiver.events("product.created")]


def test_events_are_filtered(shop: Shop) -> None:
    made = shop.v1.products.create({"name": "A"})
    shop.v1.products.update(made.id, {"name": "B"})
    types = {
        event.type for event in shop.v1.events.list({"types": ["product.created", "product.updated"], "limit": 50}).data
    }
    assert types == {"product.created", "product.updated"}
    event = event_of(shop, made.id)
    assert shop.v1.events.list({"created": {"gt": event.created + 3600}}).data == []
    assert shop.v1.events.retrieve(event.id).data.object["name"] == "A"
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.events.retrieve("evt_nothing")
