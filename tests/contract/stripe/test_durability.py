"""A killed process loses nothing that it acknowledged; time that was advanced is caught up with."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import stripe

from tests.contract.stripe.conftest import Receiver, Sandbox
from tests.contract.stripe.shop import DAY, START, Shop, form, post, wait_for


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Sandbox]:
    """One that may be killed."""
    running = Sandbox(tmp_path / "own")
    yield running
    running.stop()


def shop_in(own: Sandbox) -> Shop:
    client = own.client()
    product = client.v1.products.create({"name": "Site"})
    recurring = {"interval": "month"}
    params = {"product": product.id, "currency": "eur", "unit_amount": 2900, "recurring": recurring}
    return Shop(client, product.id, client.v1.prices.create(params).id)


def test_kill_in_the_middle_of_writes(own: Sandbox, receiver: Receiver) -> None:
    client, acknowledged = own.client(), []
    client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["customer.created"]})

    def write(worker: int) -> None:
        count = 0
        try:
            while True:
                options = {"idempotency_key": f"{worker}-{count}"}
                made = own.client().v1.customers.create({"name": f"{worker}-{count}"}, options)
                acknowledged.append((options["idempotency_key"], made.id))
                count += 1
        except stripe.StripeError:
            return

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(3)]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(acknowledged) > 30)
    own.kill()
    for thread in threads:
        thread.join()
    own.start()
    client = own.client()
    stored = {customer.id: customer.name for customer in client.v1.customers.list({"limit": 100}).auto_paging_iter()}
    assert {id for _, id in acknowledged} <= set(stored)
    assert len(set(stored.values())) == len(stored), "an idempotency key had two effects"
    for key, id in acknowledged[-3:]:
        assert client.v1.customers.create({"name": key}, {"idempotency_key": key}).id == id
    wait_for(lambda: {event["data"]["object"]["id"] for event in receiver.events("customer.created")} >= set(stored))


def test_kill_while_a_test_clock_advances(own: Sandbox) -> None:
    shop = shop_in(own)
    clock = shop.clock()
    customer = shop.customer(test_clock=clock.id)
    subscription = shop.subscribe(customer)
    shop.v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": START + 60 * DAY})
    own.kill()
    own.start()
    shop = replace(shop, client=own.client())
    wait_for(lambda: shop.v1.test_helpers.test_clocks.retrieve(clock.id).status == "ready")
    invoices = shop.v1.invoices.list({"subscription": subscription.id}).data
    assert [invoice.status for invoice in invoices] == ["paid"] * 3


def test_the_emulated_time_of_the_sandbox_renews_as_well(own: Sandbox) -> None:
    shop = shop_in(own)
    session = shop.session()
    assert post(session.url, **form()).status_code == 303
    abandoned = shop.session()
    own.control("POST", "/clock/advance", {"seconds": 2 * DAY})
    (expired,) = shop.v1.events.list({"type": "checkout.session.expired"}).data
    assert (expired.data.object["id"], expired.created) == (abandoned.id, abandoned.expires_at)
    own.control("POST", "/clock/advance", {"seconds": 30 * DAY})
    subscription = shop.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["subscription.latest_invoice"]}
    ).subscription
    assert (subscription.status, subscription.latest_invoice.billing_reason) == ("active", "subscription_cycle")
    assert subscription.latest_invoice.status == "paid"
    assert shop.v1.events.list({"type": "checkout.session.expired"}).data == [], "Stripe keeps events for 30 days"


def test_test_clocks_go_forward_and_not_too_far(own: Sandbox) -> None:
    shop = shop_in(own)
    clocks = shop.v1.test_helpers.test_clocks
    clock = clocks.create({"frozen_time": START, "name": "Year"})
    shop.subscribe(shop.customer(test_clock=clock.id))
    for wrong in (START, START - 1, START + 366 * DAY):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            clocks.advance(clock.id, {"frozen_time": wrong})
        assert refused.value.param == "frozen_time"
    assert [found.name for found in clocks.list().data] == ["Year"]
    assert clocks.delete(clock.id).deleted
    with pytest.raises(stripe.InvalidRequestError):
        clocks.retrieve(clock.id)
    assert shop.v1.subscriptions.list({"status": "all"}).data == []


def test_starts_and_answers_quickly(own: Sandbox) -> None:
    own.kill()
    started = time.monotonic()
    own.start()
    assert own.client().v1.products.list().data == []
    assert time.monotonic() - started < 10
