"""A person buys a subscription on the hosted page, in German and in English; a test clock lives through the rest."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.contract.stripe.conftest import Receiver, Sandbox
from tests.contract.stripe.shop import DAY, START, Shop, wait_for

GOOD, DECLINED, ASKS = "4242 4242 4242 4242", "4000 0000 0000 0002", "4000 0025 0000 3155"
IBAN = "DE89 3704 0044 0532 0130 00"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    opened, wrong = context.new_page(), []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda line: wrong.append(line.text) if line.type == "error" and "402" not in line.text else 0)
    yield opened
    context.close()
    assert wrong == []


def fill(page: Page, number: str = GOOD) -> None:
    given = {"email": "buyer@example.com", "name": "Buyer", "number": number, "expiry": "12/34", "cvc": "123"}
    for name, value in given.items():
        if page.locator(f"#{name}").is_editable():
            page.fill(f"#{name}", value)
    page.click("button.go")


def test_in_german_then_renewed_failed_recovered_and_cancelled(
    shop: Shop, page: Page, everything: Any, receiver: Receiver, sandbox: Sandbox
) -> None:
    v1, clock = shop.v1, shop.clock()
    customer = shop.customer(card=None, test_clock=clock.id)
    session = shop.session(customer=customer.id, locale="de", success_url=receiver.thanks)
    page.goto(session.url)
    assert page.locator("button.go").inner_text() == "Zahlungspflichtig abonnieren"
    fill(page)
    page.wait_for_url(f"**/done?session={session.id}")
    session = v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription"]})
    assert (session.status, session.payment_status, session.subscription.status) == ("complete", "paid", "active")
    assert session.subscription.metadata["order"] == "1"

    _a_year_in_short(shop, clock, customer.id, session.subscription.id)
    _all_were_delivered_and_signed(shop, customer.id, everything.secret, receiver)
    _and_again_on_request(sandbox, receiver)


def _a_year_in_short(shop: Shop, clock: Any, customer: str, subscription_id: str) -> None:
    v1 = shop.v1
    shop.advance(clock, START + 32 * DAY)
    subscription = v1.subscriptions.retrieve(subscription_id)
    renewal = v1.invoices.retrieve(subscription.latest_invoice)
    assert (renewal.status, renewal.billing_reason, renewal.amount_paid) == ("paid", "subscription_cycle", 2900)
    assert subscription["items"].data[0].current_period_start > START

    bad = v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer})
    v1.subscriptions.update(subscription.id, {"default_payment_method": bad.id})
    shop.advance(clock, START + 60 * DAY)
    subscription = v1.subscriptions.retrieve(subscription.id)
    failed = v1.invoices.retrieve(subscription.latest_invoice)
    assert (subscription.status, failed.status, failed.attempt_count) == ("past_due", "open", 1)

    good = v1.payment_methods.attach("pm_card_visa", {"customer": customer})
    v1.subscriptions.update(subscription.id, {"default_payment_method": good.id})
    shop.advance(clock, failed.next_payment_attempt + 60)
    assert v1.invoices.retrieve(failed.id).status == "paid"
    assert v1.subscriptions.retrieve(subscription.id).status == "active"

    ended = v1.subscriptions.cancel(subscription.id)
    assert (ended.status, ended.ended_at) == ("canceled", failed.next_payment_attempt + 60)


def _all_were_delivered_and_signed(shop: Shop, customer: str, secret: str, receiver: Receiver) -> None:
    events = shop.v1.events.list({"limit": 100}).auto_paging_iter()
    stored = [event.id for event in events if event.data.object.to_dict().get("customer") == customer]
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


def _and_again_on_request(sandbox: Sandbox, receiver: Receiver) -> None:
    [done] = receiver.events("checkout.session.completed")
    sandbox.sim("POST", f"/events/{done['id']}/redeliver")
    wait_for(lambda: len(receiver.events("checkout.session.completed")) == 2)


def test_in_english_after_a_declined_card_and_with_a_second_factor(shop: Shop, page: Page, receiver: Receiver) -> None:
    session = shop.session(locale="en", success_url=receiver.thanks)
    page.goto(session.url)
    fill(page, DECLINED)
    assert "declined" in page.get_by_role("alert").inner_text()
    assert page.locator("#email").input_value() == "buyer@example.com"
    fill(page, ASKS)
    page.get_by_role("button", name="Refuse").or_(page.locator("button[value=refuse]")).first.click()
    page.get_by_role("alert").wait_for()
    assert shop.v1.checkout.sessions.retrieve(session.id).status == "open"
    fill(page, ASKS)
    page.locator("button[value=confirm]").click()
    page.wait_for_url("**/done?session=*")
    session = shop.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription"]})
    assert (session.payment_status, session.subscription.status) == ("paid", "active")


def test_by_debit_that_settles_later(shop: Shop, page: Page, sandbox: Sandbox, receiver: Receiver) -> None:
    session = shop.session(locale="de", success_url=receiver.thanks)
    page.goto(session.url)
    page.check("#sepa")
    page.fill("#iban", IBAN)
    page.fill("#email", "buyer@example.com")
    page.fill("#name", "Buyer")
    page.click("button.go")
    page.wait_for_url("**/done?session=*")
    session = shop.v1.checkout.sessions.retrieve(session.id, {"expand": ["invoice.payments"]})
    assert (session.status, session.payment_status) == ("complete", "unpaid")
    intent = session.invoice.payments.data[0].payment.payment_intent
    sandbox.sim("POST", f"/payment_intents/{intent}/settle", {"outcome": "succeeded"})
    wait_for(lambda: shop.v1.checkout.sessions.retrieve(session.id).payment_status == "paid")
