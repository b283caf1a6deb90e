from sandbox.stripe.books import Books, token
from sandbox.stripe.errors import Doc, invalid, missing
from sandbox.stripe.events import changed, emit
from sandbox.stripe.routes import Call, Routes, assign, merge_metadata
from sandbox.stripe.views import includable

routes = Routes()
_CREATE = (
    "id amount_off applies_to currency duration duration_in_months max_redemptions metadata name percent_off redeem_by"
)

includable("coupon", "applies_to")(lambda books, coupon: books.need("coupon", coupon["id"])["_applies_to"])


@routes.post("/v1/coupons", "CouponCreateParams", _CREATE)
def create(call: Call) -> Doc:
    books, params = call.books, call.params
    _check(books, params)
    coupon = books.new("coupon", "", metadata={}, times_redeemed=0, duration=params.get("duration", "once"))
    coupon |= {"id": params.get("id") or token("", 8), "_applies_to": params.get("applies_to"), "valid": True}
    assign(coupon, params, "amount_off percent_off currency duration_in_months max_redemptions name redeem_by")
    merge_metadata(coupon, params)
    emit(books, "coupon.created", books.put(coupon))
    return coupon


def _check(books: Books, params: Doc) -> None:
    if ("percent_off" in params) == ("amount_off" in params):
        raise missing("percent_off")
    if "amount_off" in params and "currency" not in params:
        raise missing("currency")
    if not 0 < params.get("percent_off", 1) <= 100:
        raise invalid("Invalid percent_off: must be greater than 0 and at most 100.", "percent_off")
    if (params.get("duration") == "repeating") != ("duration_in_months" in params):
        raise missing("duration_in_months")
    if "id" in params and books.get("coupon", params["id"]):
        raise invalid("Coupon already exists.", "id", "resource_already_exists")


@routes.get("/v1/coupons/{id}", "CouponRetrieveParams")
def retrieve(call: Call) -> Doc:
    return current(call.books, call.books.need("coupon", call.id, status=404))


@routes.listing("/v1/coupons", "CouponListParams")
def list_coupons(call: Call) -> list[Doc]:
    return [current(call.books, coupon) for coupon in call.books.all("coupon")]


@routes.post("/v1/coupons/{id}", "CouponUpdateParams", "name metadata")
def update(call: Call) -> Doc:
    before = call.books.need("coupon", call.id, status=404)
    coupon = {**before}
    assign(coupon, call.params, "name")
    merge_metadata(coupon, call.params)
    changed(call.books, "coupon.updated", before, coupon)
    return current(call.books, coupon)


@routes.remove("/v1/coupons/{id}", "CouponDeleteParams")
def delete(call: Call) -> Doc:
    """Discounts that were already given keep a coupon that nobody can redeem any more."""
    coupon = call.books.need("coupon", call.id, status=404)
    call.books.put({**coupon, "deleted": True, "valid": False})
    emit(call.books, "coupon.deleted", coupon)
    return {"id": call.id, "object": "coupon", "deleted": True}


def current(books: Books, coupon: Doc) -> Doc:
    return {**coupon, "valid": is_valid(books, coupon)}


def is_valid(books: Books, coupon: Doc) -> bool:
    used_up = coupon.get("max_redemptions") is not None and coupon["times_redeemed"] >= coupon["max_redemptions"]
    late = coupon.get("redeem_by") is not None and coupon["redeem_by"] < books.now()
    return not (used_up or late or coupon.get("deleted"))


def redeemable(books: Books, id: str, param: str) -> Doc:
    coupon = books.need("coupon", id, param)
    if not is_valid(books, coupon):
        raise invalid(f"Coupon {id} is used up or expired.", param, "coupon_expired")
    return coupon
