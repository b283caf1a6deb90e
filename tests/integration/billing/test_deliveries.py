"""Whatever the network does to the events of a purchase, it is one tenant, and our rows say what Stripe says."""

import os
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controlplane.audit.models import AuditEntry
from controlplane.billing import fulfilment, tasks
from controlplane.billing.ledger import Invoice, Subscription
from controlplane.billing.models import PAID, Order, OrderState
from controlplane.delivery.models import Email
from controlplane.inbox import reconciliation
from controlplane.inbox import tasks as inbox
from controlplane.inbox.models import EventState, InboxEvent
from controlplane.provisioning.models import Operation
from tenants.models import Tenant
from tests.fixtures.shop import Shop
from tests.integration.billing import mortal

EXAMPLES = int(os.environ.get("DELIVERIES", "2"))  # of each story; a night may have a thousand


def handle(shop: Shop, event_id: str) -> None:
    """As the queue does: an error is written on the row, which is tried again."""
    try:
        inbox.handle(shop.gateways, event_id)
    except Exception as error:  # a busy machine's database may give up on a statement
        inbox.failed(shop.gateways, event_id, error)


@dataclass
class Workers:
    """They handle what is in the inbox, again and again, and some of them are killed with -9 on the way."""

    shop: Shop
    chance: random.Random
    kills: int = 3  # in one example: each costs a process
    deaths: int = 0

    def __call__(self, event_id: str) -> None:
        if self.kills and self.chance.random() < 0.4:
            self.kill(event_id, mortal.MOMENTS)
            return
        handle(self.shop, event_id)
        if self.chance.random() < 0.2:
            handle(self.shop, event_id)  # the queue delivers the job once more

    def kill(self, event_id: str, latest: int) -> None:
        self.kills -= 1
        self.deaths += mortal.handle(self.shop, event_id, self.chance.randint(1, latest))

    def work(self) -> None:
        waiting = [row.id for row in self.shop.rows(InboxEvent) if row.state == EventState.WAITING]
        if waiting:
            self.kill(self.chance.choice(waiting), mortal.ALWAYS_REACHED)
        jobs = waiting * 2
        self.chance.shuffle(jobs)
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(self, jobs))


def send(shop: Shop, events: list[dict[str, Any]], chance: random.Random) -> None:
    """Duplicated, shuffled, partly lost, by several connections at once."""
    kept = [event for event in events if chance.random() > 0.25]
    copies = kept + [event for event in kept if chance.random() < 0.5]
    chance.shuffle(copies)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(shop.post, copies))
    assert {answer.status_code for answer in answers} <= {200}


def come_to_rest(shop: Shop) -> None:
    """Leases run out, sweeps find what was lost, the night compares."""
    for _ in range(4):
        shop.clock.advance(minutes=6)
        for row in shop.rows(InboxEvent):
            if row.state == EventState.WAITING:
                handle(shop, row.id)
        for order in shop.rows(Order):
            if order.check_at and order.check_at <= shop.gateways.now():
                tasks.check(shop.gateways, order.id)
    shop.steer()
    reconciliation.run(shop.gateways)


def holds(shop: Shop) -> None:
    orders = shop.rows(Order)
    tenants = {tenant.order_id for tenant in shop.rows(Tenant)}
    assert len(shop.rows(Tenant)) == len(tenants)
    assert tenants == {order.id for order in orders if order.state in PAID}
    assert len([one for one in shop.rows(Operation) if one.kind == "provision"]) == len(tenants)
    assert len([one for one in shop.rows(Email) if one.kind == "order_confirmed"]) == len(tenants)
    ours = {order.id for order in orders}  # an endpoint that another test took away leaves undelivered events at Stripe
    open_ = [row for row in shop.rows(InboxEvent) if row.state in {"waiting", "parked"}]
    left = [row for row in open_ if row.facts.get("order") in ours]  # a charge names none
    assert [(row.type, row.error) for row in left] == []
    entries = [entry.object_id for entry in shop.rows(AuditEntry) if entry.action == "inbox.handled"]
    assert len(entries) == len(set(entries))
    for row in shop.rows(Subscription):
        seen = shop.gateways.stripe.subscription(row.stripe_id)
        assert (row.status, row.latest_invoice, row.cancel_at) == (seen.status, seen.latest_invoice, seen.cancel_at)
    for invoice in shop.rows(Invoice):
        theirs = shop.gateways.stripe.invoice(invoice.stripe_id)
        assert (invoice.status, invoice.amount_paid) == (theirs.status, theirs.amount_paid)


def act(shop: Shop, order: Order, story: str) -> None:
    if story == "abandoned":
        shop.gateways.stripe.expire_session(order.stripe_session or "")
        return
    shop.pay(order)
    subscription = shop.gateways.stripe.session(order.stripe_session or "").subscription
    if story == "cancelled":
        shop.gateways.stripe.cancel(subscription, at_period_end=True, key=f"test:{order.id}")


@pytest.mark.parametrize("story", ["paid", "cancelled", "abandoned"])
class TestAnyDelivery:
    def test_it_comes_out_right(self, shop: Shop, story: str) -> None:
        deaths = 0

        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(seed=st.integers(0, 10**9))
        def every_time(seed: int) -> None:
            nonlocal deaths
            chance = random.Random(seed)
            number = len(shop.rows(Order))
            order = shop.order({"site-start": 1}, slug=f"shop-{story}-{number}", email=f"b{number}@example.com")
            act(shop, order, story)
            events, workers = shop.events(), Workers(shop, chance)
            send(shop, events, chance)
            workers.work()
            if chance.random() < 0.5:
                fulfilment.refresh(shop.gateways, order.id)
            send(shop, events, chance)
            workers.work()
            deaths += workers.deaths
            come_to_rest(shop)
            holds(shop)
            expected = OrderState.EXPIRED if story == "abandoned" else OrderState.FUNDED
            assert shop.order_by(id=order.id).state == expected

        every_time()
        assert deaths or story == "abandoned"  # of its one event nothing may have come in


class TestConcurrency:
    def test_page_webhooks_and_sweep_at_the_same_moment(self, shop: Shop) -> None:
        order = shop.order()
        shop.pay(order)
        shop.deliver()
        waiting = [row.id for row in shop.rows(InboxEvent) if row.state == EventState.WAITING]
        jobs: list[Callable[[], object]] = [lambda row=row: inbox.handle(shop.gateways, row) for row in waiting]  # type: ignore[misc]
        jobs += [lambda: fulfilment.refresh(shop.gateways, order.id)] * 3
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(lambda job: job(), jobs))
        come_to_rest(shop)
        holds(shop)
        assert shop.letters() == ["order_confirmed"]

    def test_an_older_reading_never_replaces_a_newer_one(self, shop: Shop) -> None:
        from controlplane.billing import reading

        order = shop.live()
        old = reading.of_subscription(shop.gateways, order, order.stripe_subscription or "")
        shop.gateways.stripe.cancel(order.stripe_subscription or "", at_period_end=True, key="test:later")
        shop.settle()
        with shop.gateways.db.transaction() as session:
            fulfilment.apply(session, shop.gateways, fulfilment.locked(session, order.id), old)
        assert shop.rows(Subscription)[0].cancel_at_period_end is True
