"""Payment methods: cards and SEPA debit, with the behaviour of the test number they came from."""

import hashlib
import re

from sandbox.stripe.books import Books, token
from sandbox.stripe.errors import Doc, StripeError, invalid, missing, no_such
from sandbox.stripe.events import changed, emit
from sandbox.stripe.instruments import CARDS, IBANS, NAMED, Behaviour, Debit, declined, luhn, valid_iban
from sandbox.stripe.routes import Call, Routes, merge_metadata

routes = Routes()


def card(books: Books, number: str, *, month: int = 12, year: int = 2034, billing: Doc | None = None) -> Doc:
    number = re.sub(r"[\s-]", "", number)
    if not number.isdigit() or not luhn(number):
        message = "Your card number is incorrect."
        raise StripeError(message, status=402, type="card_error", code="incorrect_number", param="number")
    if number not in CARDS:
        message = "Your card was declined. Your request was in test mode, but used a non test card."
        raise StripeError(
            message, status=402, type="card_error", code="card_declined", decline_code="test_mode_live_card"
        )
    if not 1 <= month <= 12:
        message = "Your card's expiration month is invalid."
        raise StripeError(message, status=402, type="card_error", code="invalid_expiry_month", param="exp_month")
    print_ = hashlib.sha256(number.encode()).hexdigest()[:16]
    shown = {"brand": CARDS[number].brand, "last4": number[-4:], "exp_month": month, "exp_year": year, "country": "US"}
    shown |= {"funding": "credit", "fingerprint": print_, "display_brand": CARDS[number].brand}
    shown |= {"checks": {"cvc_check": "pass"}, "three_d_secure_usage": {"supported": True}}
    return _build(books, "card", shown, billing, _number=number)


def sepa(books: Books, iban: str, billing: Doc | None = None) -> Doc:
    iban = re.sub(r"\s", "", iban).upper()
    if not valid_iban(iban):
        raise invalid("The IBAN you provided is invalid.", "sepa_debit[iban]", "invalid_bank_account_iban")
    if iban not in IBANS:
        raise invalid("You must use a test IBAN in test mode.", "sepa_debit[iban]", "bank_account_unusable")
    if not (billing or {}).get("name") or not (billing or {}).get("email"):
        raise missing("billing_details[name] and billing_details[email]")
    print_ = hashlib.sha256(iban.encode()).hexdigest()[:16]
    shown = {"bank_code": iban[4:12], "branch_code": "", "country": iban[:2], "fingerprint": print_, "last4": iban[-4:]}
    return _build(books, "sepa_debit", shown, billing, _iban=iban)


def _build(books: Books, type: str, shown: Doc, billing: Doc | None, **private: str) -> Doc:
    empty = {"address": dict.fromkeys("city country line1 line2 postal_code state".split())}
    details = {**empty, "email": None, "name": None, "phone": None, "tax_id": None, **(billing or {})}
    doc = books.new("payment_method", "pm_", type=type, billing_details=details, metadata={}, customer=None)
    return books.put({**doc, type: shown, "allow_redisplay": "unspecified", **private})


def card_behaviour(method: Doc) -> Behaviour:
    return CARDS[method["_number"]]


def debit(method: Doc) -> Debit:
    return IBANS[method["_iban"]]


def need(books: Books, id: str, param: str = "payment_method") -> Doc:
    """`pm_card_visa` and its like make a new payment method each time they are named."""
    if id.startswith("pm_card_") and id.removeprefix("pm_card_") in NAMED:
        return card(books, NAMED[id.removeprefix("pm_card_")])
    return books.need("payment_method", id, param)


def attach(books: Books, method: Doc, customer: str) -> Doc:
    if method["customer"] not in (None, customer):
        raise invalid("The payment method you provided has already been attached to a customer.", "payment_method")
    if method["type"] == "card" and (refusal := card_behaviour(method).refuses):
        raise declined(refusal)
    if method["customer"] is None:
        method = books.put({**method, "customer": customer})
        emit(books, "payment_method.attached", method)
    return method


def detach(books: Books, method: Doc) -> Doc:
    holder = books.get("customer", method["customer"])
    if holder and holder.get("invoice_settings", {}).get("default_payment_method") == method["id"]:
        books.put({**holder, "invoice_settings": {**holder["invoice_settings"], "default_payment_method": None}})
    books.put({**method, "customer": None})
    emit(books, "payment_method.detached", {**method, "customer": None}, {"customer": method["customer"]})
    return {**method, "customer": None}


routes.retrieve("/v1/payment_methods/{id}", "payment_method", "PaymentMethodRetrieveParams")


@routes.post("/v1/payment_methods", "PaymentMethodCreateParams", "type card sepa_debit billing_details metadata")
def create(call: Call) -> Doc:
    params = call.params
    kind = params.get("type")
    if kind not in ("card", "sepa_debit"):
        raise (
            missing("type") if kind is None else invalid(f"The sandbox knows card and sepa_debit, not {kind}.", "type")
        )
    if kind not in params:
        raise missing(kind)
    method = _card(call.books, params) if kind == "card" else _sepa(call.books, params)
    merge_metadata(method, params)
    return call.books.put(method)


def _card(books: Books, params: Doc) -> Doc:
    given, billing = params["card"], params.get("billing_details")
    if "token" in given:
        name = given["token"].removeprefix("tok_")
        if name not in NAMED:
            raise no_such("token", given["token"], "card[token]")
        return card(books, NAMED[name], billing=billing)
    for name in ("number", "exp_month", "exp_year"):
        if name not in given:
            raise missing(f"card[{name}]")
    return card(books, given["number"], month=given["exp_month"], year=given["exp_year"], billing=billing)


def _sepa(books: Books, params: Doc) -> Doc:
    return sepa(books, params["sepa_debit"]["iban"], params.get("billing_details"))


@routes.listing("/v1/payment_methods", "PaymentMethodListParams", "customer type")
def list_methods(call: Call) -> list[Doc]:
    equal = {name: call.params[name] for name in ("customer", "type") if name in call.params}
    return call.books.all("payment_method", **equal) if "customer" in equal else []


@routes.listing("/v1/customers/{id}/payment_methods", "CustomerPaymentMethodListParams", "type")
def list_of_customer(call: Call) -> list[Doc]:
    equal = {name: call.params[name] for name in ("type",) if name in call.params}
    return call.books.all("payment_method", customer=call.books.need("customer", call.id, status=404)["id"], **equal)


@routes.post("/v1/payment_methods/{id}", "PaymentMethodUpdateParams", "billing_details metadata")
def update(call: Call) -> Doc:
    before = call.books.need("payment_method", call.id, status=404)
    method = {**before, "billing_details": {**before["billing_details"], **call.params.get("billing_details", {})}}
    merge_metadata(method, call.params)
    changed(call.books, "payment_method.updated", before, method)
    return method


@routes.post("/v1/payment_methods/{id}/attach", "PaymentMethodAttachParams", "customer")
def attach_method(call: Call) -> Doc:
    if "customer" not in call.params:
        raise missing("customer")
    customer = call.books.need("customer", call.params["customer"], "customer")
    return attach(call.books, need(call.books, call.id), customer["id"])


@routes.post("/v1/payment_methods/{id}/detach", "PaymentMethodDetachParams")
def detach_method(call: Call) -> Doc:
    method = call.books.need("payment_method", call.id, status=404)
    if method["customer"] is None:
        raise invalid("The payment method you provided is not attached to a customer.", "payment_method")
    return detach(call.books, method)


def mandate(books: Books, method: Doc) -> str:
    doc = books.new("mandate", "mandate_", payment_method=method["id"], status="active", type="multi_use")
    reference = {"sepa_debit": {"reference": token("", 16).upper(), "url": f"{books.url}/"}, "type": "sepa_debit"}
    acceptance = {
        "accepted_at": books.now(),
        "type": "online",
        "online": {"ip_address": "127.0.0.1", "user_agent": None},
    }
    return str(books.put({**doc, "payment_method_details": reference, "customer_acceptance": acceptance})["id"])
