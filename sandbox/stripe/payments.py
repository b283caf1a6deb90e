"""What happens when a payment method is charged; knows nothing of invoices, subscriptions or checkout."""

import time
from typing import Any

from sandbox.stripe import charges, disputes, payment_methods, timers
from sandbox.stripe.books import Books, token
from sandbox.stripe.errors import Doc, StripeError
from sandbox.stripe.events import emit
from sandbox.stripe.instruments import declined
from sandbox.stripe.settings import DAY

DONE = {"succeeded", "canceled"}


def new_intent(books: Books, *, amount: int, currency: str, customer: str | None, types: list[str], **more: Any) -> Doc:
    intent = books.new("payment_intent", "pi_", created=books.time_of(customer), amount=amount, currency=currency)
    intent |= {"customer": customer, "metadata": {}, "payment_method_types": types, "payment_method": None}
    intent |= {
        "amount_received": 0,
        "amount_capturable": 0,
        "status": "requires_payment_method",
        "last_payment_error": None,
    }
    intent |= {"capture_method": "automatic_async", "confirmation_method": "automatic", "latest_charge": None}
    intent |= {"next_action": None, "amount_details": {"tip": {}}, "description": None, "receipt_email": None, **more}
    intent["client_secret"] = f"{intent['id']}_secret_{token('', 24)}"
    emit(books, "payment_intent.created", books.put(intent))
    return intent


def confirm(
    books: Books, intent: Doc, method: Doc, *, off_session: bool = False, authenticated: bool = False
) -> tuple[Doc, StripeError | None]:
    """Try to collect. The intent says how far it came; the error is what the caller may answer with."""
    intent = {**intent, "payment_method": method["id"], "next_action": None, "last_payment_error": None}
    if method["type"] == "sepa_debit":
        return _debit(books, intent, method), None
    behaviour = payment_methods.card_behaviour(method)
    asked = behaviour.challenge == "always" or (behaviour.challenge == "first" and not method.get("_authenticated"))
    if asked and not authenticated:
        if off_session:
            return _refused(books, intent, method, "authentication_required")
        return _challenge(books, intent), None
    if behaviour.refuses or behaviour.fails:
        return _refused(books, intent, method, str(behaviour.refuses or behaviour.fails))
    charge = charges.attempt(books, intent, method, None)
    return _succeeded(books, intent, method, charge, authenticated=authenticated), None


def _challenge(books: Books, intent: Doc) -> Doc:
    back = intent.get("_return_url")
    action = {"url": f"{books.url}/c/challenge/{intent['id']}", "return_url": back}
    intent |= {"status": "requires_action", "next_action": {"type": "redirect_to_url", "redirect_to_url": action}}
    emit(books, "payment_intent.requires_action", books.put(intent))
    return intent


def _refused(books: Books, intent: Doc, method: Doc, reason: str) -> tuple[Doc, StripeError]:
    error = declined(reason)
    charge = charges.attempt(books, intent, method, error)
    return _failed(books, intent, method, charge, error), error


def _failed(books: Books, intent: Doc, method: Doc, charge: Doc, error: StripeError) -> Doc:
    said = {**error.body()["error"], "charge": charge["id"], "payment_method": method}
    intent |= {"status": "requires_payment_method", "payment_method": None, "latest_charge": charge["id"]}
    intent["last_payment_error"] = said
    emit(books, "payment_intent.payment_failed", books.put(intent))
    return intent


def _succeeded(books: Books, intent: Doc, method: Doc, charge: Doc, *, authenticated: bool) -> Doc:
    intent |= {"status": "succeeded", "amount_received": intent["amount"], "latest_charge": charge["id"]}
    emit(books, "payment_intent.succeeded", books.put(intent))
    keep_method(books, intent, method, authenticated=authenticated)
    _aftermath(books, method, charge)
    return books.need("payment_intent", intent["id"])


def keep_method(books: Books, intent: Doc, method: Doc, *, authenticated: bool) -> None:
    """A method set up for later is attached; having passed 3-D Secure once, it need not again."""
    method = books.need("payment_method", method["id"])
    if authenticated:
        method = books.put({**method, "_authenticated": True})
    if intent["customer"] and intent.get("setup_future_usage"):
        payment_methods.attach(books, method, intent["customer"])


def _aftermath(books: Books, method: Doc, charge: Doc) -> None:
    after = payment_methods.card_behaviour(method).after if method["type"] == "card" else None
    if after == "early_fraud_warning":
        disputes.warn(books, charge)
    elif after:
        disputes.open_dispute(books, charge, after)


def _debit(books: Books, intent: Doc, method: Doc) -> Doc:
    """Money that comes days later, or does not."""
    if not books.store.first("mandate", payment_method=method["id"]):
        payment_methods.mandate(books, method)
    charge = charges.attempt(books, intent, method, None, status="pending")
    intent |= {"status": "processing", "latest_charge": charge["id"], "processing": None}
    emit(books, "payment_intent.processing", books.put(intent))
    clock = books.clock_of(intent["customer"])
    due = books.now(clock) + books.setting("days_to_settle") * DAY
    timers.start(books, "settle", intent["id"], due, clock)
    seconds = books.setting("seconds_to_settle")
    if seconds is not None and not payment_methods.debit(method).slow:
        timers.start(books, "settle_soon", intent["id"], time.time() + seconds, timers.WALL)
    keep_method(books, intent, method, authenticated=False)
    return intent


def settle_debit(books: Books, intent: Doc, *, succeeds: bool) -> tuple[Doc, StripeError | None]:
    for what in ("settle", "settle_soon"):
        timers.stop(books, what, intent["id"])
    method = books.need("payment_method", intent["payment_method"])
    charge = books.need("charge", intent["latest_charge"])
    intent = {**intent, "processing": None}
    if not succeeds:
        error = declined("debit_not_authorized")
        return _failed(books, intent, method, charges.fail(books, charge, error), error), error
    charge = charges.succeed(books, charge)
    intent = _succeeded(books, intent, method, charge, authenticated=False)
    if payment_methods.debit(method).dispute:
        disputes.open_dispute(books, charge, "debit_not_authorized")
    return intent, None


def cancel(books: Books, intent: Doc, reason: str | None = None) -> Doc:
    for what in ("settle", "settle_soon"):
        timers.stop(books, what, intent["id"])
    now = books.time_of(intent["customer"])
    intent = {**intent, "status": "canceled", "canceled_at": now, "cancellation_reason": reason, "next_action": None}
    emit(books, "payment_intent.canceled", books.put(intent))
    return intent
