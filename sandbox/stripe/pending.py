"""Invoice items that wait for the next invoice, among them prorations."""

from sandbox.stripe import lines, prices
from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc
from sandbox.stripe.events import emit


def build(books: Books, customer: Doc, *, amount: int, currency: str, start: int, end: int, price: Doc | None) -> Doc:
    now = books.now(customer.get("test_clock"))
    item = books.new("invoiceitem", "ii_", created=now, customer=customer["id"], amount=amount, currency=currency)
    del item["created"]
    item |= {
        "date": now,
        "period": {"start": start, "end": end},
        "quantity": 1,
        "quantity_decimal": "1",
        "invoice": None,
    }
    item |= {
        "discountable": True,
        "proration": False,
        "metadata": {},
        "parent": None,
        "description": None,
        "tax_rates": [],
    }
    item |= {"test_clock": customer.get("test_clock"), "net_amount": amount, "discounts": []}
    return {**item, "pricing": lines.pricing(price) if price else None, "proration_details": {"discount_amounts": []}}


def waiting(books: Books, subscription: Doc) -> list[Doc]:
    """For this subscription, or for its customer in general."""
    mine = (subscription["id"], None)
    found = books.store.all("invoiceitem", customer=subscription["customer"], currency=subscription["currency"])
    return [item for item in found if item["invoice"] is None and subscription_of(item) in mine]


def subscription_of(item: Doc) -> str | None:
    details = (item.get("parent") or {}).get("subscription_details") or {}
    return details.get("subscription")


def take(books: Books, subscription: Doc) -> list[Doc]:
    """Their lines; the items are marked as invoiced once the invoice exists."""
    return [lines.of_invoice_item(books, item) for item in waiting(books, subscription)]


def mark(books: Books, invoice: Doc) -> None:
    for line in invoice["lines"]["data"]:
        details = (line["parent"] or {}).get("invoice_item_details") or {}
        item = books.get("invoiceitem", details.get("invoice_item"))
        if item:
            books.put({**item, "invoice": invoice["id"]})


def prorate(books: Books, subscription: Doc, item: Doc, moment: int, *, sign: int) -> Doc | None:
    """Credit (`sign` -1) or charge for the rest of the period, by the second."""
    start, end = item["current_period_start"], item["current_period_end"]
    price = books.need("price", item["price"])
    if price["recurring"]["usage_type"] == "metered" or end <= start:
        return None
    whole = prices.amount(price, item["quantity"])
    share = prices.round_half_up(whole * max(end - moment, 0), end - start)
    customer = books.need("customer", subscription["customer"])
    word = "Unused time on" if sign < 0 else "Remaining time on"
    product = books.need("product", price["product"])["name"]
    waiting_item = build(
        books, customer, amount=sign * share, currency=price["currency"], start=moment, end=end, price=price
    )
    waiting_item |= {"proration": True, "quantity": item["quantity"], "quantity_decimal": str(item["quantity"])}
    waiting_item |= {"description": f"{word} {item['quantity']} × {product}", "discountable": False}
    details = {"subscription": subscription["id"], "subscription_item": item["id"]}
    return {**waiting_item, "parent": {"type": "subscription_details", "subscription_details": details}}


def add(books: Books, item: Doc | None) -> None:
    if item is not None:
        emit(books, "invoiceitem.created", books.put(item))


def credit_unused(books: Books, subscription: Doc) -> None:
    now = books.time_of(subscription["customer"])
    for item in subscription["items"]["data"]:
        add(books, prorate(books, subscription, item, now, sign=-1))
