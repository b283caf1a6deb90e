from typing import Any

from sandbox.stripe.books import Books, token
from sandbox.stripe.coupons import is_valid, redeemable
from sandbox.stripe.errors import Doc, StripeError, invalid
from sandbox.stripe.events import changed, emit
from sandbox.stripe.routes import Call, Routes, assign, merge_metadata

routes = Routes()
_CREATE = "promotion code active customer expires_at max_redemptions metadata restrictions"


@routes.post("/v1/promotion_codes", "PromotionCodeCreateParams", _CREATE)
def create(call: Call) -> Doc:
    books, params = call.books, call.params
    coupon = redeemable(books, params["promotion"].get("coupon", ""), "promotion[coupon]")
    code = params.get("code") or token("", 8).upper()
    if by_code(books, code):
        raise invalid(
            f"An active promotion code with `code: {code}` already exists.", "code", "resource_already_exists"
        )
    limits = {"first_time_transaction": False, "minimum_amount": None, "minimum_amount_currency": None}
    doc = books.new(
        "promotion_code", "promo_", code=code, active=params.get("active", True), times_redeemed=0, metadata={}
    )
    doc |= {"promotion": {"type": "coupon", "coupon": coupon["id"]}}
    doc["restrictions"] = {**limits, **params.get("restrictions", {})}
    assign(doc, params, "customer expires_at max_redemptions")
    merge_metadata(doc, params)
    emit(books, "promotion_code.created", books.put(doc))
    return doc


@routes.get("/v1/promotion_codes/{id}", "PromotionCodeRetrieveParams")
def retrieve(call: Call) -> Doc:
    return _current(call.books, call.books.need("promotion_code", call.id, status=404))


@routes.post("/v1/promotion_codes/{id}", "PromotionCodeUpdateParams", "active metadata")
def update(call: Call) -> Doc:
    before = call.books.need("promotion_code", call.id, status=404)
    doc = {**before}
    assign(doc, call.params, "active")
    merge_metadata(doc, call.params)
    changed(call.books, "promotion_code.updated", before, doc)
    return _current(call.books, doc)


@routes.listing("/v1/promotion_codes", "PromotionCodeListParams", "active code coupon customer")
def list_codes(call: Call) -> list[Doc]:
    found = [_current(call.books, doc) for doc in call.books.all("promotion_code")]
    return [
        doc for doc in found if all(_field(doc, name) == call.params[name] for name in _FILTERS if name in call.params)
    ]


_FILTERS = ("active", "code", "coupon", "customer")


def _field(doc: Doc, name: str) -> Any:
    return doc["promotion"]["coupon"] if name == "coupon" else doc.get(name)


def by_code(books: Books, code: str) -> Doc | None:
    """Codes are not case-sensitive for the person who types them."""
    matches = (doc for doc in books.all("promotion_code") if doc["code"].lower() == code.strip().lower())
    return next((doc for doc in matches if _current(books, doc)["active"]), None)


def usable(books: Books, doc: Doc, customer: str | None, subtotal: int, param: str) -> Doc:
    """The coupon behind a code, if this customer may use it for this much."""
    limits = doc["restrictions"]
    if not _current(books, doc)["active"]:
        raise invalid("This promotion code is not active.", param, "promotion_code_expired")
    if doc.get("customer") and doc["customer"] != customer:
        raise invalid("This promotion code cannot be redeemed by this customer.", param)
    if limits["minimum_amount"] and subtotal < limits["minimum_amount"]:
        raise invalid("This promotion code needs a higher amount.", param)
    if (
        limits["first_time_transaction"]
        and customer
        and books.store.all("charge", customer=customer, status="succeeded")
    ):
        raise invalid("This promotion code is for first-time customers only.", param, "customer_max_payments")
    return redeemable(books, doc["promotion"]["coupon"], param)


def _current(books: Books, doc: Doc) -> Doc:
    coupon = books.get("coupon", doc["promotion"]["coupon"])
    used_up = doc.get("max_redemptions") is not None and doc["times_redeemed"] >= doc["max_redemptions"]
    late = doc.get("expires_at") is not None and doc["expires_at"] < books.now()
    return {**doc, "active": bool(doc["active"] and coupon and is_valid(books, coupon) and not used_up and not late)}


def unknown(code: str) -> StripeError:
    return invalid(f"No such promotion code: {code}", "promotion_code", "resource_missing")
