"""Subscription items: what is subscribed to, how many, and until when it is billed."""

from sandbox.stripe import periods
from sandbox.stripe.books import Books, token
from sandbox.stripe.errors import Doc, invalid, missing, no_such
from sandbox.stripe.prices import build as build_price

_MOST = 20


def build(books: Books, given: Doc, param: str, *, start: int, end: int) -> Doc:
    price = _price(books, given, param)
    metered = price["recurring"]["usage_type"] == "metered"
    if metered and "quantity" in given:
        raise invalid("You cannot set the quantity for metered prices.", f"{param}[quantity]")
    item = {
        "id": token("si_", 14),
        "object": "subscription_item",
        "created": start,
        "discounts": [],
        "subscription": None,
    }
    item |= {"price": price["id"], "quantity": None if metered else given.get("quantity", 1)}
    item |= {"current_period_start": start, "current_period_end": end, "metadata": given.get("metadata") or {}}
    return {**item, "tax_rates": given.get("tax_rates") or []}


def _price(books: Books, given: Doc, param: str) -> Doc:
    if "price_data" in given:
        price = build_price(books, given["price_data"])
    elif "price" in given:
        price = books.need("price", given["price"], f"{param}[price]")
    else:
        raise missing(f"{param}[price]")
    if not price["recurring"]:
        message = (
            "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`."
        )
        raise invalid(message, f"{param}[price]")
    if not price["active"]:
        raise invalid("The price specified is inactive. This field only accepts active prices.", f"{param}[price]")
    return price


def check(books: Books, items: list[Doc]) -> Doc:
    """All items share currency and interval; answers the common `recurring`."""
    if not items:
        raise missing("items")
    if len(items) > _MOST:
        raise invalid(f"A subscription has at most {_MOST} items.", "items")
    prices = [books.need("price", item["price"]) for item in items]
    ids = [price["id"] for price in prices]
    if len(set(ids)) != len(ids):
        raise invalid("Cannot add multiple subscription items with the same price.", "items")
    for name, text in (("currency", "currency"), ("interval", "interval"), ("interval_count", "interval")):
        if len({price["recurring"].get(name, price.get(name)) for price in prices}) > 1:
            message = f"All prices on a subscription must have the same {text}."
            raise invalid(message, "items")
    recurring: Doc = prices[0]["recurring"]
    return recurring


def currency(books: Books, items: list[Doc]) -> str:
    return str(books.need("price", items[0]["price"])["currency"])


def recurring(books: Books, subscription: Doc) -> Doc:
    found: Doc = books.need("price", subscription["items"]["data"][0]["price"])["recurring"]
    return found


def period(subscription: Doc) -> tuple[int, int]:
    first = subscription["items"]["data"][0]
    return first["current_period_start"], first["current_period_end"]


def set_period(subscription: Doc, start: int, end: int) -> None:
    for item in subscription["items"]["data"]:
        item |= {"current_period_start": start, "current_period_end": end}


def next_period(books: Books, subscription: Doc) -> tuple[int, int]:
    _, end = period(subscription)
    return end, periods.next_end(subscription["billing_cycle_anchor"], recurring(books, subscription), end)


def as_list(subscription: str, items: list[Doc]) -> Doc:
    for item in items:
        item["subscription"] = subscription
    url = f"/v1/subscription_items?subscription={subscription}"
    return {"object": "list", "data": items, "has_more": False, "total_count": len(items), "url": url}


def find(books: Books, id: str, param: str = "id", status: int = 404) -> tuple[Doc, Doc]:
    """An item and its subscription."""
    for subscription in books.all("subscription"):
        for item in subscription["items"]["data"]:
            if item["id"] == id:
                return subscription, item
    raise no_such("subscription_item", id, param, status)
