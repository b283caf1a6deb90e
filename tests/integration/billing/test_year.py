"""A year in the life of a subscription, in Stripe's test clock and ours together."""

from typing import Any

import pytest

from controlplane.billing import tasks
from controlplane.billing.claims import balance
from controlplane.billing.ledger import Claim, Decision, Invoice, Subscription
from controlplane.billing.models import Order, OrderState
from controlplane.provisioning import actions
from controlplane.provisioning import service as operations
from controlplane.provisioning.models import Kind, Operation, Phase
from tests.fixtures.shop import Shop

BAD = "pm_card_chargeCustomerFail"
GOOD = "pm_card_visa"


@pytest.fixture
def shop(shop: Shop) -> Shop:
    shop.vendors.sim("POST", "/settings", {"after_retries": "cancel", "retry_days": [3, 5, 7]})
    shop.start_test_clock()
    return shop


def use_card(shop: Shop, order: Order, method: str) -> None:
    v1: Any = shop.gateways.stripe._client.v1
    attached = v1.payment_methods.attach(method, {"customer": order.stripe_customer})
    v1.subscriptions.update(order.stripe_subscription, {"default_payment_method": attached.id})


def days(shop: Shop, count: int) -> None:
    shop.advance(days=count)
    shop.settle()
    shop.finish_operations()
    shop.steer()


def agrees_with_stripe(shop: Shop, order: Order) -> None:
    order = shop.order_by(id=order.id)
    seen = shop.gateways.stripe.subscription(order.stripe_subscription or "")
    row = shop.rows(Subscription)[0]
    assert (row.status, row.period_end, row.ended_at) == (seen.status, seen.period_end, seen.ended_at)
    theirs = {
        one.id: (one.status, one.total, one.amount_paid) for one in shop.gateways.stripe.invoices(subscription=seen.id)
    }
    assert {one.stripe_id: (one.status, one.total, one.amount_paid) for one in shop.rows(Invoice)} == theirs
    charges = shop.gateways.stripe.charges(order.stripe_customer)
    paid = [one for one in charges if one.status == "succeeded"]
    with shop.gateways.db.transaction() as session:
        assert balance(session, order.id) == (sum(one.amount for one in paid), sum(one.refunded for one in paid))


class TestRenewals:
    def test_a_month_after_month_for_a_year(self, shop: Shop) -> None:
        order = shop.live()
        for _ in range(12):
            days(shop, 31)
        assert len([row for row in shop.rows(Invoice) if row.status == "paid"]) == 13
        assert shop.tenant(order).state == "active"
        assert shop.letters() == ["order_confirmed"]
        agrees_with_stripe(shop, order)

    def test_a_year_paid_at_once(self, shop: Shop) -> None:
        order = shop.live(quoted={"interval": "year"})
        days(shop, 200)
        assert len(shop.rows(Invoice)) == 1
        days(shop, 170)
        assert [row.total for row in shop.rows(Invoice)] == [39000, 39000]
        agrees_with_stripe(shop, order)

    def test_a_trial_starts_the_tenant_and_charges_afterwards(self, shop: Shop) -> None:
        order = shop.live(quoted={"discount_code": "PROBE14"})
        assert order.state == OrderState.FUNDED
        assert shop.rows(Subscription)[0].status == "trialing"
        days(shop, 12)
        assert "trial_ends" in shop.letters()
        days(shop, 3)
        assert shop.rows(Subscription)[0].status == "active"
        assert max(row.amount_paid for row in shop.rows(Invoice)) == 3900
        agrees_with_stripe(shop, order)


class TestDunning:
    def test_a_failed_renewal_that_recovers_only_shows_a_banner(self, shop: Shop) -> None:
        order = shop.live()
        use_card(shop, order, BAD)
        days(shop, 32)
        assert shop.tenant(order).state == "past_due"
        assert shop.letters().count("payment_failed") == 1

        use_card(shop, order, GOOD)
        days(shop, 3)
        assert shop.tenant(order).state == "active"
        assert "payment_recovered" in shop.letters()
        agrees_with_stripe(shop, order)

    def test_suspended_after_the_grace_and_back_with_the_payment(self, shop: Shop) -> None:
        order = shop.live()
        use_card(shop, order, BAD)
        days(shop, 32)
        days(shop, 8)
        assert shop.tenant(order).state == "suspended"
        assert "suspended" in shop.letters()

        use_card(shop, order, GOOD)
        days(shop, 8)
        assert shop.rows(Subscription)[0].status == "active"
        assert shop.tenant(order).state == "active"
        kinds = [operation.kind for operation in shop.rows(Operation)]
        assert kinds == ["provision", "suspend", "resume"]
        agrees_with_stripe(shop, order)

    def test_the_final_failure_keeps_the_data_and_then_lets_it_go(self, shop: Shop) -> None:
        order = shop.live()
        use_card(shop, order, BAD)
        for _ in range(5):
            days(shop, 10)
        assert shop.rows(Subscription)[0].status == "canceled"
        tenant = shop.tenant(order)
        assert tenant.state == "retention"
        assert "ended" in shop.letters()
        days(shop, 31)
        shop.finish_operations()
        assert shop.tenant(order).state == "deprovisioned"
        agrees_with_stripe(shop, order)

    def test_money_for_something_that_is_over_goes_to_a_person(self, shop: Shop) -> None:
        order = shop.live()
        use_card(shop, order, BAD)
        for _ in range(5):
            days(shop, 10)
        invoice = shop.rows(Subscription)[0].latest_invoice
        use: Any = shop.gateways.stripe._client.v1
        good = use.payment_methods.attach(GOOD, {"customer": order.stripe_customer})
        use.invoices.pay(invoice, {"payment_method": good.id})
        days(shop, 1)
        assert [row.kind for row in shop.rows(Decision)] == ["late_payment"]
        assert shop.tenant(order).state == "retention"

        decision = shop.rows(Decision)[0]
        shop.decide(decision.id, "refund", "it is over")
        tasks.carry_out(shop.gateways, decision.id)
        shop.settle()
        assert [row.ours for row in shop.rows(Claim)] == [True]
        assert shop.order_by(id=order.id).frozen == ""


class TestEnding:
    def test_a_cancellation_takes_effect_at_the_end_of_what_is_paid(self, shop: Shop) -> None:
        order = shop.live()
        assert shop.owner(order).post(f"/v1/subscriptions/{order.id}/cancel", json={}).status_code == 200
        shop.settle()
        assert "cancellation_planned" in shop.letters()
        days(shop, 20)
        assert shop.tenant(order).state == "active"
        days(shop, 12)
        days(shop, 1)
        assert shop.tenant(order).state == "retention"
        agrees_with_stripe(shop, order)

    def test_a_cancellation_can_be_taken_back(self, shop: Shop) -> None:
        order = shop.live()
        shop.owner(order).post(f"/v1/subscriptions/{order.id}/cancel", json={})
        assert shop.owner(order).post(f"/v1/subscriptions/{order.id}/keep").status_code == 200
        days(shop, 33)
        assert shop.tenant(order).state == "active"


class TestChanges:
    def test_an_upgrade_is_charged_to_the_day_and_updates_the_tenant(self, shop: Shop) -> None:
        order = shop.live({"site-start": 1})
        days(shop, 15)
        asked = {"offers": {"site-business": 1, "site-storage": 2}}
        quote = shop.owner(order).post(f"/v1/subscriptions/{order.id}/quote", json=asked).json()
        assert 0 < quote["due_now"] < 7900 + 800
        answer = shop.owner(order).post(f"/v1/subscriptions/{order.id}/change", json={"quote_id": quote["id"]})
        assert answer.status_code == 200, answer.text
        again = shop.owner(order).post(f"/v1/subscriptions/{order.id}/change", json={"quote_id": quote["id"]})
        assert again.status_code == 200
        shop.settle()

        tenant = shop.tenant(order)
        assert tenant.spec["plan"] == "site-business"
        assert tenant.spec["features"]["spa"] is True
        assert [operation.kind for operation in shop.rows(Operation)] == ["provision", "update"]
        paid = [row.amount_paid for row in shop.rows(Invoice)]
        assert paid[-1] == quote["due_now"]
        agrees_with_stripe(shop, order)

    def test_less_is_given_back_as_credit_and_taken_from_the_tenant(self, shop: Shop) -> None:
        order = shop.live({"site-business": 1, "site-storage": 3})
        before = shop.tenant(order).spec
        days(shop, 10)
        asked = {"offers": {"site-business": 1, "site-storage": 1}}
        self._change(shop, order, asked)
        assert shop.tenant(order).spec["limits"]["site_bytes"] < before["limits"]["site_bytes"]
        self._change(shop, order, {"offers": {"site-start": 1}})
        tenant = shop.tenant(order)
        assert tenant.spec["plan"] == "site-start"
        assert (before["features"]["spa"], tenant.spec["features"]["spa"]) == (True, False)
        assert [operation.kind for operation in shop.rows(Operation)] == ["provision", "update", "update"]
        assert len([row for row in shop.rows(Invoice) if row.amount_paid > 0]) == 1  # nothing more was charged
        agrees_with_stripe(shop, order)

    def _change(self, shop: Shop, order: Order, asked: dict[str, Any]) -> None:
        quote = shop.owner(order).post(f"/v1/subscriptions/{order.id}/quote", json=asked).json()
        assert quote["due_now"] <= 0
        body = {"quote_id": quote["id"]}
        assert shop.owner(order).post(f"/v1/subscriptions/{order.id}/change", json=body).status_code == 200
        shop.settle()
        shop.finish_operations()

    def test_no_change_while_a_payment_is_missing(self, shop: Shop) -> None:
        order = shop.live()
        use_card(shop, order, BAD)
        days(shop, 32)
        asked = {"offers": {"site-business": 1}}
        refused = shop.owner(order).post(f"/v1/subscriptions/{order.id}/quote", json=asked)
        assert (refused.status_code, refused.json()["code"]) == (409, "not_active")

    @pytest.mark.parametrize("phase", [Phase.APPROVAL, Phase.PARKED])
    def test_a_change_that_waits_for_a_person_keeps_no_unpaid_site_up(self, shop: Shop, phase: Phase) -> None:
        order = shop.live()
        with shop.gateways.db.transaction() as session:
            change = operations.request(session, shop.gateways, shop.tenant(order), Kind.UPDATE, cause="test")
            change.phase, change.next_attempt_at = phase, None
            session.add(change)
        shop.gateways.stripe.cancel(order.stripe_subscription or "", at_period_end=False, key=f"test:{order.id}")
        shop.settle()
        with shop.gateways.db.transaction() as session:
            assert actions.end_cancelled(session, shop.gateways) == 1
        shop.clock.advance(seconds=20)
        shop.steer()
        assert [(row.kind, row.phase) for row in shop.rows(Operation)[1:]] == [
            ("update", "cancelled"),
            ("suspend", "waiting"),
        ]


class TestClaims:
    def charge(self, shop: Shop, order: Order) -> str:
        return shop.gateways.stripe.charges(order.stripe_customer)[0].id

    def test_a_dispute_freezes_until_a_person_has_looked(self, shop: Shop) -> None:
        order = shop.live()
        dispute = shop.vendors.sim("POST", "/disputes", {"charge": self.charge(shop, order)})
        shop.settle()
        shop.finish_operations()
        shop.clock.advance(seconds=20)
        shop.steer()
        assert shop.tenant(order).state == "quarantined"
        decision = shop.rows(Decision)[0]
        assert (decision.kind, decision.amount) == ("dispute", 3900)

        shop.vendors.sim("POST", f"/disputes/{dispute['id']}/close", {"outcome": "won"})
        shop.settle()
        assert shop.tenant(order).state == "quarantined"
        shop.decide(decision.id, "resume", "won")
        tasks.carry_out(shop.gateways, decision.id)
        shop.finish_operations()
        assert shop.tenant(order).state == "active"
        assert shop.rows(Claim)[0].status == "won"

    def test_a_full_refund_from_elsewhere_freezes_and_asks(self, shop: Shop) -> None:
        order = shop.live()
        use: Any = shop.gateways.stripe._client.v1
        use.refunds.create({"charge": self.charge(shop, order)})
        shop.settle()
        assert shop.order_by(id=order.id).state == OrderState.REFUNDED
        assert [row.kind for row in shop.rows(Decision)] == ["refund"]
        decision = shop.rows(Decision)[0]
        shop.decide(decision.id, "end", "withdrawn")
        shop.finish_operations()
        tasks.carry_out(shop.gateways, decision.id)
        shop.settle()
        assert shop.tenant(order).state == "retention"
        assert shop.rows(Subscription)[0].status == "canceled"
        agrees_with_stripe(shop, order)

    def test_a_warning_of_fraud_freezes_and_can_be_paid_back(self, shop: Shop) -> None:
        order = shop.live()
        shop.vendors.sim("POST", "/early_fraud_warnings", {"charge": self.charge(shop, order)})
        shop.settle()
        decision = shop.rows(Decision)[0]
        assert decision.kind == "fraud_warning"
        assert shop.rows(Operation)[-1].kind == "suspend"
        chosen = {"choice": "refund_and_end", "reason": "the bank is right"}
        shop.decide(decision.id, **chosen)
        shop.finish_operations()
        tasks.carry_out(shop.gateways, decision.id)
        tasks.carry_out(shop.gateways, decision.id)
        shop.settle()
        with shop.gateways.db.transaction() as session:
            assert balance(session, order.id) == (3900, 3900)
        assert shop.tenant(order).state == "retention"
        assert "refunded" in shop.letters()
