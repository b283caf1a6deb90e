"""What arrives later: a debit that settles, a challenge that is answered; each finds its invoice and its session."""

from sandbox.stripe import collection, payment_methods, payments, setup, timers
from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc, StripeError, invalid
from sandbox.stripe.events import emit


@timers.action("settle")
def settle_when_due(books: Books, id: str) -> None:
    intent = books.need("payment_intent", id)
    method = books.need("payment_method", intent["payment_method"])
    settle(books, intent, succeeds=payment_methods.debit(method).succeeds)


timers.action("settle_soon")(settle_when_due)


def settle(books: Books, intent: Doc, *, succeeds: bool) -> Doc:
    if intent["status"] != "processing":
        raise invalid(f"This payment is {intent['status']}: there is nothing to settle.", "payment_intent")
    intent, _ = payments.settle_debit(books, intent, succeeds=succeeds)
    _tell_invoice(books, intent)
    _tell_session(books, intent, succeeds=succeeds)
    return intent


def _tell_invoice(books: Books, intent: Doc) -> None:
    invoice = books.get("invoice", intent.get("_invoice"))
    if invoice and invoice["status"] == "open":
        collection.conclude(books, {**invoice, "attempt_count": max(invoice["attempt_count"] - 1, 0)}, intent)


def _tell_session(books: Books, intent: Doc, *, succeeds: bool) -> None:
    session = books.get("checkout.session", intent.get("_session"))
    if session is None or session["status"] != "complete" or session["payment_status"] != "unpaid":
        return
    if succeeds:
        session = books.put({**session, "payment_status": "paid"})
    emit(books, f"checkout.session.async_payment_{'succeeded' if succeeds else 'failed'}", session)


def answer_challenge(books: Books, id: str, *, passed: bool) -> Doc:
    """3-D Secure of an intent that an API call or a renewal left waiting."""
    kind = "setup_intent" if id.startswith("seti_") else "payment_intent"
    intent = books.need(kind, id, status=404)
    if intent["status"] != "requires_action":
        raise invalid(f"This intent is {intent['status']}: no authentication is awaited.")
    method = books.need("payment_method", intent["payment_method"])
    if kind == "setup_intent":
        return _answer_setup(books, intent, method, passed=passed)
    if not passed:
        return _not_authenticated(books, intent)
    intent, _ = payments.confirm(books, intent, method, authenticated=True)
    _tell_invoice(books, intent)
    return intent


def _answer_setup(books: Books, intent: Doc, method: Doc, *, passed: bool) -> Doc:
    if passed:
        return setup.succeed(books, intent, method, authenticated=True)
    after = {**intent, "status": "requires_payment_method", "payment_method": None, "next_action": None}
    after["last_setup_error"] = _authentication_error("setup_intent").body()["error"]
    emit(books, "setup_intent.setup_failed", books.put(after))
    return after


def _not_authenticated(books: Books, intent: Doc) -> Doc:
    after = {**intent, "status": "requires_payment_method", "payment_method": None, "next_action": None}
    after["last_payment_error"] = _authentication_error("payment_intent").body()["error"]
    emit(books, "payment_intent.payment_failed", books.put(after))
    _tell_invoice(books, after)
    return after


def _authentication_error(kind: str) -> StripeError:
    message = "The provided payment method has failed authentication. You can provide a new one to attempt again."
    return StripeError(message, status=402, type="card_error", code=f"{kind}_authentication_failure")
