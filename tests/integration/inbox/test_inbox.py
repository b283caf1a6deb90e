"""After the door: who works on an event, what happens when that fails, and what people may do."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from controlplane.billing.ledger import Invoice, Reconciliation, Subscription
from controlplane.billing.models import Order
from controlplane.core.errors import TryLater
from controlplane.core.telemetry import OLDEST_EVENT
from controlplane.gateways import Gateways
from controlplane.inbox import reconciliation, service, tasks
from controlplane.inbox.models import EventState, InboxEvent
from controlplane.worker import JOBS, TICKS
from tenants.models import Tenant
from tests.fixtures.shop import Shop
from tests.integration.inbox.test_webhooks import event


def unknown_order(shop: Shop) -> InboxEvent:
    shop.post(event())
    return shop.rows(InboxEvent)[0]


class TestHandling:
    def test_an_order_that_is_not_here_yet_is_waited_for_and_then_a_person_looks(self, shop: Shop) -> None:
        row = unknown_order(shop)
        for _ in range(service.TRIES):
            tasks.handle(shop.gateways, row.id)
            shop.clock.advance(hours=1)
        row = shop.rows(InboxEvent)[0]
        assert (row.state, row.who) == (EventState.PARKED, "operator")
        assert "is not here (yet)" in row.error

    def test_two_workers_do_not_take_the_same_event(self, shop: Shop) -> None:
        row = unknown_order(shop)
        assert service.claim(shop.gateways, row.id)
        assert service.claim(shop.gateways, row.id) is None

    def test_a_settle_with_an_old_fence_changes_nothing(self, shop: Shop) -> None:
        row = unknown_order(shop)
        first = service.claim(shop.gateways, row.id)
        shop.clock.advance(minutes=2)
        second = service.claim(shop.gateways, row.id)
        assert first
        assert second
        with shop.gateways.db.transaction() as session:
            assert service.locked(session, first) is None
            assert service.locked(session, second) is not None

    def test_a_dead_worker_is_found_by_the_sweep(self, shop: Shop) -> None:
        row = unknown_order(shop)
        service.claim(shop.gateways, row.id)
        with shop.gateways.db.transaction() as session:
            assert service.due(session, now=shop.gateways.now()) == []
            later = shop.gateways.now() + timedelta(minutes=2)
            assert [found.row_id for found in service.due(session, now=later)] == [row.id]

    def test_an_event_that_kills_its_worker_is_parked(self, shop: Shop) -> None:
        row = unknown_order(shop)
        for _ in range(service.TRIES + 1):
            service.claim(shop.gateways, row.id)
            shop.clock.advance(minutes=2)
        assert shop.rows(InboxEvent)[0].state == EventState.PARKED

    def test_the_vendor_being_down_is_no_failure(self, shop: Shop) -> None:
        order = shop.order()
        shop.pay(order)
        shop.deliver()
        shop.vendors.fault("GET /v1/*", "error", status=503)
        for row in shop.rows(InboxEvent):
            if row.state == EventState.WAITING:
                tasks.handle(shop.gateways, row.id)
        assert EventState.HANDLED not in {row.state for row in shop.rows(InboxEvent)}
        shop.vendors.lift()
        shop.clock.advance(hours=1)
        shop.work()
        assert EventState.WAITING not in {row.state for row in shop.rows(InboxEvent)}

    def test_what_was_read_since_an_event_came_is_not_read_again(self, shop: Shop) -> None:
        order = shop.order()
        shop.pay(order)
        shop.deliver()
        page = next(row for row in shop.rows(InboxEvent) if row.type == "checkout.session.completed")
        tasks.handle(shop.gateways, page.id)
        shop.vendors.fault("GET /v1/*", "error", status=503)
        early = {row.id for row in shop.rows(InboxEvent) if row.type.startswith("customer.subscription.")}
        for identity in early:
            tasks.handle(shop.gateways, identity)
        shop.vendors.lift()
        shop.gateways.stripe.cancel(
            str(shop.order_by(id=order.id).stripe_subscription), at_period_end=True, key="t:late"
        )
        shop.deliver()
        shop.vendors.fault("GET /v1/*", "error", status=503)
        late = [
            row for row in shop.rows(InboxEvent) if row.type == "customer.subscription.updated" and row.id not in early
        ]
        for row in late:
            tasks.handle(shop.gateways, row.id)
        states = {row.id: row.state for row in shop.rows(InboxEvent)}
        assert early
        assert {states[identity] for identity in early} == {EventState.HANDLED}
        assert late
        assert {states[row.id] for row in late} == {EventState.WAITING}
        shop.vendors.lift()

    def test_the_age_of_the_oldest_is_measured(self, shop: Shop) -> None:
        unknown_order(shop)
        shop.clock.advance(minutes=30)
        tasks.sweep(shop.gateways)
        assert 1790 < OLDEST_EVENT._value.get() < 1900

    def test_job_and_sweep_are_registered(self) -> None:
        assert {"inbox.handle", "money.compare"} <= {job.name for job in JOBS["quick"]}
        assert {"inbox", "billing", "emails", "reconciliation"} <= {tick.name for tick in TICKS}


class TestPeople:
    def test_an_event_is_handled_again_without_doing_it_twice(self, shop: Shop) -> None:
        order = shop.live()
        done = next(row for row in shop.rows(InboxEvent) if row.type == "checkout.session.completed")
        answer = shop.operator.post(f"/v1/inbox/{done.id}/replay", json={"reason": "to be sure"})
        assert answer.json()["state"] == "waiting"
        shop.work()
        assert next(row for row in shop.rows(InboxEvent) if row.id == done.id).state == EventState.HANDLED
        assert shop.letters() == ["order_confirmed"]
        assert shop.tenant(order).state == "active"

    def test_a_parked_event_is_put_aside_with_a_reason(self, shop: Shop) -> None:
        row = unknown_order(shop)
        assert shop.operator.post(f"/v1/inbox/{row.id}/ignore", json={"reason": ""}).status_code == 422
        assert shop.operator.post(f"/v1/inbox/{row.id}/ignore", json={"reason": "test order"}).status_code == 200
        again = shop.operator.post(f"/v1/inbox/{row.id}/ignore", json={"reason": "test order"})
        assert again.status_code == 409
        listed = shop.operator.get("/v1/inbox", params={"state": "ignored"}).json()["events"]
        assert [one["reason"] for one in listed] == ["test order"]


class TestReconciliation:
    def test_what_was_lost_is_found_and_repaired(self, shop: Shop) -> None:
        order = shop.live()
        stripe = shop.gateways.stripe
        stripe.cancel(order.stripe_subscription or "", at_period_end=True, key="test:lost")
        shop.events()  # all of these are lost
        assert shop.rows(Subscription)[0].cancel_at_period_end is False

        found = reconciliation.run(shop.gateways)
        outcomes = {
            (one["object"], one["field"]): one["outcome"]
            for one in found.differences
            if one["id"] == order.stripe_subscription
        }
        assert outcomes["subscription", "cancel_at_period_end"] == "repaired"
        assert shop.rows(Subscription)[0].cancel_at_period_end is True
        second = [
            one for one in reconciliation.run(shop.gateways).differences if one["id"] == order.stripe_subscription
        ]
        assert second == []
        assert len(shop.rows(Reconciliation)) == 2

    def test_a_tampered_mirror_is_corrected(self, shop: Shop) -> None:
        shop.live()
        with shop.gateways.db.transaction() as session:
            row = session.get_one(Invoice, shop.rows(Invoice)[0].id)
            row.amount_paid = 1
            session.add(row)
        reconciliation.run(shop.gateways)
        assert shop.rows(Invoice)[0].amount_paid == 3900

    def test_a_subscription_that_nobody_here_knows_is_reported(self, shop: Shop) -> None:
        subscription = shop.live().stripe_subscription or ""
        marks: Any = {"metadata": {"order": "of-somebody-else"}}
        shop.gateways.stripe._client.v1.subscriptions.update(subscription, marks)
        found_now = reconciliation.run(shop.gateways).differences
        assert [one["outcome"] for one in found_now if one["id"] == subscription] == ["nobody here knows its order"]

    def test_a_paid_order_whose_events_were_all_lost_is_found_at_stripe(self, shop: Shop) -> None:
        order = shop.order()
        shop.pay(order)
        shop.events()  # all of these are lost
        reconciliation.run(shop.gateways)
        assert shop.order_by(id=order.id).state == "funded"
        assert len(shop.rows(Tenant)) == 1

    def test_what_stripe_could_not_deliver_is_fetched(self, shop: Shop) -> None:
        endpoints = shop.gateways.stripe._client.v1.webhook_endpoints
        made = endpoints.create({"url": "http://127.0.0.1:9/gone", "enabled_events": ["*"]})
        try:
            order = shop.order()
            shop.pay(order)
            shop.events()  # nobody hands them over
            found = [one for one in reconciliation.run(shop.gateways).differences if one["outcome"] == "fetched"]
        finally:
            endpoints.delete(made.id)
        assert "checkout.session.completed" in {one["theirs"] for one in found}
        ours = [row for row in shop.rows(InboxEvent) if row.facts.get("order") == order.id]
        assert {"checkout.session.completed", "invoice.paid"} <= {row.type for row in ours}
        shop.work()
        states = {row.type: row.state for row in shop.rows(InboxEvent) if row.facts.get("order") == order.id}
        assert {states["checkout.session.completed"], states["invoice.paid"]} == {EventState.HANDLED}

    def test_a_little_at_a_time_and_on_from_where_it_died(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reconciliation, "SLICE", 1)
        orders = [shop.order(slug=f"slice-{n}", email=f"slice-{n}@example.com") for n in range(3)]
        for order in orders:
            shop.pay(order)
        shop.settle()
        with shop.gateways.db.transaction() as session:
            session.execute(update(Invoice).values(amount_paid=1))
        identity = reconciliation.begin(shop.gateways)
        asked = _until(shop, identity, "orders", 1)
        assert _amounts(shop).count(1) == 2
        assert reconciliation.begin(shop.gateways) == identity
        assert asked.next_attempt_at

        reconciliation._claim(shop.gateways, identity)  # and its worker dies
        assert reconciliation.advance(shop.gateways, identity) is None
        shop.clock.advance(minutes=5)
        assert [wakeup.row_id for wakeup in reconciliation.due(shop.gateways)] == [identity]
        shop.vendors.fault("GET /v1/subscriptions/*", "error", status=503, times=10)
        assert reconciliation.advance(shop.gateways, identity) is None
        assert shop.rows(Reconciliation)[0].error
        shop.vendors.lift()
        shop.clock.advance(minutes=5)
        done = reconciliation.run(shop.gateways)
        assert (done.stage, done.error, done.checked["orders"]) == ("done", "", 3)
        assert done.checked["subscriptions"] >= 3
        repaired = [one for one in done.differences if (one["field"], one["outcome"]) == ("amount_paid", "repaired")]
        assert len(repaired) == 3
        assert 1 not in _amounts(shop)

    def test_one_order_that_cannot_be_compared_keeps_no_other_from_it(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bad = shop.live(slug="bad-one", email="bad@example.com")
        good = shop.live(slug="good-one", email="good@example.com")
        shop.gateways.stripe.cancel(good.stripe_subscription or "", at_period_end=True, key="test:good")
        compare = reconciliation.compare

        def broken(gateways: Gateways, order: Order) -> list[dict[str, Any]]:
            if order.id == bad.id:
                raise KeyError("a shape that nobody knows")
            return compare(gateways, order)

        monkeypatch.setattr(reconciliation, "compare", broken)
        found = reconciliation.run(shop.gateways).differences
        assert "could not be compared: KeyError" in {one["outcome"] for one in found if one["id"] == bad.id}
        assert {one["outcome"] for one in found if one["id"] == good.stripe_subscription} == {"repaired"}


def _until(shop: Shop, identity: str, stage: str, seen: int) -> Reconciliation:
    while (row := reconciliation.advance(shop.gateways, identity)) and row.checked.get(stage, 0) < seen:
        assert row.stage != "done"
    assert row
    return row


def _amounts(shop: Shop) -> list[int]:
    return [invoice.amount_paid for invoice in shop.rows(Invoice)]


def test_an_order_that_is_missing_is_asked_for_again() -> None:
    from controlplane.inbox import stripe_events

    row = InboxEvent(source="stripe", external_id="e", type="invoice.paid", facts={"order": "o1"})
    with pytest.raises(TryLater):
        raise stripe_events.missing(row) or AssertionError
