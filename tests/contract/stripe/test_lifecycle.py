"""A subscription bought on the hosted page; renewed, failed, recovered and cancelled with a test clock."""

import json
from typing import Any

from tests.contract.stripe.conftest import Receiver
from tests.contract.stripe.shop import DAY, START, Shop, form, post, wait_for


def test_bought_renewed_failed_recovered_and_cancelled(shop: Shop, everything: Any, receiver: Receiver) -> None:
    v1 = shop.v1
    clock = shop.clock()
    customer = shop.customer(card=None, test_clock=clock.id)
    session = shop.session(customer=customer.id)

    bought = post(session.url, **form())
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

    _all_were_delivered_and_signed(shop, customer.id, everything.secret, receiver)


def _all_were_delivered_and_signed(shop: Shop, customer: str, secret: str, receiver: Receiver) -> None:
    events = shop.v1.events.list({"limit": 100}).auto_paging_iter()
    stored = [event.id for event in events if _concerns(event, customer)]
    wait_for(lambda: set(stored) <= {json.loads(body)["id"] for _, body in receiver.got})
    for signature, body in receiver.got:
        event = shop.client.construct_event(body, signature, secret)
        assert event.api_version == "2026-10-28.endive"
    for type in (
        "checkout.session.completed",
        "invoice.paid",
        "invoice.payment_failed",
        "customer.subscription.deleted",
    ):
        assert receiver.events(type), type


def _concerns(event: Any, customer: str) -> bool:
    return event.data.object.to_dict().get("customer") == customer
