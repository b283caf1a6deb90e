"""After the door: who works on an event, what happens when that fails, and what people may do."""

from datetime import timedelta

import pytest

from controlplane.billing.ledger import Invoice, Reconciliation, Subscription
from controlplane.core.errors import TryLater
from controlplane.core.telemetry import OLDEST_EVENT
from controlplane.inbox import reconciliation, service, tasks
from controlplane.inbox.models import EventState, InboxEvent
from controlplane.worker import JOBS, TICKS
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

    def test_the_age_of_the_oldest_is_measured(self, shop: Shop) -> None:
        unknown_order(shop)
        shop.clock.advance(minutes=30)
        tasks.sweep(shop.gateways)
        assert 1790 < OLDEST_EVENT._value.get() < 1900

    def test_job_and_sweep_are_registered(self) -> None:
        assert "inbox.handle" in {job.name for job in JOBS["quick"]}
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
        order = shop.live()
        subscription = order.stripe_subscription
        with shop.gateways.db.transaction() as session:
            found = session.get_one(type(order), order.id)
            found.stripe_session = None
            session.add(found)
        found_now = reconciliation.run(shop.gateways).differences
        assert [one["outcome"] for one in found_now if one["id"] == subscription] == ["nobody here knows its order"]


def test_an_order_that_is_missing_is_asked_for_again() -> None:
    from controlplane.inbox import stripe_events

    row = InboxEvent(source="stripe", external_id="e", type="invoice.paid", facts={"order": "o1"})
    with pytest.raises(TryLater):
        raise stripe_events.missing(row) or AssertionError
