"""Both shapes that Stripe's versions have given an invoice and a subscription are read alike."""

from typing import Any

from controlplane.vendors import stripe_values as values

NEW: dict[str, Any] = {
    "id": "in_1",
    "status": "paid",
    "parent": {"subscription_details": {"subscription": "sub_1", "metadata": {"order": "o1", "env": "live"}}},
}
OLD: dict[str, Any] = {
    "id": "in_1",
    "status": "paid",
    "subscription": "sub_1",
    "subscription_details": {"metadata": {"order": "o1", "env": "live"}},
}


def test_an_invoice_knows_its_subscription_in_both_shapes() -> None:
    assert values.invoice(NEW) == values.invoice(OLD)
    assert (values.invoice(NEW).subscription, values.invoice(NEW).order_id) == ("sub_1", "o1")


def test_a_subscription_knows_its_period_in_both_shapes() -> None:
    item = {
        "id": "si",
        "quantity": 2,
        "price": {"id": "p", "metadata": {"offer": "site-pro"}, "recurring": {"interval": "month"}},
    }
    common = {"id": "sub_1", "status": "active", "customer": {"id": "cus_1"}}
    period = {"current_period_start": 100, "current_period_end": 200}
    old = values.subscription({**common, **period, "items": {"data": [item]}})
    new = values.subscription({**common, "items": {"data": [{**item, **period}]}})
    assert old == new
    assert new.customer == "cus_1"
    assert new.items[0].offer == "site-pro"


def test_only_complete_and_not_unpaid_is_funded() -> None:
    def page(status: str, payment: str) -> bool:
        return values.session({"id": "cs", "status": status, "payment_status": payment}).is_funded

    assert page("complete", "paid")
    assert page("complete", "no_payment_required")
    assert not page("complete", "unpaid")
    assert not page("open", "paid")
