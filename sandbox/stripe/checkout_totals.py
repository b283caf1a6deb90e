"""What a checkout session costs, as far as the buyer is known."""

from typing import Any

from sandbox.stripe import discounts, lines, promotion_codes, totals
from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc


def currency(books: Books, session: Doc) -> str | None:
    found = session["_line_items"]
    return books.need("price", found[0]["price"])["currency"] if found else None


def _documents(books: Books, session: Doc) -> list[Doc]:
    """An invoice line per item; what a trial covers costs nothing today."""
    trial = session["_data"].get("trial_period_days") or session["_data"].get("trial_end")
    found = []
    for item in session["_line_items"]:
        price = books.need("price", item["price"])
        line = lines.of_price(books, price, item["quantity"] or 0, session["created"])
        if trial and price["recurring"]:
            line |= {"amount": 0, "subtotal": 0}
        line["_tax_rates"] = item["tax_rates"] or session["_data"].get("default_tax_rates", [])
        found.append(line)
    return found


def given_discounts(books: Books, session: Doc, customer: str | None) -> list[Doc]:
    """The merchant's discounts, or the code that the buyer typed in, resolved to coupons."""
    given = [{"promotion_code": session["_promotion"]}] if session["_promotion"] else session["discounts"]
    subtotal = sum(line["amount"] for line in _documents(books, session))
    return [discounts.resolve(books, one, customer, subtotal, f"discounts[{i}]") for i, one in enumerate(given)]


def compute(books: Books, session: Doc, customer: Doc | None) -> tuple[list[Doc], Doc, bool]:
    """Lines with their shares, sums, and whether tax could be computed."""
    found = _documents(books, session)
    rule = totals.tax_rule(books, customer, automatic=session["automatic_tax"]["enabled"], rates=[])
    resolved = given_discounts(books, session, (customer or {}).get("id"))
    preview = [{"id": f"di_{i}", "source": {"coupon": one["coupon"]}} for i, one in enumerate(resolved)]
    return found, totals.compute(books, found, preview, rule), rule is not None


def settle(books: Books, session: Doc, customer: Doc | None) -> None:
    """Write the amounts into the session."""
    if not session["_line_items"]:
        session |= {"amount_subtotal": None, "amount_total": None, "total_details": None}
        return
    _, sums, taxed = compute(books, session, customer)
    session |= {"amount_subtotal": sums["subtotal"], "amount_total": sums["total"]}
    details = {"amount_discount": sums["_discount"], "amount_shipping": 0, "amount_tax": sums["_tax"]}
    session["total_details"] = details
    if session["automatic_tax"]["enabled"]:
        status = "complete" if taxed else "requires_location_inputs"
        session["automatic_tax"] = {
            "enabled": True,
            "status": status,
            "liability": {"type": "self"},
            "provider": "stripe",
        }


def items(books: Books, session: Doc) -> list[Doc]:
    """Stripe's `line_items` of the session."""
    customer = books.get("customer", session["customer"]) or buyer(session)
    found, _, _ = compute(books, session, customer)
    pairs = zip(session["_line_items"], found, strict=True)
    return [_item(books, item, line) for item, line in pairs]


def buyer(session: Doc) -> Doc:
    """Somebody who is not a customer (yet)."""
    details = session.get("customer_details") or {}
    ids = details.get("tax_ids") or []
    known: Doc = {"id": None, "address": details.get("address"), "tax_exempt": details.get("tax_exempt")}
    return {**known, "_vat_id": ids[0]["value"] if ids else None}


def _item(books: Books, item: Doc, line: Doc) -> Doc:
    off = sum(part["amount"] for part in line["discount_amounts"])
    on_top: Any = sum(part["amount"] for part in line["taxes"] if part["tax_behavior"] == "exclusive")
    inside = sum(part["amount"] for part in line["taxes"]) - on_top
    product = books.get("product", line["_product"]) or {"name": ""}
    shown = {"id": item["id"], "object": "item", "price": item["price"], "quantity": item["quantity"]}
    shown |= {"amount_subtotal": line["amount"], "amount_discount": off, "amount_tax": on_top + inside}
    shown |= {"amount_total": line["amount"] - off + on_top, "currency": line["currency"]}
    return {**shown, "description": product["name"], "metadata": item["metadata"]}


def try_code(books: Books, session: Doc, code: str) -> Doc:
    """The session with a code that the buyer typed in; raises what is wrong with it."""
    found = promotion_codes.by_code(books, code)
    if found is None:
        raise promotion_codes.unknown(code)
    subtotal = sum(line["amount"] for line in _documents(books, session))
    promotion_codes.usable(books, found, session["customer"], subtotal, "promotion_code")
    return {**session, "_promotion": found["id"]}
