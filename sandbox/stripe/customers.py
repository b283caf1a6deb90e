from typing import Any

from sandbox.stripe import payment_methods, subscription_end, tax, tax_ids
from sandbox.stripe.books import Books, token
from sandbox.stripe.errors import Doc, invalid
from sandbox.stripe.events import changed, emit
from sandbox.stripe.routes import Call, Routes, assign, merge_metadata
from sandbox.stripe.views import children, includable

routes = Routes()
_FIELDS = "address business_name description email individual_name name phone preferred_locales shipping tax_exempt"
_PATH = "/v1/customers/{id}"
_URL = "/v1/customers/{id}/"

includable("customer", "tax_ids")(children("tax_id", _URL + "tax_ids", customer="id"))
includable("customer", "tax")(lambda books, customer: tax.standing(books, customer))


@includable("customer", "subscriptions")
def _subscriptions(books: Books, customer: Doc) -> Doc:
    found: Doc = children("subscription", _URL + "subscriptions", customer="id")(books, customer)
    return {**found, "data": [sub for sub in found["data"] if sub["status"] != "canceled"]}


def build(books: Books, params: Doc) -> Doc:
    clock = params.get("test_clock")
    if clock:
        books.need("test_helpers.test_clock", clock, "test_clock")
    customer = books.new("customer", "cus_", created=books.now(clock), test_clock=clock, metadata={}, balance=0)
    customer |= {"invoice_prefix": token("", 8).upper(), "next_invoice_sequence": 1, "tax_exempt": "none"}
    customer |= {
        "delinquent": False,
        "currency": None,
        "preferred_locales": [],
        "invoice_settings": _invoice_settings({}),
    }
    _apply(customer, params)
    return customer


def _invoice_settings(given: Doc) -> Doc:
    return {"custom_fields": None, "default_payment_method": None, "footer": None, "rendering_options": None, **given}


def _apply(customer: Doc, params: Doc) -> None:
    if params.get("email") and "@" not in params["email"]:
        raise invalid(f"Invalid email address: {params['email']}", "email", "email_invalid")
    assign(customer, params, _FIELDS)
    if customer.get("address"):
        customer["address"] = _address(customer["address"])
    merge_metadata(customer, params)


def _address(address: Doc) -> Doc:
    names = ("city", "country", "line1", "line2", "postal_code", "state")
    return {name: address.get(name) or None for name in names}


@routes.post(
    "/v1/customers",
    "CustomerCreateParams",
    f"metadata test_clock tax_id_data tax {_FIELDS} payment_method invoice_settings",
)
def create(call: Call) -> Doc:
    books, params = call.books, call.params
    customer = build(books, params)
    tax.require_location(customer, params)
    emit(books, "customer.created", books.put(customer))
    for data in params.get("tax_id_data", []):
        tax_ids.build(books, customer, data)
    if "payment_method" in params:
        payment_methods.attach(books, payment_methods.need(books, params["payment_method"]), customer["id"])
    _settle_invoice_settings(books, customer, params)
    return books.put(customer)


def _settle_invoice_settings(books: Books, customer: Doc, params: Doc) -> None:
    if "invoice_settings" not in params:
        return
    given: dict[str, Any] = {name: value or None for name, value in params["invoice_settings"].items()}
    if given.get("default_payment_method"):
        method = payment_methods.need(
            books, given["default_payment_method"], "invoice_settings[default_payment_method]"
        )
        if method.get("customer") != customer["id"]:
            raise invalid(
                "The payment method must be attached to the customer.", "invoice_settings[default_payment_method]"
            )
        given["default_payment_method"] = method["id"]
    customer["invoice_settings"] = {**customer["invoice_settings"], **given}


@routes.get(_PATH, "CustomerRetrieveParams")
def retrieve(call: Call) -> Doc:
    found = call.books.store.get("customer", call.id)
    if found and found.get("deleted"):
        return {"id": call.id, "object": "customer", "deleted": True}
    return call.books.need("customer", call.id, status=404)


@routes.post(_PATH, "CustomerUpdateParams", f"metadata invoice_settings tax {_FIELDS}")
def update(call: Call) -> Doc:
    return change(call.books, call.books.need("customer", call.id, status=404), call.params)


def change(books: Books, before: Doc, params: Doc) -> Doc:
    customer = {**before}
    _apply(customer, params)
    tax.require_location(customer, params)
    _settle_invoice_settings(books, customer, params)
    changed(books, "customer.updated", before, customer)
    return customer


routes.by_fields("/v1/customers", "customer", "CustomerListParams", "email test_clock")


@routes.remove(_PATH, "CustomerDeleteParams")
def delete(call: Call) -> Doc:
    """Deleting a customer cancels the subscriptions at once."""
    books = call.books
    customer = books.need("customer", call.id, status=404)
    for subscription in books.all("subscription", customer=call.id):
        if subscription["status"] not in subscription_end.ENDED:
            subscription_end.cancel(books, subscription, reason="cancellation_requested")
    gone = {"id": call.id, "object": "customer", "deleted": True}
    emit(books, "customer.deleted", customer)
    return books.put({**gone, "created": customer["created"]}) and gone
