"""A subscription bought on the hosted page; renewed, failed, recovered and cancelled with a test clock."""

import json
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import stripe

from tests.contract.stripe.conftest import DAY, Receiver, Sandbox, wait_for

START = 1_800_000_000


@dataclass
class Shop:
    sandbox: Sandbox
    client: stripe.StripeClient
    price: str

    def session(self, **more: Any) -> Any:
        params: dict[str, Any] = {
            "mode": "subscription",
            "line_items": [{"price": self.price, "quantity": 1}],
            "success_url": "http://127.0.0.1:1/done?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://127.0.0.1:1/",
            "client_reference_id": "order-1",
            "metadata": {"order": "1"},
            "subscription_data": {"metadata": {"order": "1"}},
        }
        return self.client.v1.checkout.sessions.create({**params, **more})

    def customer_in_test_clock(self) -> tuple[Any, Any]:
        clock = self.client.v1.test_helpers.test_clocks.create({"frozen_time": START})
        return clock, self.client.v1.customers.create({"email": "buyer@example.com", "test_clock": clock.id})

    def advance(self, clock: Any, to: int) -> None:
        self.client.v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": to})
        wait_for(lambda: self.client.v1.test_helpers.test_clocks.retrieve(clock.id).status == "ready")


@pytest.fixture
def shop(sandbox: Sandbox, client: stripe.StripeClient) -> Shop:
    product = client.v1.products.create({"name": "Site"})
    price = client.v1.prices.create(
        {"product": product.id, "currency": "eur", "unit_amount": 2900, "recurring": {"interval": "month"}}
    )
    return Shop(sandbox, client, price.id)


def form(**fields: str) -> dict[str, str]:
    card = {"method": "card", "number": "4242 4242 4242 4242", "expiry": "12/34", "cvc": "123"}
    return {"action": "pay", "email": "buyer@example.com", "name": "Buyer", "country": "DE", **card, **fields}


def test_bought_renewed_failed_recovered_and_cancelled(shop: Shop, receiver: Receiver) -> None:
    v1 = shop.client.v1
    endpoint = v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
    clock, customer = shop.customer_in_test_clock()
    session = shop.session(customer=customer.id)

    bought = httpx.post(session.url, data=form(), follow_redirects=False)
    assert bought.headers["location"] == f"http://127.0.0.1:1/done?session={session.id}"
    session = v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription"]})
    assert (session.status, session.payment_status, session.subscription.status) == ("complete", "paid", "active")
    assert session.subscription.metadata["order"] == "1"

    shop.advance(clock, START + 32 * DAY)
    subscription = v1.subscriptions.retrieve(session.subscription.id)
    renewal = v1.invoices.retrieve(subscription.latest_invoice)
    assert (renewal.status, renewal.billing_reason, renewal.amount_paid) == ("paid", "subscription_cycle", 2900)
    assert subscription["items"].data[0].current_period_start > START

    bad = v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})
    v1.subscriptions.update(subscription.id, {"default_payment_method": bad.id})
    shop.advance(clock, START + 60 * DAY)
    subscription = v1.subscriptions.retrieve(subscription.id)
    failed = v1.invoices.retrieve(subscription.latest_invoice)
    assert (subscription.status, failed.status, failed.attempt_count) == ("past_due", "open", 1)
    assert failed.next_payment_attempt

    good = v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    v1.subscriptions.update(subscription.id, {"default_payment_method": good.id})
    shop.advance(clock, failed.next_payment_attempt + 60)
    assert v1.invoices.retrieve(failed.id).status == "paid"
    assert v1.subscriptions.retrieve(subscription.id).status == "active"

    ended = v1.subscriptions.cancel(subscription.id)
    assert (ended.status, ended.ended_at) == ("canceled", failed.next_payment_attempt + 60)

    stored = [event.id for event in v1.events.list({"limit": 100}).auto_paging_iter() if _concerns(event, customer.id)]
    wait_for(lambda: set(stored) <= {json.loads(body)["id"] for _, body in receiver.got})
    for signature, body in receiver.got:
        event = shop.client.construct_event(body, signature, endpoint.secret)
        assert event.api_version == "2026-10-28.endive"
    for type in (
        "checkout.session.completed",
        "invoice.paid",
        "invoice.payment_failed",
        "customer.subscription.deleted",
    ):
        assert receiver.events(type), type
    v1.webhook_endpoints.delete(endpoint.id)


def _concerns(event: Any, customer: str) -> bool:
    return event.data.object.to_dict().get("customer") == customer
