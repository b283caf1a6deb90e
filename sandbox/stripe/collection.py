"""Collecting what an invoice asks for: attempts, retries, and what the outcome means for the subscription."""

from sandbox.stripe import invoices, payment_methods, payments, subscription_end, timers
from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc, StripeError, invalid
from sandbox.stripe.events import changed, emit
from sandbox.stripe.settings import DAY


def collect(
    books: Books, invoice: Doc, *, method: str | None = None, authenticated: bool = False
) -> tuple[Doc, StripeError | None]:
    """One attempt. Nothing due is paid at once."""
    if invoice["amount_due"] == 0:
        return paid(books, invoice), None
    intent = invoices.intent_of(books, invoice["id"])
    assert intent is not None
    chosen = method or default_method(books, invoice)
    if chosen is None:
        return failed(books, invoice), _no_method()
    if intent["status"] == "requires_action":
        intent = {**intent, "next_action": None, "status": "requires_payment_method"}
    intent, error = payments.confirm(books, intent, payment_methods.need(books, chosen), authenticated=authenticated)
    return conclude(books, invoice, intent), error


def conclude(books: Books, invoice: Doc, intent: Doc) -> Doc:
    """What the state of the payment intent means for the invoice and its subscription."""
    if intent["status"] == "succeeded":
        return paid(books, invoice)
    if intent["status"] == "processing":
        return _waiting(books, invoice)
    if intent["status"] == "requires_action":
        return _action_required(books, invoice)
    return failed(books, invoice)


def _no_method() -> StripeError:
    message = "This customer has no attached payment source or default payment method."
    return StripeError(message, code="resource_missing", keep=True)


def default_method(books: Books, invoice: Doc) -> str | None:
    subscription = books.get("subscription", invoices.subscription_of(invoice)) or {}
    customer = books.get("customer", invoice["customer"]) or {}
    settings = customer.get("invoice_settings") or {}
    found = invoice.get("default_payment_method") or subscription.get("default_payment_method")
    return found or settings.get("default_payment_method")


def paid(books: Books, invoice: Doc, *, out_of_band: bool = False) -> Doc:
    if invoice["amount_due"] > 0 and not out_of_band:
        invoice = {**invoice, "attempt_count": invoice["attempt_count"] + 1}
    invoice = invoices.mark_paid(books, invoice, out_of_band=out_of_band)
    _delinquent(books, invoice["customer"], value=False)
    subscription = books.get("subscription", invoices.subscription_of(invoice))
    if subscription and subscription["latest_invoice"] == invoice["id"]:
        _recover(books, subscription)
    return invoice


def _recover(books: Books, subscription: Doc) -> None:
    if subscription["status"] == "incomplete":
        timers.stop(books, "incomplete", subscription["id"])
    if subscription["status"] in ("incomplete", "past_due", "unpaid"):
        subscription_end.move(books, subscription, "active")


def _waiting(books: Books, invoice: Doc) -> Doc:
    """A debit is on its way: Stripe runs the subscription meanwhile."""
    after = {**invoice, "attempted": True, "attempt_count": invoice["attempt_count"] + 1, "next_payment_attempt": None}
    changed(books, "invoice.updated", invoice, after)
    subscription = books.get("subscription", invoices.subscription_of(invoice))
    if subscription and subscription["status"] == "incomplete":
        timers.stop(books, "incomplete", subscription["id"])
        subscription_end.move(books, subscription, "active")
    return after


def _action_required(books: Books, invoice: Doc) -> Doc:
    after = _count(books, invoice)
    emit(books, "invoice.payment_action_required", after)
    return _strike(books, invoice, after)


def failed(books: Books, invoice: Doc) -> Doc:
    after = _count(books, invoice)
    emit(books, "invoice.payment_failed", after)
    return _strike(books, invoice, after)


def _count(books: Books, invoice: Doc) -> Doc:
    after = {**invoice, "attempted": True, "attempt_count": invoice["attempt_count"] + 1}
    after["next_payment_attempt"] = _next_attempt(books, after)
    changed(books, "invoice.updated", invoice, after)
    return after


def _next_attempt(books: Books, invoice: Doc) -> int | None:
    """The first invoice of a subscription and manual ones are not retried by themselves."""
    automatic = invoice["auto_advance"] and invoice["collection_method"] == "charge_automatically"
    days = books.setting("retry_days")
    retry = invoice["attempt_count"] - 1
    subscription = books.get("subscription", invoices.subscription_of(invoice))
    incomplete = subscription and subscription["status"] in {"incomplete", *subscription_end.ENDED}
    if not automatic or incomplete or retry >= len(days):
        return None
    return int(books.time_of(invoice["customer"]) + days[retry] * DAY)


def _strike(books: Books, before: Doc, invoice: Doc) -> Doc:
    """Schedule the next attempt, or do what the dashboard says comes after the last."""
    del before
    subscription = books.get("subscription", invoices.subscription_of(invoice))
    _delinquent(books, invoice["customer"], value=True)
    if subscription and subscription["status"] in ("active", "trialing"):
        subscription = subscription_end.move(books, subscription, "past_due")
    if invoice["next_payment_attempt"]:
        timers.start(books, "retry", invoice["id"], invoice["next_payment_attempt"], invoice.get("test_clock"))
    elif subscription and subscription["status"] == "past_due" and invoice["auto_advance"]:
        return _give_up(books, invoice, subscription)
    return invoice


def _give_up(books: Books, invoice: Doc, subscription: Doc) -> Doc:
    if books.setting("invoice_after_retries") == "uncollectible":
        event, transition = "invoice.marked_uncollectible", "marked_uncollectible_at"
        status = {"uncollectible": {"reason": "max_payment_attempts"}}
        invoice = invoices.close(books, invoice, "uncollectible", event, transition, status_details=status)
    after = books.setting("after_retries")
    if after == "cancel":
        subscription_end.cancel(books, subscription, reason="payment_failed")
    elif after == "unpaid":
        subscription_end.move(books, subscription, "unpaid")
    return books.need("invoice", invoice["id"])


def _delinquent(books: Books, id: str, *, value: bool) -> None:
    customer = books.get("customer", id)
    if customer and not customer.get("deleted") and customer.get("delinquent") != value:
        changed(books, "customer.updated", customer, {**customer, "delinquent": value})


@timers.action("retry")
def retry(books: Books, id: str) -> None:
    invoice = books.need("invoice", id)
    if invoice["status"] == "open":
        collect(books, invoice)


@timers.action("finalize")
def finalize_and_collect(books: Books, id: str) -> None:
    advance(books, books.need("invoice", id))


def advance(books: Books, invoice: Doc) -> Doc:
    """What `auto_advance` does on its own."""
    if invoice["status"] != "draft":
        return invoice
    invoice = invoices.finalize(books, invoice)
    if invoice["status"] == "draft" or invoice["collection_method"] == "send_invoice":
        return invoice if invoice["status"] == "draft" or invoice["amount_due"] else paid(books, invoice)
    return collect(books, invoice)[0]


def pay(books: Books, invoice: Doc, params: Doc) -> Doc:
    """The API call: a refused payment is an error, and the trace of it stays."""
    if invoice["status"] == "paid":
        raise invalid("Invoice is already paid", code="invoice_already_paid")
    invoices.must_be(invoice, "draft", "open", "uncollectible", doing="pay")
    if invoice["status"] == "draft":
        invoice = invoices.finalize(books, invoice)
        if invoice["status"] == "draft":
            raise invalid(invoice["last_finalization_error"]["message"], code="customer_tax_location_invalid")
    if params.get("paid_out_of_band"):
        return paid(books, invoice, out_of_band=True)
    invoice, error = collect(books, invoice, method=params.get("payment_method"))
    if error:
        raise error
    if invoice["status"] == "open" and (intent := invoices.intent_of(books, invoice["id"])):
        _must_not_wait(intent)
    return invoice


def _must_not_wait(intent: Doc) -> None:
    if intent["status"] == "requires_action":
        message = "This invoice requires additional user action before it can be completed."
        raise StripeError(
            message, code="invoice_payment_intent_requires_action", status=402, type="card_error", keep=True
        )
