"""Prices: what they cost never changes after creation."""

from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc, invalid, missing
from sandbox.stripe.events import changed, emit
from sandbox.stripe.routes import Call, Routes, assign, merge_metadata
from sandbox.stripe.views import includable

routes = Routes()
_AMOUNT = "currency unit_amount unit_amount_decimal billing_scheme tiers tiers_mode transform_quantity"
_CREATE = (
    f"{_AMOUNT} active product product_data recurring tax_behavior lookup_key transfer_lookup_key nickname metadata"
)

routes.retrieve("/v1/prices/{id}", "price", "PriceRetrieveParams")
includable("price", "tiers")(lambda books, price: books.need("price", price["id"])["_tiers"])


@routes.post("/v1/prices", "PriceCreateParams", _CREATE)
def create(call: Call) -> Doc:
    return emit_created(call.books, build(call.books, call.params))


def emit_created(books: Books, price: Doc) -> Doc:
    emit(books, "price.created", price)
    return price


def build(books: Books, params: Doc) -> Doc:
    product = _product(books, params)
    price = books.new("price", "price_", active=params.get("active", True), product=product, metadata={})
    price |= {"currency": _currency(params), "nickname": params.get("nickname"), "custom_unit_amount": None}
    price |= _scheme(params) | {"recurring": _recurring(params.get("recurring"))}
    price["tax_behavior"] = params.get("tax_behavior", "unspecified")
    price["type"] = "recurring" if price["recurring"] else "one_time"
    merge_metadata(price, params)
    _claim_lookup_key(books, price, params)
    return books.put(price)


def _product(books: Books, params: Doc) -> str:
    if "product_data" in params:
        data = {"images": [], "marketing_features": [], "metadata": {}, "type": "service", "active": True}
        product = books.new("product", "prod_", **{**data, **params["product_data"]})
        emit(books, "product.created", books.put({**product, "updated": product["created"]}))
        return str(product["id"])
    if "product" not in params:
        raise missing("product")
    return str(books.need("product", params["product"], "product")["id"])


def _currency(params: Doc) -> str:
    currency = str(params["currency"]).lower()
    if not (len(currency) == 3 and currency.isalpha()):
        raise invalid(f"Invalid currency: {currency}.", "currency")
    return currency


def _scheme(params: Doc) -> Doc:
    if params.get("billing_scheme") == "tiered" or "tiers" in params:
        return _tiered(params)
    if "unit_amount" not in params and "unit_amount_decimal" not in params:
        raise missing("unit_amount")
    exact = Decimal(str(params.get("unit_amount_decimal", params.get("unit_amount"))))
    if exact < 0:
        raise invalid("Invalid non-negative integer", "unit_amount", "parameter_invalid_integer")
    whole = int(exact) if exact == exact.to_integral_value() else None
    common = {"tiers_mode": None, "transform_quantity": params.get("transform_quantity"), "billing_scheme": "per_unit"}
    return {"unit_amount": whole, "unit_amount_decimal": str(exact), **common}


def _tiered(params: Doc) -> Doc:
    tiers = params.get("tiers") or []
    if not tiers or tiers[-1]["up_to"] != "inf":
        raise invalid("The last tier must have `up_to` set to `inf`.", "tiers")
    if "tiers_mode" not in params:
        raise missing("tiers_mode")
    shown = [_tier(tier) for tier in tiers]
    amounts = {"unit_amount": None, "unit_amount_decimal": None, "transform_quantity": None}
    return {"billing_scheme": "tiered", "tiers_mode": params["tiers_mode"], "_tiers": shown, **amounts}


def _tier(tier: Doc) -> Doc:
    shown: Doc = {"up_to": None if tier["up_to"] == "inf" else int(tier["up_to"])}
    for name in ("flat_amount", "unit_amount"):
        exact = tier.get(f"{name}_decimal", tier.get(name))
        shown[name] = int(exact) if exact is not None and Decimal(str(exact)) % 1 == 0 else None
        shown[f"{name}_decimal"] = None if exact is None else str(exact)
    return shown


def _recurring(recurring: Doc | None) -> Doc | None:
    if recurring is None:
        return None
    defaults = {"interval_count": 1, "usage_type": "licensed", "meter": None, "trial_period_days": None}
    return {**defaults, **recurring}


def _claim_lookup_key(books: Books, price: Doc, params: Doc) -> None:
    key = params.get("lookup_key") or None
    price["lookup_key"] = key
    holder = books.store.first("price", lookup_key=key) if key else None
    if holder is None or holder["id"] == price["id"]:
        return
    if not params.get("transfer_lookup_key"):
        raise invalid(f"A price (`{holder['id']}`) already uses that lookup key.", "lookup_key")
    changed(books, "price.updated", holder, {**holder, "lookup_key": None})


@routes.post(
    "/v1/prices/{id}", "PriceUpdateParams", "active lookup_key transfer_lookup_key nickname metadata tax_behavior"
)
def update(call: Call) -> Doc:
    books, params = call.books, call.params
    before = books.need("price", call.id, status=404)
    price = {**before}
    if "tax_behavior" in params and before["tax_behavior"] not in ("unspecified", params["tax_behavior"]):
        raise invalid("You cannot change the tax_behavior of a price once it is set.", "tax_behavior")
    assign(price, params, "active nickname tax_behavior")
    merge_metadata(price, params)
    if "lookup_key" in params:
        _claim_lookup_key(books, price, params)
    changed(books, "price.updated", before, price)
    return price


@routes.listing("/v1/prices", "PriceListParams", "active currency lookup_keys product recurring type")
def list_prices(call: Call) -> list[Doc]:
    return [price for price in call.books.all("price") if _wanted(price, call.params)]


def _wanted(price: Doc, params: Doc) -> bool:
    equal = all(price[name] == params[name] for name in ("active", "currency", "product", "type") if name in params)
    by_key = "lookup_keys" not in params or price["lookup_key"] in params["lookup_keys"]
    recurring = price["recurring"] or {}
    return equal and by_key and all(recurring.get(name) == value for name, value in params.get("recurring", {}).items())


def amount(price: Doc, quantity: int) -> int:
    """What `quantity` units cost, in minor units, half up."""
    if price["billing_scheme"] == "tiered":
        return _round(_in_tiers(price["_tiers"], price["tiers_mode"], quantity))
    transform = price.get("transform_quantity")
    if transform:
        up = transform["round"] == "up"
        quantity = -(-quantity // transform["divide_by"]) if up else quantity // transform["divide_by"]
    return _round(Decimal(price["unit_amount_decimal"]) * quantity)


def _in_tiers(tiers: list[Doc], mode: str, quantity: int) -> Decimal:
    total, below = Decimal(0), 0
    for tier in tiers:
        top = quantity if tier["up_to"] is None else min(quantity, tier["up_to"])
        last = tier["up_to"] is None or quantity <= tier["up_to"]
        if mode == "volume" and last:
            return _cost(tier, quantity)
        if mode == "graduated" and (top > below or below == 0):
            total += _cost(tier, top - below)
        below = top
        if last:
            break
    return total


def _cost(tier: Doc, units: int) -> Decimal:
    return _exact(tier["unit_amount_decimal"]) * units + _exact(tier["flat_amount_decimal"])


def _exact(value: Any) -> Decimal:
    return Decimal(value or 0)


def _round(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def round_half_up(part: int, whole: int) -> int:
    return _round(Decimal(part) / whole)


def ceiling(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_CEILING))
