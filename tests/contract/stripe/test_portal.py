"""The billing portal: what a person does there is what the API then says."""

from typing import Any

import httpx
import pytest
import stripe

from tests.contract.stripe.shop import Shop, form, post


def features(shop: Shop, other: str) -> dict[str, Any]:
    return {
        "customer_update": {"enabled": True, "allowed_updates": ["name", "email"]},
        "invoice_history": {"enabled": True},
        "payment_method_update": {"enabled": True},
        "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
        "subscription_update": {
            "enabled": True,
            "default_allowed_updates": ["price"],
            "proration_behavior": "always_invoice",
            "products": [{"product": shop.product, "prices": [shop.price, other]}],
        },
    }


def visit(shop: Shop, customer: str, given: dict[str, Any]) -> str:
    configuration = shop.v1.billing_portal.configurations.create({"features": given})
    params = {"customer": customer, "configuration": configuration.id, "return_url": "http://127.0.0.1:1/account"}
    return str(shop.v1.billing_portal.sessions.create(params).url)


def test_a_person_changes_everything(shop: Shop) -> None:
    other = shop.price_of(4900)
    customer = shop.customer()
    subscription = shop.subscribe(customer)
    url = visit(shop, customer.id, features(shop, other))
    page = httpx.get(f"{url}?lang=de", trust_env=False)
    assert "Abonnement kündigen" in page.text
    assert "49,00" in page.text
    invoice = shop.v1.invoices.retrieve(subscription.latest_invoice)
    assert invoice.number in page.text

    about = {"subscription": subscription.id}
    assert post(url, action="cancel", **about).status_code == 303
    assert shop.v1.subscriptions.retrieve(subscription.id).cancel_at_period_end
    assert post(url, action="keep", **about).status_code == 303
    assert not shop.v1.subscriptions.retrieve(subscription.id).cancel_at_period_end

    assert post(url, action="change", price=other, **about).status_code == 303
    changed = shop.v1.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    assert (changed["items"].data[0].price.id, changed.latest_invoice.status) == (other, "paid")

    assert post(url, **form(action="method", number="4000000000000002")).status_code == 422
    assert post(url, **form(action="method", number="5555555555554444")).status_code == 303
    method = shop.v1.customers.retrieve(customer.id).invoice_settings.default_payment_method
    assert shop.v1.payment_methods.retrieve(method).card.brand == "mastercard"
    assert shop.v1.subscriptions.retrieve(subscription.id).default_payment_method == method

    assert post(url, action="customer", name="New GmbH", email="new@example.com").status_code == 303
    assert shop.v1.customers.retrieve(customer.id).name == "New GmbH"


def test_what_is_not_offered_is_refused(shop: Shop) -> None:
    customer, stranger = shop.customer(), shop.customer()
    mine, foreign = shop.subscribe(customer), shop.subscribe(stranger)
    url = visit(shop, customer.id, {"invoice_history": {"enabled": True}})
    assert post(url, action="cancel", subscription=mine.id).status_code == 422
    open_url = visit(shop, customer.id, features(shop, shop.price_of(100)))
    assert post(open_url, action="cancel", subscription=foreign.id).status_code == 422
    assert post(open_url, action="change", subscription=mine.id, price=shop.price_of(1)).status_code == 422
    assert not shop.v1.subscriptions.retrieve(foreign.id).cancel_at_period_end
    assert httpx.get(url[:-4] + "nope", trust_env=False).status_code == 404


def test_a_session_needs_a_configuration_that_exists(shop: Shop) -> None:
    params = {"customer": shop.customer().id, "configuration": "bpc_nothing"}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.billing_portal.sessions.create(params)
    assert refused.value.param == "configuration"


def test_configurations_are_changed_and_listed(shop: Shop) -> None:
    made = shop.v1.billing_portal.configurations.create({"features": {"invoice_history": {"enabled": True}}})
    changed = shop.v1.billing_portal.configurations.update(made.id, {"active": False, "metadata": {"a": "b"}})
    assert (changed.active, changed.features.invoice_history.enabled) == (False, True)
    listed = shop.v1.billing_portal.configurations.list({"active": False, "limit": 100}).data
    assert made.id in [found.id for found in listed]
