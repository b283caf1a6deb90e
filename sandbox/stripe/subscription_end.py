"""The status machine of a subscription and its end."""

from sandbox.stripe import timers
from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc, invalid
from sandbox.stripe.events import changed, emit

ENDED = {"canceled", "incomplete_expired"}
_MOVES = {
    "incomplete": {"active", "trialing", "incomplete_expired", "canceled"},
    "trialing": {"active", "past_due", "paused", "unpaid", "canceled"},
    "active": {"past_due", "unpaid", "canceled", "trialing", "paused"},
    "past_due": {"active", "unpaid", "canceled", "trialing"},
    "unpaid": {"active", "past_due", "canceled", "trialing"},
    "paused": {"active", "past_due", "canceled"},
}
_TIMERS = ("period_end", "cancel_at", "trial_will_end", "incomplete", "resume")


def move(books: Books, subscription: Doc, status: str, **more: object) -> Doc:
    """The only writer of `status` after creation."""
    if status == subscription["status"] and not more:
        return subscription
    if status != subscription["status"] and status not in _MOVES.get(subscription["status"], set()):
        raise invalid(f"A subscription can not go from {subscription['status']} to {status}.")
    after = {**subscription, "status": status, **more}
    changed(books, "customer.subscription.updated", subscription, after)
    return after


def cancel(books: Books, subscription: Doc, *, reason: str | None, feedback: Doc | None = None) -> Doc:
    """At once. Open invoices stay, but nobody tries to collect them any more."""
    now = books.time_of(subscription["customer"])
    details = {**(subscription.get("cancellation_details") or {}), "reason": reason, **(feedback or {})}
    after = {**subscription, "status": "canceled", "ended_at": now, "cancellation_details": details}
    after |= {"canceled_at": subscription.get("canceled_at") or now, "pause_collection": None}
    stop_timers(books, subscription["id"])
    books.put(after)
    stop_collection(books, subscription)
    emit(books, "customer.subscription.deleted", after)
    if subscription.get("schedule"):
        _end_schedule(books, subscription["schedule"], now)
    return after


def expire(books: Books, subscription: Doc) -> Doc:
    """The first payment did not come within 23 hours."""
    stop_timers(books, subscription["id"])
    now = books.time_of(subscription["customer"])
    return move(books, subscription, "incomplete_expired", ended_at=now)


def stop_timers(books: Books, id: str) -> None:
    for what in _TIMERS:
        timers.stop(books, what, id)


def stop_collection(books: Books, subscription: Doc) -> None:
    for invoice in books.store.all("invoice", customer=subscription["customer"]):
        details = (invoice.get("parent") or {}).get("subscription_details") or {}
        if details.get("subscription") == subscription["id"] and invoice["status"] in ("draft", "open"):
            for what in ("retry", "finalize"):
                timers.stop(books, what, invoice["id"])
            changed(books, "invoice.updated", invoice, {**invoice, "auto_advance": False, "next_payment_attempt": None})


def _end_schedule(books: Books, id: str, now: int) -> None:
    schedule = books.get("subscription_schedule", id)
    if schedule and schedule["status"] in ("active", "not_started"):
        timers.stop(books, "phase", id)
        after = {**schedule, "status": "canceled", "canceled_at": now, "current_phase": None}
        emit(books, "subscription_schedule.canceled", books.put(after))
