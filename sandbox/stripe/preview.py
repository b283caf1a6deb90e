"""What an invoice would be: computed by doing it and undoing it, so that preview and reality can not differ."""

from typing import Any

from sandbox.stripe import discounts, invoices, items, lines, pending, periods, renewals, subscription_changes
from sandbox.stripe.books import Books, token
from sandbox.stripe.errors import Doc, missing
from sandbox.stripe.rehearsal import Rehearsal


def build(books: Books, params: Doc) -> Doc:
    invoice = _invoice(Books(books.home, Rehearsal(books.store)), params)
    return {**invoice, "id": token("upcoming_in_"), "number": None}


def _invoice(books: Books, params: Doc) -> Doc:
    if "subscription" in params:
        return _of_subscription(books, books.need("subscription", params["subscription"], "subscription"), params)
    if not params.get("subscription_details", {}).get("items"):
        raise missing("subscription_details[items]")
    return _of_new(books, _customer(books, params), params)


def _customer(books: Books, params: Doc) -> Doc:
    if "customer" in params:
        return books.need("customer", params["customer"], "customer")
    details = params.get("customer_details", {})
    guest = books.new("customer", "cus_", balance=0, metadata={}, tax_exempt=details.get("tax_exempt") or "none")
    ids = details.get("tax_ids") or []
    guest |= {"address": details.get("address") or None, "_vat_id": ids[0]["value"] if ids else None}
    return books.put({**guest, "invoice_settings": {}, "invoice_prefix": "PREVIEW", "next_invoice_sequence": 1})


def _of_new(books: Books, customer: Doc, params: Doc) -> Doc:
    """The first invoice of a subscription that does not exist."""
    now = books.now(customer.get("test_clock"))
    given = params["subscription_details"]["items"]
    found = [
        items.build(books, item, f"subscription_details[items][{i}]", start=now, end=now)
        for i, item in enumerate(given)
    ]
    end = periods.step(now, items.check(books, found), 1)
    whole: Doc = {"id": None, "metadata": {}}
    rows = [lines.of_item(books, whole, item, now, end) for item in found]
    currency = items.currency(books, found)
    tax = {"enabled": params.get("automatic_tax", {}).get("enabled", False)}
    more: dict[str, Any] = {"automatic_tax": tax, "discounts": _discounts(books, customer, params)}
    return invoices.draft(books, customer, reason="upcoming", lines=rows, currency=currency, **more)


def _discounts(books: Books, customer: Doc, params: Doc) -> list[str]:
    resolved = [
        discounts.resolve(books, given, customer["id"], 0, "discounts") for given in params.get("discounts") or []
    ]
    return [str(discounts.give(books, one, customer=customer["id"])["id"]) for one in resolved]


def _of_subscription(books: Books, subscription: Doc, params: Doc) -> Doc:
    """With changes: what they would bill. Without: the next renewal."""
    details = params.get("subscription_details", {})
    customer = books.need("customer", subscription["customer"])
    wanted = {name: details[name] for name in ("items", "proration_behavior", "proration_date") if name in details}
    if details.get("cancel_now"):
        pending.credit_unused(books, subscription)
    elif wanted.get("items"):
        after = {**subscription, "items": {**subscription["items"]}}
        moved = subscription_changes.items_and_cycle(books, subscription, after, wanted)
        subscription = books.put({name: value for name, value in after.items() if name != "_bill_period"})
        if after.get("_bill_period") or moved:
            whole = subscription_changes.period_lines(books, subscription) if after.get("_bill_period") else []
            return _draft(books, customer, subscription, [*pending.take(books, subscription), *whole])
    rows = [] if details.get("cancel_now") else renewals.upcoming_lines(books, subscription)
    return _draft(books, customer, subscription, [*pending.take(books, subscription), *rows])


def _draft(books: Books, customer: Doc, subscription: Doc, rows: list[Doc]) -> Doc:
    currency = subscription["currency"]
    return invoices.draft(books, customer, reason="upcoming", lines=rows, currency=currency, subscription=subscription)
