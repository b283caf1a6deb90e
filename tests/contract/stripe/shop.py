"""A merchant with a price, as the tests need one."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import stripe

T = TypeVar("T")
DAY = 86_400
START = 1_800_000_000  # 2027-01-15: month lengths matter for the tests of a year
DONE = "http://127.0.0.1:1/done?session={CHECKOUT_SESSION_ID}"


def wait_for(find: Callable[[], T | None], seconds: float = 60) -> T:
    deadline = time.monotonic() + seconds
    while not (found := find()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return found


def form(**fields: str) -> dict[str, str]:
    """The hosted page, filled in."""
    card = {"method": "card", "number": "4242 4242 4242 4242", "expiry": "12/34", "cvc": "123"}
    return {"action": "pay", "email": "buyer@example.com", "name": "Buyer", "country": "DE", **card, **fields}


def post(url: str, **fields: str) -> httpx.Response:
    return httpx.post(url, data=fields, trust_env=False)


@dataclass
class Shop:
    client: stripe.StripeClient
    product: str
    price: str  # 29 EUR a month

    @property
    def v1(self) -> Any:
        return self.client.v1

    def price_of(self, amount: int, interval: str | None = "month", **more: Any) -> str:
        recurring = {"recurring": {"interval": interval}} if interval else {}
        params = {"product": self.product, "currency": "eur", "unit_amount": amount, **recurring, **more}
        return str(self.v1.prices.create(params).id)

    def session(self, **more: Any) -> Any:
        params: dict[str, Any] = {
            "mode": "subscription",
            "line_items": [{"price": self.price, "quantity": 1}],
            "success_url": DONE,
            "cancel_url": "http://127.0.0.1:1/",
            "client_reference_id": "order-1",
            "metadata": {"order": "1"},
        }
        if more.get("mode", "subscription") == "subscription":
            params["subscription_data"] = {"metadata": {"order": "1"}}
        return self.v1.checkout.sessions.create({**params, **more})

    def buy_once(self, amount: int = 5000, **more: Any) -> Any:
        items = [{"price": self.price_of(amount, None), "quantity": 1}]
        return self.session(mode="payment", line_items=items, **more)

    def clock(self) -> Any:
        return self.v1.test_helpers.test_clocks.create({"frozen_time": START})

    def advance(self, clock: Any, to: int) -> None:
        clocks = self.v1.test_helpers.test_clocks
        clocks.advance(clock.id, {"frozen_time": to})
        wait_for(lambda: clocks.retrieve(clock.id).status == "ready")

    def customer(self, card: str | None = "pm_card_visa", **more: Any) -> Any:
        """With a default payment method."""
        customer = self.v1.customers.create({"email": "buyer@example.com", "name": "Buyer", **more})
        if card:
            method = self.v1.payment_methods.attach(card, {"customer": customer.id})
            settings = {"default_payment_method": method.id}
            customer = self.v1.customers.update(customer.id, {"invoice_settings": settings})
        return customer

    def subscribe(self, customer: Any, **more: Any) -> Any:
        params = {"customer": customer.id, "items": [{"price": self.price}]}
        return self.v1.subscriptions.create({**params, **more})

    def types(self, object: str) -> list[str]:
        """The events about one object, oldest first."""
        found: list[str] = []
        path, more = "/v1/events?limit=100", True
        while more:
            page: Any = self.client.raw_request("get", path).data
            found += [event["type"] for event in page["data"] if event["data"]["object"].get("id") == object]
            more = page["has_more"]
            path = f"/v1/events?limit=100&starting_after={page['data'][-1]['id']}" if more else path
        return found[::-1]
