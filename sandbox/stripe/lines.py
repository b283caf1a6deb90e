"""Invoice lines."""

from sandbox.stripe import prices
from sandbox.stripe.books import Books, token
from sandbox.stripe.errors import Doc

_EVERY = {"day": "day", "week": "week", "month": "month", "year": "year"}


def money(amount: int, currency: str) -> str:
    sign = {"eur": "€", "usd": "$", "gbp": "£"}.get(currency, f"{currency.upper()} ")
    return f"{'-' if amount < 0 else ''}{sign}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def of_item(books: Books, subscription: Doc, item: Doc, start: int, end: int, *, quantity: int | None = None) -> Doc:
    """One period of one subscription item; `quantity` overrides it for metered prices and trials."""
    price = books.need("price", item["price"])
    units = (item.get("quantity") or 0) if quantity is None else quantity
    line = _line(books, price, units, prices.amount(price, units), start, end)
    details = {"subscription": subscription["id"], "subscription_item": item["id"], "invoice_item": None}
    details |= {"proration": False, "proration_details": {"credited_items": None}}
    line["parent"] = {"type": "subscription_item_details", "subscription_item_details": details}
    line |= {"subscription": subscription["id"], "metadata": item["metadata"] or subscription["metadata"]}
    line["_tax_rates"] = item.get("tax_rates") or []
    return line


def of_price(books: Books, price: Doc, quantity: int, now: int) -> Doc:
    return _line(books, price, quantity, prices.amount(price, quantity), now, now)


def of_invoice_item(books: Books, item: Doc) -> Doc:
    price = books.get("price", (item["pricing"] or {}).get("price_details", {}).get("price"))
    period = item["period"]
    line = _empty(item["amount"], item["currency"], period["start"], period["end"])
    line |= {"quantity": item["quantity"], "description": item["description"], "pricing": item["pricing"]}
    subscription = ((item["parent"] or {}).get("subscription_details") or {}).get("subscription")
    details = {"invoice_item": item["id"], "proration": item["proration"], "subscription": subscription}
    details["proration_details"] = {"credited_items": None}
    line["parent"] = {"type": "invoice_item_details", "invoice_item_details": details}
    line |= {"subscription": subscription, "metadata": item["metadata"], "discountable": item["discountable"]}
    tax = {"_tax_behavior": price["tax_behavior"] if price else None, "_tax_rates": item.get("tax_rates") or []}
    return {**line, **tax, "_product": price["product"] if price else None}


def _line(books: Books, price: Doc, quantity: int, amount: int, start: int, end: int) -> Doc:
    line = _empty(amount, price["currency"], start, end)
    line |= {"quantity": quantity, "description": _description(books, price, quantity), "pricing": pricing(price)}
    return {**line, "_tax_behavior": price["tax_behavior"], "_product": price["product"]}


def pricing(price: Doc) -> Doc:
    details = {"price": price["id"], "product": price["product"]}
    return {"type": "price_details", "price_details": details, "unit_amount_decimal": price["unit_amount_decimal"]}


def _empty(amount: int, currency: str, start: int, end: int) -> Doc:
    line = {"id": token("il_"), "object": "line_item", "amount": amount, "subtotal": amount, "currency": currency}
    line |= {"period": {"start": start, "end": end}, "discountable": True, "discounts": [], "livemode": False}
    return {
        **line,
        "discount_amounts": [],
        "taxes": [],
        "pretax_credit_amounts": [],
        "metadata": {},
        "invoice": None,
        "parent": None,
    }


def _description(books: Books, price: Doc, quantity: int) -> str:
    product = books.get("product", price["product"]) or {"name": price["product"]}
    recurring = price["recurring"]
    if price["unit_amount"] is None or not recurring:
        return f"{quantity} × {product['name']}" if quantity != 1 else str(product["name"])
    every = (
        _EVERY[recurring["interval"]]
        if recurring["interval_count"] == 1
        else (f"{recurring['interval_count']} {recurring['interval']}s")
    )
    return f"{quantity} × {product['name']} (at {money(price['unit_amount'], price['currency'])} / {every})"
