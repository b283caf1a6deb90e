"""Lines to totals: discounts first, then tax per line, inclusive or on top."""

from collections.abc import Callable
from typing import Any

from sandbox.stripe import discounts, tax
from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc

TaxOf = Callable[[Doc], list[tax.Tax]]


def tax_rule(books: Books, customer: Doc | None, *, automatic: bool, rates: list[str]) -> TaxOf | None:
    """How lines are taxed; None when automatic tax lacks the customer's place."""
    if automatic and not tax.country_of(customer):
        return None

    def rule(line: Doc) -> list[tax.Tax]:
        if automatic and customer is not None:
            found = tax.for_customer(books, customer, inclusive=is_inclusive(books, line))
            return [found] if found else []
        ids = line.get("_tax_rates") or rates
        return [tax.manual(books.need("tax_rate", id, "tax_rates")) for id in ids]

    return rule


def is_inclusive(books: Books, line: Doc) -> bool:
    behavior = line.get("_tax_behavior")
    return bool((behavior if behavior in ("inclusive", "exclusive") else books.setting("tax_behavior")) == "inclusive")


def compute(books: Books, lines: list[Doc], given: list[Doc], rule: TaxOf | None) -> Doc:
    """Fills each line's discounts and taxes in and answers the sums."""
    _discount(books, lines, given)
    for line in lines:
        _tax(line, rule(line) if rule else [])
    return _sums(lines)


def _discount(books: Books, lines: list[Doc], given: list[Doc]) -> None:
    for line in lines:
        line["discount_amounts"] = []
    for discount in given:
        coupon = discounts.coupon_of(books, discount)
        left = [(line.get("_product"), _after_discounts(line) if line["discountable"] else 0) for line in lines]
        for line, off in zip(lines, discounts.spread(coupon, left), strict=True):
            if off:
                line["discount_amounts"].append({"amount": off, "discount": discount["id"]})


def _after_discounts(line: Doc) -> int:
    return int(line["amount"] - sum(part["amount"] for part in line["discount_amounts"]))


def _tax(line: Doc, taxes: list[tax.Tax]) -> None:
    line["taxes"] = []
    for found in taxes:
        taxable = _after_discounts(line)
        amount = found.of(taxable)
        shown = {"amount": amount, "tax_behavior": "inclusive" if found.inclusive else "exclusive"}
        shown |= {"taxable_amount": taxable - amount if found.inclusive else taxable, "taxability_reason": found.reason}
        details = {"tax_rate": found.rate} if found.rate else None
        line["taxes"].append({**shown, "tax_rate_details": details, "type": "tax_rate_details"})


def _sums(lines: list[Doc]) -> Doc:
    subtotal = sum(line["amount"] for line in lines)
    off = sum(part["amount"] for line in lines for part in line["discount_amounts"])
    taxes = [part for line in lines for part in line["taxes"]]
    on_top = sum(part["amount"] for part in taxes if part["tax_behavior"] == "exclusive")
    inside = sum(part["amount"] for part in taxes) - on_top
    total = subtotal - off + on_top
    sums = {"subtotal": subtotal, "total": total, "total_excluding_tax": total - on_top - inside}
    before = subtotal - sum(_inside_before_discount(line) for line in lines)
    sums |= {"subtotal_excluding_tax": before, "total_taxes": _merge(taxes, ("taxable_amount", "amount"))}
    parts = [part for line in lines for part in line["discount_amounts"]]
    return {**sums, "total_discount_amounts": _merge(parts, ("amount",)), "_discount": off, "_tax": on_top + inside}


def _inside_before_discount(line: Doc) -> int:
    inside = [part for part in line["taxes"] if part["tax_behavior"] == "inclusive"]
    taxable = _after_discounts(line)
    return sum(part["amount"] * line["amount"] // taxable for part in inside) if taxable else 0


def _merge(parts: list[Doc], summed: tuple[str, ...]) -> list[Doc]:
    """Equal but for their sums become one."""
    merged: dict[Any, Doc] = {}
    for part in parts:
        key = str({name: value for name, value in part.items() if name not in summed})
        known = merged.setdefault(key, {**part, **dict.fromkeys(summed, 0)})
        for name in summed:
            known[name] += part[name]
    return list(merged.values())
