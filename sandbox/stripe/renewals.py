"""What comes due in the life of a subscription: renewal, end of trial, end."""

from sandbox.stripe import invoices, items, lines, meters, pending, subscription_end, timers
from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc
from sandbox.stripe.events import changed, emit
from sandbox.stripe.subscription_changes import period_lines


@timers.action("period_end")
def period_end(books: Books, id: str) -> None:
    subscription = books.need("subscription", id)
    if subscription["cancel_at"] and subscription["cancel_at"] <= items.period(subscription)[1]:
        end(books, id)
        return
    trial_over = subscription["status"] == "trialing"
    if trial_over and not _can_pay(books, subscription) and _end_trial_without_method(books, subscription):
        return
    renewed, usage = _next_period(books, subscription, trial_over=trial_over)
    _bill(books, renewed, usage)


def _can_pay(books: Books, subscription: Doc) -> bool:
    customer = books.need("customer", subscription["customer"])
    return bool(subscription["default_payment_method"] or customer["invoice_settings"].get("default_payment_method"))


def _end_trial_without_method(books: Books, subscription: Doc) -> bool:
    behavior = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    if behavior == "cancel":
        subscription_end.cancel(books, subscription, reason="cancellation_requested")
    elif behavior == "pause":
        paused = subscription_end.move(books, subscription, "paused")
        emit(books, "customer.subscription.paused", paused)
    return behavior in ("cancel", "pause")


def _next_period(books: Books, subscription: Doc, *, trial_over: bool) -> tuple[Doc, list[Doc]]:
    usage = _usage_lines(books, subscription)
    start, finish = items.next_period(books, subscription)
    data = [dict(item) for item in subscription["items"]["data"]]
    renewed = {**subscription, "items": {**subscription["items"], "data": data}}
    items.set_period(renewed, start, finish)
    if trial_over:
        renewed["status"] = "active"
    changed(books, "customer.subscription.updated", subscription, renewed)
    timers.start(books, "period_end", renewed["id"], finish, renewed["test_clock"])
    return renewed, usage


def _usage_lines(books: Books, subscription: Doc) -> list[Doc]:
    found = []
    start, end_ = items.period(subscription)
    for item in subscription["items"]["data"]:
        price = books.need("price", item["price"])
        if price["recurring"]["usage_type"] == "metered":
            used = meters.usage(books, price["recurring"]["meter"], subscription["customer"], start, end_)
            found.append(lines.of_item(books, subscription, item, start, end_, quantity=used))
    return found


def _bill(books: Books, subscription: Doc, usage: list[Doc]) -> None:
    customer = books.need("customer", subscription["customer"])
    found = [*period_lines(books, subscription), *usage, *pending.take(books, subscription)]
    start = items.period(subscription)[0]
    more: Doc = {"period_start": start, "period_end": start}
    if subscription["collection_method"] == "send_invoice":
        more["due_date"] = invoices.due_date(books, customer, subscription.get("days_until_due") or 30)
    if subscription["status"] == "unpaid" or subscription["pause_collection"]:
        more["auto_advance"] = False
    invoice = invoices.draft(
        books, customer, reason="subscription_cycle", lines=found, currency=subscription["currency"],
        subscription=subscription, **more,
    )  # fmt: skip
    pending.mark(books, invoice)
    books.put({**books.need("subscription", subscription["id"]), "latest_invoice": invoice["id"]})
    if invoice["auto_advance"]:
        invoices.schedule_finalization(books, invoice)
    elif subscription["pause_collection"]:
        _paused(books, invoice, subscription["pause_collection"]["behavior"])


def upcoming_lines(books: Books, subscription: Doc) -> list[Doc]:
    """What the next renewal bills."""
    usage = _usage_lines(books, subscription)
    start, finish = items.next_period(books, subscription)
    after = {**subscription, "items": {"data": [dict(item) for item in subscription["items"]["data"]]}}
    items.set_period(after, start, finish)
    return [*period_lines(books, after), *usage]


def _paused(books: Books, invoice: Doc, behavior: str) -> None:
    if behavior == "keep_as_draft":
        return
    invoice = invoices.finalize(books, invoice)
    if invoice["status"] != "open":
        return
    if behavior == "void":
        invoices.close(books, invoice, "void", "invoice.voided", "voided_at")
    else:
        event, transition = "invoice.marked_uncollectible", "marked_uncollectible_at"
        why = {"uncollectible": {"reason": "subscription_paused"}}
        invoices.close(books, invoice, "uncollectible", event, transition, status_details=why)


@timers.action("cancel_at")
def end(books: Books, id: str) -> None:
    subscription = books.need("subscription", id)
    if subscription["status"] not in subscription_end.ENDED:
        subscription_end.cancel(books, subscription, reason="cancellation_requested")


@timers.action("trial_will_end")
def trial_will_end(books: Books, id: str) -> None:
    subscription = books.need("subscription", id)
    if subscription["status"] == "trialing":
        emit(books, "customer.subscription.trial_will_end", subscription)


@timers.action("incomplete")
def first_payment_missed(books: Books, id: str) -> None:
    subscription = books.need("subscription", id)
    if subscription["status"] != "incomplete":
        return
    subscription_end.expire(books, subscription)
    invoice = books.need("invoice", subscription["latest_invoice"])
    if invoice["status"] == "open":
        invoices.close(books, invoice, "void", "invoice.voided", "voided_at")
