"""Setup intents: saving a way to pay without paying."""

from typing import Any

from sandbox.stripe import payment_methods
from sandbox.stripe.books import Books, token
from sandbox.stripe.errors import Doc, StripeError, invalid, missing
from sandbox.stripe.events import emit
from sandbox.stripe.instruments import declined
from sandbox.stripe.routes import Call, Routes, assign, merge_metadata

routes = Routes()
_PATH = "/v1/setup_intents/{id}"

routes.retrieve(_PATH, "setup_intent", "SetupIntentRetrieveParams")
routes.by_fields("/v1/setup_intents", "setup_intent", "SetupIntentListParams", "customer payment_method")


def new_intent(books: Books, *, customer: str | None, **more: Any) -> Doc:
    intent = books.new("setup_intent", "seti_", created=books.time_of(customer), customer=customer, metadata={})
    intent |= {
        "status": "requires_payment_method",
        "usage": "off_session",
        "payment_method_types": ["card", "sepa_debit"],
    }
    intent |= {
        "next_action": None,
        "last_setup_error": None,
        "payment_method": None,
        "payment_method_options": {},
        **more,
    }
    intent["client_secret"] = f"{intent['id']}_secret_{token('', 24)}"
    emit(books, "setup_intent.created", books.put(intent))
    return intent


def succeed(books: Books, intent: Doc, method: Doc, *, authenticated: bool) -> Doc:
    if authenticated:
        method = books.put({**method, "_authenticated": True})
    if method["type"] == "sepa_debit":
        intent["mandate"] = payment_methods.mandate(books, method)
    if intent["customer"]:
        payment_methods.attach(books, method, intent["customer"])
    done = {**intent, "status": "succeeded", "payment_method": method["id"], "next_action": None}
    emit(books, "setup_intent.succeeded", books.put(done))
    return done


def confirm(books: Books, intent: Doc, method: Doc) -> Doc:
    if method["type"] == "card":
        behaviour = payment_methods.card_behaviour(method)
        if behaviour.refuses:
            raise _refuse(books, intent, declined(behaviour.refuses))
        if behaviour.challenge:
            action = {"url": f"{books.url}/c/challenge/{intent['id']}", "return_url": intent.get("_return_url")}
            waiting = {**intent, "status": "requires_action", "payment_method": method["id"]}
            waiting["next_action"] = {"type": "redirect_to_url", "redirect_to_url": action}
            emit(books, "setup_intent.requires_action", books.put(waiting))
            return waiting
    return succeed(books, intent, method, authenticated=False)


def _refuse(books: Books, intent: Doc, error: StripeError) -> StripeError:
    after = {**intent, "status": "requires_payment_method", "payment_method": None}
    after["last_setup_error"] = error.body()["error"]
    emit(books, "setup_intent.setup_failed", books.put(after))
    return error


@routes.post(
    "/v1/setup_intents",
    "SetupIntentCreateParams",
    "customer payment_method confirm description metadata usage return_url",
)
def create(call: Call) -> Doc:
    books, params = call.books, call.params
    if "customer" in params:
        books.need("customer", params["customer"], "customer")
    intent = new_intent(books, customer=params.get("customer"), usage=params.get("usage", "off_session"))
    intent["_return_url"] = params.get("return_url")
    assign(intent, params, "description")
    merge_metadata(intent, params)
    if "payment_method" in params:
        method = payment_methods.need(books, params["payment_method"])
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    books.put(intent)
    return _confirm(books, intent, params) if params.get("confirm") else intent


@routes.post(_PATH + "/confirm", "SetupIntentConfirmParams", "payment_method return_url")
def confirm_intent(call: Call) -> Doc:
    intent = call.books.need("setup_intent", call.id, status=404)
    if intent["status"] not in ("requires_payment_method", "requires_confirmation"):
        message = f"You cannot confirm this SetupIntent because it has a status of {intent['status']}."
        raise invalid(message, code="setup_intent_unexpected_state")
    return _confirm(call.books, intent, call.params)


def _confirm(books: Books, intent: Doc, params: Doc) -> Doc:
    id = params.get("payment_method") or intent["payment_method"]
    if not id:
        raise missing("payment_method")
    return confirm(books, intent, payment_methods.need(books, id))


@routes.post(_PATH + "/cancel", "SetupIntentCancelParams", "cancellation_reason")
def cancel(call: Call) -> Doc:
    intent = call.books.need("setup_intent", call.id, status=404)
    if intent["status"] in ("succeeded", "canceled"):
        raise invalid(
            f"You cannot cancel a SetupIntent that is {intent['status']}.", code="setup_intent_unexpected_state"
        )
    reason = call.params.get("cancellation_reason")
    after = {**intent, "status": "canceled", "cancellation_reason": reason}
    emit(call.books, "setup_intent.canceled", call.books.put(after))
    return after
