"""Payment intents over the API."""

from sandbox.stripe import payment_methods, payments
from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc, StripeError, invalid, missing
from sandbox.stripe.routes import Call, Routes, assign, merge_metadata
from sandbox.stripe.shape import show

routes = Routes()
_PATH = "/v1/payment_intents/{id}"
_FIELDS = "description receipt_email setup_future_usage statement_descriptor_suffix"

routes.retrieve(_PATH, "payment_intent", "PaymentIntentRetrieveParams")
routes.by_fields("/v1/payment_intents", "payment_intent", "PaymentIntentListParams", "customer")


@routes.post(
    "/v1/payment_intents", "PaymentIntentCreateParams",
    f"amount currency customer payment_method confirm off_session metadata return_url "
    f"automatic_payment_methods {_FIELDS}",
)  # fmt: skip
def create(call: Call) -> Doc:
    books, params = call.books, call.params
    if params["amount"] < 50:
        raise invalid("Amount must be at least 50 cents.", "amount", "amount_too_small")
    if "customer" in params:
        books.need("customer", params["customer"], "customer")
    method = payment_methods.need(books, params["payment_method"]) if "payment_method" in params else None
    intent = _new(books, params, method)
    if params.get("confirm"):
        if method is None:
            raise missing("payment_method")
        return confirm(books, intent, method, off_session=bool(params.get("off_session")))
    return intent


def _new(books: Books, params: Doc, method: Doc | None) -> Doc:
    currency = params["currency"].lower()
    types = ["card", "sepa_debit"] if currency == "eur" else ["card"]
    more = {
        "metadata": params.get("metadata", {}),
        "automatic_payment_methods": params.get("automatic_payment_methods"),
    }
    intent = payments.new_intent(
        books, amount=params["amount"], currency=currency, customer=params.get("customer"), types=types, **more
    )
    assign(intent, params, _FIELDS)
    intent["_return_url"] = params.get("return_url")
    if method:
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    return books.put(intent)


def confirm(books: Books, intent: Doc, method: Doc, *, off_session: bool) -> Doc:
    intent, error = payments.confirm(books, intent, method, off_session=off_session)
    if error:
        error.extra["payment_intent"] = show(intent)
        raise error
    return intent


@routes.post(
    _PATH + "/confirm",
    "PaymentIntentConfirmParams",
    "payment_method off_session return_url setup_future_usage receipt_email",
)
def confirm_intent(call: Call) -> Doc:
    books, params = call.books, call.params
    intent = books.need("payment_intent", call.id, status=404)
    if intent["status"] not in ("requires_payment_method", "requires_confirmation"):
        raise _unexpected(intent, "confirm")
    assign(intent, params, "receipt_email setup_future_usage")
    intent["_return_url"] = params.get("return_url", intent.get("_return_url"))
    id = params.get("payment_method") or intent["payment_method"]
    if not id:
        message = "You cannot confirm this PaymentIntent because it's missing a payment method."
        raise StripeError(message, code="payment_intent_unexpected_state")
    method = payment_methods.need(books, id)
    return confirm(books, intent, method, off_session=bool(params.get("off_session")))


@routes.post(_PATH, "PaymentIntentUpdateParams", f"amount currency customer payment_method metadata {_FIELDS}")
def update(call: Call) -> Doc:
    before = call.books.need("payment_intent", call.id, status=404)
    if before["status"] not in ("requires_payment_method", "requires_confirmation", "requires_action"):
        raise _unexpected(before, "update")
    intent = {**before}
    if "payment_method" in call.params:
        intent["payment_method"] = payment_methods.need(call.books, call.params["payment_method"])["id"]
        intent["status"] = "requires_confirmation"
    assign(intent, call.params, f"amount currency customer {_FIELDS}")
    merge_metadata(intent, call.params)
    return call.books.put(intent)


@routes.post(_PATH + "/cancel", "PaymentIntentCancelParams", "cancellation_reason")
def cancel(call: Call) -> Doc:
    intent = call.books.need("payment_intent", call.id, status=404)
    if intent["status"] in ("succeeded", "canceled", "processing"):
        raise _unexpected(intent, "cancel")
    if intent.get("_invoice"):
        raise invalid("You cannot cancel the PaymentIntent of an invoice; void the invoice instead.")
    return payments.cancel(call.books, intent, call.params.get("cancellation_reason"))


def _unexpected(intent: Doc, doing: str) -> StripeError:
    message = f"You cannot {doing} this PaymentIntent because it has a status of {intent['status']}."
    return StripeError(message, code="payment_intent_unexpected_state", payment_intent=show(intent))
