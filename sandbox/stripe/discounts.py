"""Discounts: a coupon given to a customer or subscription for a while, spread over lines to the cent."""

from decimal import ROUND_HALF_UP, Decimal

from sandbox.stripe import promotion_codes
from sandbox.stripe.books import Books
from sandbox.stripe.coupons import redeemable
from sandbox.stripe.errors import Doc, invalid
from sandbox.stripe.events import emit
from sandbox.stripe.periods import add_months


def resolve(books: Books, given: Doc, customer: str | None, subtotal: int, param: str) -> Doc:
    """A coupon or promotion code as named by a request, checked: what `give` needs."""
    if "promotion_code" in given:
        code = books.need("promotion_code", given["promotion_code"], f"{param}[promotion_code]")
        coupon = promotion_codes.usable(books, code, customer, subtotal, f"{param}[promotion_code]")
        return {"coupon": coupon["id"], "promotion_code": code["id"]}
    if "coupon" in given:
        return {"coupon": redeemable(books, given["coupon"], f"{param}[coupon]")["id"], "promotion_code": None}
    raise invalid("Each discount must name a coupon or a promotion code.", param)


def give(books: Books, resolved: Doc, *, customer: str | None, **owner: str | None) -> Doc:
    """Redeem; `owner` says whether it belongs to a subscription, a checkout session or an invoice."""
    start = books.time_of(customer)
    coupon = books.need("coupon", resolved["coupon"])
    end = add_months(start, coupon["duration_in_months"]) if coupon["duration"] == "repeating" else None
    discount = books.new(
        "discount", "di_", customer=customer, promotion_code=resolved["promotion_code"], start=start, end=end
    )
    del discount["created"], discount["livemode"]
    discount |= {"source": {"type": "coupon", "coupon": coupon["id"]}, **owner}
    _count(books, "coupon", coupon["id"])
    if resolved["promotion_code"]:
        _count(books, "promotion_code", resolved["promotion_code"])
    books.put(discount)
    if owner.get("subscription"):
        emit(books, "customer.discount.created", discount)
    return discount


def _count(books: Books, kind: str, id: str) -> None:
    books.store.update(kind, id, lambda doc: doc.update(times_redeemed=doc["times_redeemed"] + 1))


def is_running(books: Books, discount: Doc) -> bool:
    """`once` ends with the first invoice that used it."""
    ended = discount.get("end") is not None and discount["end"] <= books.time_of(discount["customer"])
    return not ended and not discount.get("_used")


def use_up(books: Books, discount: Doc) -> None:
    if coupon_of(books, discount).get("duration") == "once":
        books.put({**discount, "_used": True, "end": discount.get("end") or books.time_of(discount["customer"])})


def coupon_of(books: Books, discount: Doc) -> Doc:
    coupon = books.get("coupon", discount["source"]["coupon"])
    assert coupon is not None
    return coupon


def spread(coupon: Doc, lines: list[tuple[str | None, int]]) -> list[int]:
    """What the coupon takes off each line of (product, amount left)."""
    products = (coupon.get("_applies_to") or {}).get("products")
    bases = [amount if amount > 0 and (not products or product in products) else 0 for product, amount in lines]
    if coupon.get("percent_off"):
        return [_round(Decimal(base) * Decimal(str(coupon["percent_off"])) / 100) for base in bases]
    total = sum(bases)
    return _share(min(coupon["amount_off"], total), bases, total)


def _share(off: int, bases: list[int], total: int) -> list[int]:
    """Cumulative rounding: the shares always add up."""
    shares, seen, given = [], 0, 0
    for base in bases:
        seen += base
        upto = _round(Decimal(off) * seen / total) if total else 0
        shares.append(upto - given)
        given = upto
    return shares


def _round(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))
