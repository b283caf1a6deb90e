"""Paid but not there: told why and until when, and in the end something back."""

from dataclasses import replace

import pytest

from controlplane.billing import promises, tasks
from controlplane.billing.ledger import Decision
from controlplane.billing.models import Order
from controlplane.delivery.models import Email
from tests.fixtures.shop import Shop


@pytest.fixture
def late(shop: Shop) -> Order:
    order = shop.order()
    shop.pay(order)
    shop.settle()
    shop.clock.advance(minutes=6)
    return shop.order_by(id=order.id)


def with_selling(shop: Shop, **changes: object) -> None:
    settings = shop.gateways.settings
    selling = settings.selling.model_copy(update=changes)
    shop.gateways = replace(shop.gateways, settings=settings.model_copy(update={"selling": selling}))


def test_the_buyer_and_the_operator_are_told_once(shop: Shop, late: Order) -> None:
    with_selling(shop, operator_email="ops@example.com")
    promises.sweep(shop.gateways)
    promises.sweep(shop.gateways)
    told = [row for row in shop.rows(Email) if row.kind in {"delayed", "operator_notice"}]
    assert sorted((row.kind, row.to) for row in told) == [
        ("delayed", "buyer@example.com"),
        ("operator_notice", "ops@example.com"),
    ]
    assert "UTC" in told[0].data["until"]
    assert shop.rows(Decision) == []


def test_after_the_limit_a_person_is_asked_and_the_credit_is_given_once(shop: Shop, late: Order) -> None:
    shop.clock.advance(hours=25)
    promises.sweep(shop.gateways)
    promises.sweep(shop.gateways)
    decision = shop.rows(Decision)[0]
    assert (decision.kind, decision.amount, decision.state) == ("delay", 780, "open")

    shop.choose("credit")
    tasks.carry_out(shop.gateways, decision.id)
    credits = shop.gateways.stripe._all("invoice_items", customer=late.stripe_customer)
    assert [item["amount"] for item in credits] == [-780]
    assert "credited" in shop.letters()


def test_or_a_rule_gives_it_without_a_person(shop: Shop, late: Order) -> None:
    with_selling(shop, late_automatic=True)
    shop.clock.advance(hours=25)
    promises.sweep(shop.gateways)
    decision = shop.rows(Decision)[0]
    assert (decision.choice, decision.chosen_by) == ("credit", promises.RULE)
    tasks.carry_out(shop.gateways, decision.id)
    assert shop.rows(Decision)[0].state == "done"


def test_nobody_is_told_about_a_tenant_that_is_live(shop: Shop) -> None:
    shop.live()
    shop.clock.advance(hours=48)
    promises.sweep(shop.gateways)
    assert "delayed" not in shop.letters()
