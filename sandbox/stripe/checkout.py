"""Checkout sessions: what a merchant asks for. What the buyer does is `checkout_payment`."""

from urllib.parse import urlsplit

from sandbox.stripe import checkout_totals, timers
from sandbox.stripe.books import Books, token
from sandbox.stripe.errors import Doc, invalid, missing, wrong_state
from sandbox.stripe.events import emit
from sandbox.stripe.prices import build as build_price
from sandbox.stripe.routes import Call, Routes, assign, merge_metadata
from sandbox.stripe.views import includable, inflate

routes = Routes()
_KIND = "checkout.session"
_PATH = "/v1/checkout/sessions/{id}"
_PLAIN = (
    "success_url cancel_url client_reference_id customer customer_email customer_creation allow_promotion_codes "
    "billing_address_collection customer_update locale submit_type consent_collection payment_method_collection"
)
_CREATE = (
    f"{_PLAIN} mode line_items metadata discounts expires_at automatic_tax.enabled tax_id_collection custom_text "
    "invoice_creation.enabled subscription_data.metadata subscription_data.description phone_number_collection "
    "subscription_data.trial_period_days subscription_data.trial_end subscription_data.trial_settings "
    "subscription_data.default_tax_rates payment_intent_data.metadata "
    "payment_intent_data.description payment_intent_data.receipt_email payment_intent_data.setup_future_usage "
    "setup_intent_data.metadata setup_intent_data.description allowed_payment_method_types ui_mode currency "
    "invoice_creation.invoice_data.metadata invoice_creation.invoice_data.description"
)
METHODS = ("card", "sepa_debit")
_SOONEST, _LATEST = 30 * 60, 24 * 3600

routes.retrieve(_PATH, _KIND, "checkout.SessionRetrieveParams")


@includable(_KIND, "line_items")
def _line_items(books: Books, session: Doc) -> Doc:
    found = inflate(books, checkout_totals.items(books, books.need(_KIND, session["id"])))
    url = f"/v1/checkout/sessions/{session['id']}/line_items"
    return {"object": "list", "data": found, "has_more": False, "url": url}


@routes.post("/v1/checkout/sessions", "checkout.SessionCreateParams", _CREATE)
def create(call: Call) -> Doc:
    books, params = call.books, call.params
    _check(books, params)
    now = books.time_of(params.get("customer"))
    session = books.new(_KIND, "cs_test_", created=now, metadata={}, status="open", payment_status="unpaid")
    session |= {"id": token("cs_test_", 58), "mode": params["mode"], "expires_at": _expiry(params, now)}
    session |= _fixed(params) | {"_line_items": _lines(books, params), "_promotion": None, "_allowed": _methods(params)}
    assign(session, params, _PLAIN)
    merge_metadata(session, params)
    session["_data"] = params.get(f"{_DATA[params['mode']]}_data", {})
    session["currency"] = checkout_totals.currency(books, session) or params.get("currency")
    session["payment_method_types"] = [
        m for m in session["_allowed"] if m == "card" or session["currency"] in ("eur", None)
    ]
    session["url"] = f"{books.url}/c/pay/{session['id']}"
    checkout_totals.settle(books, session, books.get("customer", session.get("customer")))
    timers.start(
        books, "session_expires", session["id"], session["expires_at"], books.clock_of(session.get("customer"))
    )
    return books.put(session)


_DATA = {"payment": "payment_intent", "subscription": "subscription", "setup": "setup_intent"}


def _fixed(params: Doc) -> Doc:
    automatic = params.get("automatic_tax", {}).get("enabled", False)
    fixed: Doc = {"automatic_tax": {"enabled": automatic, "status": "requires_location_inputs" if automatic else None}}
    fixed |= {"custom_fields": [], "custom_text": params.get("custom_text", {}), "shipping_options": []}
    fixed |= {"ui_mode": "hosted_page", "payment_method_options": {}, "discounts": params.get("discounts") or []}
    collection = {"enabled": False, "required": "never", **params.get("tax_id_collection", {})}
    creation = {"enabled": False, "invoice_data": {}, **params.get("invoice_creation", {})}
    fixed |= {"tax_id_collection": collection, "customer_creation": None, "payment_method_collection": "always"}
    phone = params.get("phone_number_collection", {"enabled": False})
    fixed |= {"invoice_creation": creation if params["mode"] == "payment" else None, "phone_number_collection": phone}
    fixed |= {"payment_intent": None, "subscription": None, "setup_intent": None, "invoice": None, "customer": None}
    if params["mode"] != "subscription":
        fixed["payment_method_collection"] = "if_required"
    return fixed


def _methods(params: Doc) -> list[str]:
    wanted = params.get("allowed_payment_method_types") or list(METHODS)
    other = [name for name in wanted if name not in METHODS]
    if other:
        raise invalid(f"The sandbox knows {', '.join(METHODS)}, not {other[0]}.", "allowed_payment_method_types")
    return list(wanted)


def _check(books: Books, params: Doc) -> None:
    if "mode" not in params:
        raise missing("mode")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise invalid("The sandbox has hosted pages only.", "ui_mode", "sandbox_unsupported")
    if "success_url" not in params:
        raise missing("success_url")
    for name in ("success_url", "cancel_url"):
        _check_url(params.get(name), name)
    if params["mode"] != "setup" and not params.get("line_items"):
        raise missing("line_items")
    if params["mode"] == "setup" and "line_items" in params:
        raise invalid("`line_items` can not be used in `setup` mode.", "line_items")
    _check_mode_data(params)
    _check_people(books, params)
    if params.get("discounts") and params.get("allow_promotion_codes"):
        raise invalid("You may only specify one of these parameters: allow_promotion_codes, discounts.", "discounts")


def _check_url(url: str | None, name: str) -> None:
    if url is not None and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc):
        raise invalid("Not a valid URL", name, "url_invalid")


def _check_mode_data(params: Doc) -> None:
    for mode, name in _DATA.items():
        if f"{name}_data" in params and params["mode"] != mode:
            raise invalid(f"You can not pass `{name}_data` in `{params['mode']}` mode.", f"{name}_data")
    if "customer_creation" in params and params["mode"] == "subscription":
        raise invalid("`customer_creation` can only be used in `payment` and `setup` mode.", "customer_creation")
    if "invoice_creation" in params and params["mode"] != "payment":
        raise invalid("You can only enable invoice creation in `payment` mode.", "invoice_creation")


def _check_people(books: Books, params: Doc) -> None:
    if "customer" in params and "customer_email" in params:
        raise invalid("You may only specify one of these parameters: customer, customer_email.", "customer_email")
    updates = params.get("customer_update", {})
    if updates and "customer" not in params:
        raise invalid("`customer_update` can only be used with `customer`.", "customer_update")
    if "customer" not in params:
        return
    customer = books.need("customer", params["customer"], "customer")
    if params.get("tax_id_collection", {}).get("enabled") and updates.get("name") != "auto":
        message = (
            "Tax ID collection requires updating business name on the customer. Set `customer_update[name]` to `auto`."
        )
        raise invalid(message, "customer_update[name]")
    located = (customer.get("address") or {}).get("country")
    if params.get("automatic_tax", {}).get("enabled") and not located and updates.get("address") != "auto":
        message = "Automatic tax calculation needs a customer address. Set `customer_update[address]` to `auto`."
        raise invalid(message, "customer_update[address]", "customer_tax_location_invalid")


def _expiry(params: Doc, now: int) -> int:
    wanted: int = params.get("expires_at", now + _LATEST)
    if not now + _SOONEST - 60 <= wanted <= now + _LATEST:
        message = (
            "The `expires_at` timestamp must be 30 minutes to 24 hours after the creation of the Checkout Session."
        )
        raise invalid(message, "expires_at")
    return wanted


def _lines(books: Books, params: Doc) -> list[Doc]:
    found = [_line(books, given, index) for index, given in enumerate(params.get("line_items", []))]
    prices = [books.need("price", line["price"]) for line in found]
    recurring = [price for price in prices if price["recurring"]]
    if params["mode"] == "payment" and recurring:
        message = (
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode "
            "or use only one-time prices."
        )
        raise invalid(message, "mode")
    if params["mode"] == "subscription" and not recurring:
        raise invalid("You must provide at least one recurring price in `subscription` mode.", "line_items")
    if len({price["currency"] for price in prices}) > 1:
        raise invalid("All line items must have the same currency.", "line_items")
    return found


def _line(books: Books, given: Doc, index: int) -> Doc:
    param = f"line_items[{index}]"
    if "price_data" in given:
        price = build_price(books, given["price_data"])
    elif "price" in given:
        price = books.need("price", given["price"], f"{param}[price]")
    else:
        raise missing(f"{param}[price]")
    if not price["active"]:
        raise invalid("The price specified is inactive. This field only accepts active prices.", f"{param}[price]")
    metered = (price["recurring"] or {}).get("usage_type") == "metered"
    if not metered and not given.get("quantity"):
        raise invalid(f"Quantity is required. Add `quantity` to `{param}`", f"{param}[quantity]", "parameter_missing")
    line = {"id": token("li_"), "price": price["id"], "quantity": None if metered else given["quantity"]}
    return {**line, "metadata": given.get("metadata", {}), "tax_rates": given.get("tax_rates", [])}


@routes.listing(
    "/v1/checkout/sessions",
    "checkout.SessionListParams",
    "customer payment_intent status subscription customer_details",
)
def list_sessions(call: Call) -> list[Doc]:
    equal = {name: call.params[name] for name in _EQUAL if name in call.params}
    email = call.params.get("customer_details", {}).get("email")
    found = [s for s in call.books.all(_KIND) if all(s.get(name) == value for name, value in equal.items())]
    return [s for s in found if email is None or (s.get("customer_details") or {}).get("email") == email]


_EQUAL = ("customer", "payment_intent", "status", "subscription")


@routes.listing(_PATH + "/line_items", "checkout.SessionLineItemListParams")
def list_line_items(call: Call) -> list[Doc]:
    return list(reversed(checkout_totals.items(call.books, call.books.need(_KIND, call.id, status=404))))


@routes.post(_PATH, "checkout.SessionUpdateParams", "metadata")
def update(call: Call) -> Doc:
    before = call.books.need(_KIND, call.id, status=404)
    session = {**before}
    merge_metadata(session, call.params)
    return call.books.put(session)


@routes.post(_PATH + "/expire", "checkout.SessionExpireParams")
def expire_session(call: Call) -> Doc:
    session = call.books.need(_KIND, call.id, status=404)
    if session["status"] != "open":
        message = f'Only Checkout Sessions with a status in ["open"] can be expired. This one is {session["status"]}.'
        raise wrong_state(message)
    return expire(call.books, session)


def expire(books: Books, session: Doc) -> Doc:
    timers.stop(books, "session_expires", session["id"])
    after = {**session, "status": "expired", "url": None}
    emit(books, "checkout.session.expired", books.put(after))
    return after


@timers.action("session_expires")
def expire_when_due(books: Books, id: str) -> None:
    session = books.need(_KIND, id)
    if session["status"] == "open":
        expire(books, session)
