"""Invoices as documents: drafted, finalized, paid, voided. Collecting the money is `collection`."""

from typing import Any

from sandbox.stripe import discounts, payments, timers, totals
from sandbox.stripe.books import Books, token
from sandbox.stripe.errors import Doc, StripeError, error_object, wrong_state
from sandbox.stripe.events import changed, emit
from sandbox.stripe.settings import DAY
from sandbox.stripe.views import children, includable

includable("invoice", "payments")(children("invoice_payment", "/v1/invoices/{id}/payments", invoice="id"))


@includable("invoice", "confirmation_secret")
def _confirmation_secret(books: Books, invoice: Doc) -> Doc | None:
    intent = intent_of(books, invoice["id"])
    return {"client_secret": intent["client_secret"], "type": "payment_intent"} if intent else None


def draft(
    books: Books,
    customer: Doc,
    *,
    reason: str,
    lines: list[Doc],
    currency: str,
    subscription: Doc | None = None,
    **more: Any,
) -> Doc:
    """`more` overrides fields: metadata, description, collection_method, auto_advance, period_start ..."""
    now = books.now(customer.get("test_clock"))
    invoice = books.new(
        "invoice", "in_", created=now, customer=customer["id"], billing_reason=reason, currency=currency
    )
    invoice |= _defaults(books, customer, now) | _from_subscription(subscription) | more
    invoice["lines"] = {
        "object": "list",
        "data": lines,
        "has_more": False,
        "url": f"/v1/invoices/{invoice['id']}/lines",
    }
    for line in lines:
        line["invoice"] = invoice["id"]
    recompute(books, invoice)
    emit(books, "invoice.created", books.put(invoice))
    return invoice


def _defaults(books: Books, customer: Doc, now: int) -> Doc:
    people = {f"customer_{name}": customer.get(name) for name in ("address", "email", "name", "phone", "shipping")}
    ids = [{"type": doc["type"], "value": doc["value"]} for doc in books.all("tax_id", customer=customer["id"])]
    people |= {"customer_tax_exempt": customer.get("tax_exempt"), "customer_tax_ids": ids}
    numbers = dict.fromkeys(_ZERO, 0)
    fixed = {"status": "draft", "attempted": False, "auto_advance": True, "automatic_tax": {"enabled": False}}
    fixed |= {"collection_method": "charge_automatically", "default_tax_rates": [], "discounts": [], "metadata": {}}
    fixed |= {
        "issuer": {"type": "self"},
        "payment_settings": {},
        "status_transitions": {},
        "number": None,
        "parent": None,
    }
    fixed |= {"account_country": books.setting("country"), "account_name": books.setting("account_name")}
    fixed |= {"period_start": now, "period_end": now, "test_clock": customer.get("test_clock"), "due_date": None}
    return {**people, **numbers, **fixed, "starting_balance": customer.get("balance") or 0}


_ZERO = (
    "amount_due", "amount_overpaid", "amount_paid", "amount_remaining", "amount_shipping", "attempt_count",
    "post_payment_credit_notes_amount", "pre_payment_credit_notes_amount",
)  # fmt: skip


def _from_subscription(subscription: Doc | None) -> Doc:
    if subscription is None:
        return {}
    details = {"subscription": subscription["id"], "metadata": subscription["metadata"]}
    same = {name: subscription[name] for name in ("collection_method", "default_tax_rates", "discounts")}
    tax = {"automatic_tax": {"enabled": subscription["automatic_tax"]["enabled"]}}
    return {"parent": {"type": "subscription_details", "subscription_details": details}, **same, **tax}


def subscription_of(invoice: Doc) -> str | None:
    details = (invoice.get("parent") or {}).get("subscription_details") or {}
    return details.get("subscription")


def recompute(books: Books, invoice: Doc) -> None:
    customer = books.get("customer", invoice["customer"])
    automatic = invoice["automatic_tax"]["enabled"]
    rule = totals.tax_rule(books, customer, automatic=automatic, rates=invoice["default_tax_rates"])
    found = [books.get("discount", id) for id in invoice["discounts"]]
    given = [discount for discount in found if discount and discounts.is_running(books, discount)]
    invoice["discounts"] = [discount["id"] for discount in given]
    invoice |= totals.compute(books, invoice["lines"]["data"], given, rule)
    invoice["amount_due"] = invoice["amount_remaining"] = max(invoice["total"] + _credit(invoice), 0)
    if automatic:
        status = "requires_location_inputs" if rule is None else "complete"
        invoice["automatic_tax"] = {
            "enabled": True,
            "status": status,
            "liability": {"type": "self"},
            "provider": "stripe",
        }


def _credit(invoice: Doc) -> int:
    """A customer's credit is a negative balance."""
    return int(min(invoice["starting_balance"], 0))


def finalize(books: Books, invoice: Doc) -> Doc:
    """A number, a payment intent, an end to changes; stays a draft when tax can not be computed."""
    if invoice["status"] != "draft":
        raise wrong_state(
            "This invoice is already finalized, you can't re-finalize a non-draft invoice.", "invoice_not_editable"
        )
    timers.stop(books, "finalize", invoice["id"])
    before, invoice = invoice, {**invoice}
    recompute(books, invoice)
    if invoice["automatic_tax"].get("status") == "requires_location_inputs":
        return _tax_failed(books, before, invoice)
    now = books.time_of(invoice["customer"])
    invoice |= {
        "status": "open",
        "number": _number(books, invoice),
        "effective_at": now,
        "automatically_finalizes_at": None,
    }
    invoice["status_transitions"] = {**invoice["status_transitions"], "finalized_at": now}
    secret = token("", 32)
    invoice |= {"_secret": secret, "hosted_invoice_url": f"{books.url}/i/{invoice['id']}/{secret}"}
    invoice["invoice_pdf"] = f"{books.url}/i/{invoice['id']}/{secret}/pdf"
    _apply_credit(books, invoice)
    for discount in filter(None, (books.get("discount", id) for id in invoice["discounts"])):
        discounts.use_up(books, discount)
    books.put(invoice)
    emit(books, "invoice.finalized", invoice)
    if invoice["amount_due"] > 0:
        _request_payment(books, invoice)
    return invoice


def _tax_failed(books: Books, before: Doc, invoice: Doc) -> Doc:
    message = "The customer's location isn't recognized. Set a valid customer address in order to compute tax."
    error = error_object(message, type="invalid_request_error", code="customer_tax_location_invalid")
    invoice |= {"last_finalization_error": error, "automatically_finalizes_at": None}
    invoice["automatic_tax"] |= {"disabled_reason": None}
    books.put(invoice)
    emit(
        books,
        "invoice.finalization_failed",
        invoice,
        {"last_finalization_error": before.get("last_finalization_error")},
    )
    return invoice


def _number(books: Books, invoice: Doc) -> str:
    customer = books.need("customer", invoice["customer"])
    sequence = customer["next_invoice_sequence"]
    books.put({**customer, "next_invoice_sequence": sequence + 1})
    return f"{customer['invoice_prefix']}-{sequence:04d}"


def _apply_credit(books: Books, invoice: Doc) -> None:
    """Credit of the customer pays first; a negative total becomes credit."""
    customer = books.need("customer", invoice["customer"])
    balance, total = customer.get("balance") or 0, invoice["total"]
    used = -total if total < 0 else min(-min(balance, 0), total)
    ending = balance - used if total < 0 else balance + used
    if ending != balance:
        changed(books, "customer.updated", customer, {**customer, "balance": ending})
    due = max(total - (used if total > 0 else 0), 0)
    invoice |= {"starting_balance": balance, "ending_balance": ending, "amount_due": due, "amount_remaining": due}


def _request_payment(books: Books, invoice: Doc) -> None:
    description = (
        "Subscription creation" if invoice["billing_reason"] == "subscription_create" else "Subscription update"
    )
    text = description if subscription_of(invoice) else "Payment for Invoice"
    types = ["card", "sepa_debit"] if invoice["currency"] == "eur" else ["card"]
    amount, currency = invoice["amount_due"], invoice["currency"]
    intent = payments.new_intent(
        books,
        amount=amount,
        currency=currency,
        customer=invoice["customer"],
        types=types,
        description=text,
        _invoice=invoice["id"],
    )
    if subscription_of(invoice):
        intent = books.put({**intent, "setup_future_usage": "off_session"})
    request = books.new(
        "invoice_payment", "inpay_", created=intent["created"], invoice=invoice["id"], currency=currency
    )
    request |= {"amount_requested": amount, "amount_paid": None, "is_default": True, "status": "open"}
    books.put(
        {**request, "payment": {"type": "payment_intent", "payment_intent": intent["id"]}, "status_transitions": {}}
    )


def intent_of(books: Books, invoice: str) -> Doc | None:
    request = books.store.first("invoice_payment", invoice=invoice)
    return books.get("payment_intent", request["payment"]["payment_intent"]) if request else None


def mark_paid(books: Books, invoice: Doc, *, out_of_band: bool = False) -> Doc:
    now = books.time_of(invoice["customer"])
    transitions = {**invoice["status_transitions"], "paid_at": now}
    before = invoice
    invoice = {**invoice, "status": "paid", "status_transitions": transitions, "amount_paid": invoice["amount_due"]}
    invoice |= {"amount_remaining": 0, "attempted": True, "next_payment_attempt": None, "auto_advance": False}
    if out_of_band:
        invoice |= {"amount_paid": 0, "amount_paid_off_stripe": invoice["amount_due"]}
    timers.stop(books, "retry", invoice["id"])
    _settle_request(books, invoice, now, out_of_band=out_of_band)
    changed(books, "invoice.updated", before, invoice)
    emit(books, "invoice.paid", invoice)
    emit(books, "invoice.payment_succeeded", invoice)
    return invoice


def _settle_request(books: Books, invoice: Doc, now: int, *, out_of_band: bool) -> None:
    request = books.store.first("invoice_payment", invoice=invoice["id"])
    if request is None:
        return
    if out_of_band:
        intent = intent_of(books, invoice["id"])
        if intent and intent["status"] not in payments.DONE:
            payments.cancel(books, intent, "abandoned")
        books.put({**request, "status": "canceled", "status_transitions": {"canceled_at": now}})
        return
    paid = {"status": "paid", "amount_paid": invoice["amount_due"], "status_transitions": {"paid_at": now}}
    emit(books, "invoice_payment.paid", books.put({**request, **paid}))


def close(books: Books, invoice: Doc, status: str, event: str, transition: str, **more: Any) -> Doc:
    """Void or uncollectible: nothing is asked for any more."""
    for what in ("retry", "finalize"):
        timers.stop(books, what, invoice["id"])
    intent = intent_of(books, invoice["id"])
    if status == "void" and intent and intent["status"] not in payments.DONE:
        payments.cancel(books, intent, "void_invoice")
    now = books.time_of(invoice["customer"])
    after = {**invoice, "status": status, "next_payment_attempt": None, "auto_advance": False, **more}
    after["status_transitions"] = {**invoice["status_transitions"], transition: now}
    emit(books, event, books.put(after), {"status": invoice["status"]})
    return after


def schedule_finalization(books: Books, invoice: Doc) -> Doc:
    due = books.time_of(invoice["customer"]) + books.setting("invoice_draft_seconds")
    timers.start(books, "finalize", invoice["id"], due, invoice.get("test_clock"))
    return books.put({**invoice, "automatically_finalizes_at": due})


def due_date(books: Books, customer: Doc, days: int) -> int:
    return books.now(customer.get("test_clock")) + days * DAY


def must_be(invoice: Doc, *statuses: str, doing: str) -> None:
    if invoice["status"] not in statuses:
        message = f"You can't {doing} an invoice with the status {invoice['status']}."
        raise StripeError(message, code="invoice_not_editable" if invoice["status"] != "draft" else None)
