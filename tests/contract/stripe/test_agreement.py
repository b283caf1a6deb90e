"""A second opinion: the same calls to localstripe, an independent implementation.

It speaks the API of 2017: no prices, checkout sessions, test clocks or error codes, so only what both know is asked.
Known differences, each on purpose: it adds `total_count` to lists, keeps metadata that is set to nothing, answers 404
to an unknown id in a parameter (Stripe: 400), and says `Not Found` instead of the code `resource_missing`.
"""

import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest
import stripe

from sandbox.ports import free_port
from tests.contract.stripe.shop import wait_for


@pytest.fixture(scope="module")
def localstripe() -> Iterator[stripe.StripeClient]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    words = [sys.executable, "-m", "localstripe", "--port", str(port), "--from-scratch"]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_for(lambda: _answers(url), seconds=60)
        yield stripe.StripeClient("sk_test_12345", base_addresses={"api": url}, max_network_retries=0)
        process.terminate()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).status_code > 0
    except httpx.TransportError:
        return False


@pytest.fixture(params=["sandbox", "localstripe"])
def both(request: pytest.FixtureRequest, client: stripe.StripeClient) -> stripe.StripeClient:
    found: stripe.StripeClient = request.getfixturevalue("localstripe") if request.param == "localstripe" else client
    return found


def test_customers(both: stripe.StripeClient) -> None:
    v1 = both.v1
    customer = v1.customers.create({"email": "a@example.com", "name": "A", "metadata": {"order": "1"}})
    assert (customer.email, customer.name, customer.delinquent) == ("a@example.com", "A", False)
    customer = v1.customers.update(customer.id, {"name": "B", "metadata": {"more": "2"}})
    assert (customer.name, customer.metadata.to_dict()) == ("B", {"order": "1", "more": "2"})
    assert customer.id in [one.id for one in v1.customers.list({"limit": 3}).data]
    assert v1.customers.delete(customer.id).deleted is True


def test_methods_and_payments(both: stripe.StripeClient) -> None:
    v1 = both.v1
    customer = v1.customers.create({"email": "a@example.com"})
    method = v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    assert method.card is not None
    assert (method.card.brand, method.card.last4, method.customer) == ("visa", "4242", customer.id)
    settings = {"default_payment_method": method.id}
    customer = v1.customers.update(customer.id, {"invoice_settings": settings})  # type: ignore[typeddict-item]
    assert customer.invoice_settings
    assert customer.invoice_settings.default_payment_method == method.id
    intent = v1.payment_intents.create(
        {"amount": 500, "currency": "eur", "customer": customer.id, "payment_method": method.id, "confirm": True}
    )  # fmt: skip
    assert (intent.status, intent.amount) == ("succeeded", 500)


def test_coupons_and_tax_ids(both: stripe.StripeClient) -> None:
    v1 = both.v1
    coupon = v1.coupons.create({"id": f"ten-{time.monotonic_ns()}", "percent_off": 10, "duration": "once"})
    assert (coupon.valid, coupon.percent_off, coupon.times_redeemed) == (True, 10.0, 0)
    customer = v1.customers.create({"email": "a@example.com"})
    tax_id = v1.customers.tax_ids.create(customer.id, {"type": "eu_vat", "value": "DE123456789"})
    assert (tax_id.country, tax_id.value) == ("DE", "DE123456789")


def test_setup_intents_wait_for_a_method(both: stripe.StripeClient) -> None:
    intent = both.v1.setup_intents.create({})
    assert intent.status == "requires_payment_method"
    assert intent.client_secret
    assert intent.client_secret.startswith(f"{intent.id}_secret_")


def test_refusals(both: stripe.StripeClient) -> None:
    for refused in (
        lambda: both.v1.customers.retrieve("cus_none"),
        lambda: both.v1.coupons.retrieve("none"),
    ):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            refused()
        assert caught.value.http_status == 404
    with pytest.raises(stripe.InvalidRequestError) as unknown:
        both.v1.customers.create({"nonsense": "1"})  # type: ignore[typeddict-unknown-key]
    assert unknown.value.http_status == 400
    stranger = stripe.StripeClient("wrong", base_addresses={"api": str(both._requestor.base_addresses["api"])})
    with pytest.raises(stripe.AuthenticationError):
        stranger.v1.customers.list()
