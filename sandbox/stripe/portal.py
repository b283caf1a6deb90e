"""The billing portal as a resource: configurations and sessions. Its page is `pages_portal`."""

from sandbox.stripe.books import Books, token
from sandbox.stripe.errors import Doc, invalid, missing
from sandbox.stripe.events import changed, emit
from sandbox.stripe.routes import Call, Routes, assign, merge_metadata

routes = Routes()
CONFIGURATION, SESSION = "billing_portal.configuration", "billing_portal.session"
_PATH = "/v1/billing_portal/configurations/{id}"
_FEATURES = " ".join(
    f"features.{name}"
    for name in (
        "customer_update",
        "invoice_history",
        "payment_method_update",
        "subscription_cancel",
        "subscription_update",
    )
)
_FIELDS = f"{_FEATURES} business_profile default_return_url metadata name"
_REASONS = ["too_expensive", "missing_features", "switched_service", "unused", "other"]

routes.retrieve(_PATH, CONFIGURATION, "billing_portal.ConfigurationRetrieveParams")
routes.by_fields(
    "/v1/billing_portal/configurations", CONFIGURATION, "billing_portal.ConfigurationListParams", "active is_default"
)


@routes.post("/v1/billing_portal/configurations", "billing_portal.ConfigurationCreateParams", _FIELDS)
def create(call: Call) -> Doc:
    books, params = call.books, call.params
    configuration = _build(books, _features(books, {}, params["features"]))
    assign(configuration, params, "default_return_url name")
    configuration["business_profile"] |= params.get("business_profile", {})
    configuration["is_default"] = not books.all(CONFIGURATION)
    merge_metadata(configuration, params)
    emit(books, "billing_portal.configuration.created", books.put(configuration))
    return configuration


def _build(books: Books, features: Doc) -> Doc:
    configuration = books.new(CONFIGURATION, "bpc_", active=True, is_default=False, metadata={}, features=features)
    configuration |= {"business_profile": {}, "login_page": {"enabled": False}, "default_return_url": None}
    return {**configuration, "updated": configuration["created"]}


def _features(books: Books, known: Doc, given: Doc) -> Doc:
    defaults: dict[str, Doc] = {
        "customer_update": {"enabled": False, "allowed_updates": []},
        "invoice_history": {"enabled": False},
        "payment_method_update": {"enabled": False},
        "subscription_cancel": {"enabled": False, "mode": "at_period_end", "proration_behavior": "none"},
        "subscription_pause": {"enabled": False, "duration": {"interval_options": [], "type": "indefinite"}},
        "subscription_update": {"enabled": False, "default_allowed_updates": [], "proration_behavior": "none"},
    }
    defaults["subscription_cancel"]["cancellation_reason"] = {"enabled": False, "options": _REASONS}
    extra = {"products": [], "schedule_at_period_end": {"conditions": []}, "trial_update_behavior": "continue_trial"}
    defaults["subscription_update"] |= extra
    features = {name: {**value, **known.get(name, {}), **given.get(name, {})} for name, value in defaults.items()}
    _check_products(books, features["subscription_update"])
    return features


def _check_products(books: Books, update: Doc) -> None:
    if update["enabled"] and not (update["products"] and update["default_allowed_updates"]):
        raise missing("features[subscription_update][products]")
    for index, product in enumerate(update["products"] or []):
        for price in product["prices"]:
            books.need("price", price, f"features[subscription_update][products][{index}][prices]")
        product.setdefault("adjustable_quantity", {"enabled": False, "maximum": None, "minimum": 1})


@routes.post(_PATH, "billing_portal.ConfigurationUpdateParams", f"{_FIELDS} active")
def update(call: Call) -> Doc:
    books, params = call.books, call.params
    before = books.need(CONFIGURATION, call.id, status=404)
    after = {**before, "updated": books.now()}
    after["features"] = _features(books, before["features"], params.get("features", {}))
    assign(after, params, "active default_return_url name")
    after["business_profile"] = {**before["business_profile"], **params.get("business_profile", {})}
    merge_metadata(after, params)
    changed(books, "billing_portal.configuration.updated", before, after)
    return after


@routes.post(
    "/v1/billing_portal/sessions",
    "billing_portal.SessionCreateParams",
    "customer configuration return_url locale flow_data",
)
def open_session(call: Call) -> Doc:
    books, params = call.books, call.params
    if "customer" not in params:
        raise missing("customer")
    customer = books.need("customer", params["customer"], "customer")
    configuration = _configuration(books, params)
    session = books.new(
        SESSION, "bps_", created=books.now(), customer=customer["id"], configuration=configuration["id"]
    )
    session |= {"return_url": params.get("return_url") or configuration["default_return_url"], "on_behalf_of": None}
    session |= {"locale": params.get("locale"), "flow": _flow(params.get("flow_data")), "_secret": token("", 32)}
    session["url"] = f"{books.url}/p/session/{session['id']}/{session['_secret']}"
    emit(books, "billing_portal.session.created", books.put(session))
    return session


def _configuration(books: Books, params: Doc) -> Doc:
    if "configuration" in params:
        return books.need(CONFIGURATION, params["configuration"], "configuration")
    found = books.store.first(CONFIGURATION, is_default=True, active=True)
    if found is None:
        message = (
            "You can't create a portal session in test mode until you save your customer portal settings: "
            "no configuration provided and no default configuration exists."
        )
        raise invalid(message, "configuration")
    return found


def _flow(given: Doc | None) -> Doc | None:
    if given is None:
        return None
    if given["type"] not in ("payment_method_update", "subscription_cancel", "subscription_update"):
        raise invalid(
            f"The sandbox does not emulate the flow {given['type']}.", "flow_data[type]", "sandbox_unsupported"
        )
    return {"after_completion": {"type": "portal_homepage"}, **given}
