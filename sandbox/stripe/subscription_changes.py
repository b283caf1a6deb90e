"""Changing a running subscription: items, prorations, cancellation, pauses, trials."""

from typing import Any

from sandbox.stripe import collection, discounts, invoices, items, lines, pending, periods, subscription_end, timers
from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc, StripeError, invalid
from sandbox.stripe.events import changed, emit
from sandbox.stripe.routes import assign, merge_metadata

_FIELDS = "default_payment_method description default_tax_rates collection_method days_until_due"


def update(books: Books, subscription: Doc, params: Doc) -> Doc:
    _must_run(subscription, params)
    after = {**subscription, "items": {**subscription["items"]}}
    assign(after, params, _FIELDS)
    merge_metadata(after, params)
    _settings(after, params)
    _cancellation(books, after, params)
    _discounts(books, after, params)
    billed = items_and_cycle(books, subscription, after, params)
    changed(books, "customer.subscription.updated", subscription, after)
    _pause(books, subscription, after)
    if billed:
        _bill(books, after, params)
    return books.need("subscription", subscription["id"])


def _must_run(subscription: Doc, params: Doc) -> None:
    if subscription["status"] not in subscription_end.ENDED:
        return
    if set(params) - {"metadata", "cancellation_details"}:
        message = "A canceled subscription can only update its cancellation_details and metadata."
        raise invalid(message, next(iter(params)))


def _settings(after: Doc, params: Doc) -> None:
    if "automatic_tax" in params:
        after["automatic_tax"] = {"enabled": params["automatic_tax"]["enabled"]}
    for name in ("payment_settings", "trial_settings", "cancellation_details"):
        if name in params:
            after[name] = {**(after.get(name) or {}), **params[name]}
    if "pause_collection" in params:
        after["pause_collection"] = params["pause_collection"] or None


def cancel_at(params: Doc, now: int, period_end: int) -> int | None:
    wanted = params.get("cancel_at")
    if wanted in (None, ""):
        return None
    if wanted in ("min_period_end", "max_period_end"):
        return period_end
    if not isinstance(wanted, int) or wanted <= now:
        raise invalid("cancel_at must be a timestamp in the future.", "cancel_at")
    return wanted


def _cancellation(books: Books, after: Doc, params: Doc) -> None:
    if "cancel_at" in params and params.get("cancel_at_period_end"):
        raise invalid("You may only specify one of: cancel_at, cancel_at_period_end.", "cancel_at")
    now, end = books.time_of(after["customer"]), items.period(after)[1]
    if "cancel_at_period_end" in params:
        after["cancel_at_period_end"] = params["cancel_at_period_end"]
        after["cancel_at"] = end if params["cancel_at_period_end"] else None
    elif "cancel_at" in params:
        after["cancel_at"] = cancel_at(params, now, end)
        after["cancel_at_period_end"] = False
    else:
        return
    after["canceled_at"] = now if after["cancel_at"] else None
    reason = "cancellation_requested" if after["cancel_at"] else None
    after["cancellation_details"] = {**after["cancellation_details"], "reason": reason}
    if after["cancel_at"]:
        timers.start(books, "cancel_at", after["id"], after["cancel_at"], after["test_clock"])
    else:
        timers.stop(books, "cancel_at", after["id"])


def _discounts(books: Books, after: Doc, params: Doc) -> None:
    if "discounts" not in params:
        return
    kept: list[str] = []
    for index, given in enumerate(params["discounts"] or []):
        if "discount" in given:
            kept.append(books.need("discount", given["discount"], f"discounts[{index}][discount]")["id"])
            continue
        resolved = discounts.resolve(books, given, after["customer"], 0, f"discounts[{index}]")
        kept.append(discounts.give(books, resolved, customer=after["customer"], subscription=after["id"])["id"])
    for id in set(after["discounts"]) - set(kept):
        emit(books, "customer.discount.deleted", books.need("discount", id))
    after["discounts"] = kept


def items_and_cycle(books: Books, before: Doc, after: Doc, params: Doc) -> bool:
    """Whether something has to be billed now."""
    moment = params.get("proration_date") or books.time_of(before["customer"])
    if "items" in params:
        after["items"] = items.as_list(before["id"], changed_items(books, before, params["items"], moment))
    recurring = items.check(books, after["items"]["data"])
    same_interval = recurring == items.recurring(books, before) or _interval(recurring) == _interval(
        items.recurring(books, before)
    )
    trial_ended = _trial(books, after, params, moment)
    restart = not same_interval or params.get("billing_cycle_anchor") == "now" or trial_ended
    trialing = before["status"] == "trialing"
    if ("items" in params or restart) and not trialing and params.get("proration_behavior") != "none":
        _prorate(books, before, after, moment, charge=not restart)
    if restart and (not trialing or trial_ended):
        _restart_cycle(books, after, moment, recurring)
        return True
    return params.get("proration_behavior") == "always_invoice" and "items" in params and not trialing


def _interval(recurring: Doc) -> tuple[Any, Any]:
    return recurring["interval"], recurring["interval_count"]


def changed_items(books: Books, subscription: Doc, given: list[Doc], moment: int) -> list[Doc]:
    """Items not named stay as they are."""
    start, end = items.period(subscription)
    result = [dict(item) for item in subscription["items"]["data"]]
    for index, change in enumerate(given):
        param = f"items[{index}]"
        if "id" not in change:
            result.append(items.build(books, change, param, start=start, end=end))
            result[-1]["created"] = moment
            continue
        item = next((item for item in result if item["id"] == change["id"]), None)
        if item is None:
            raise StripeError(
                f"No such subscription_item: '{change['id']}'", code="resource_missing", param=f"{param}[id]"
            )
        if change.get("deleted"):
            result.remove(item)
        else:
            _change_item(books, item, change, param)
    return result


def _change_item(books: Books, item: Doc, change: Doc, param: str) -> None:
    if "price" in change or "price_data" in change:
        quantity = {"quantity": change.get("quantity", item["quantity"] or 1)}
        new = items.build(books, {**change, **quantity}, param, start=0, end=0)
        item |= {"price": new["price"], "quantity": new["quantity"]}
    elif "quantity" in change:
        item["quantity"] = change["quantity"]
    if "tax_rates" in change:
        item["tax_rates"] = change["tax_rates"] or []
    merge_metadata(item, change)


def _trial(books: Books, after: Doc, params: Doc, now: int) -> bool:
    """A new end of the trial; true when it ends now."""
    wanted = params.get("trial_end")
    if wanted is None:
        return False
    timers.stop(books, "trial_will_end", after["id"])
    if wanted == "now":
        after |= {"trial_end": now if after["status"] == "trialing" else after["trial_end"], "status": "active"}
        return True
    if int(wanted) <= now:
        raise invalid("The trial_end must be in the future.", "trial_end")
    after |= {"trial_start": after["trial_start"] or now, "trial_end": int(wanted), "status": "trialing"}
    after["billing_cycle_anchor"] = int(wanted)
    items.set_period(after, now, int(wanted))
    timers.start(books, "period_end", after["id"], int(wanted), after["test_clock"])
    return False


def _prorate(books: Books, before: Doc, after: Doc, moment: int, *, charge: bool) -> None:
    old = {item["id"]: item for item in before["items"]["data"]}
    new = {item["id"]: item for item in after["items"]["data"]}
    for id in [*old, *(id for id in new if id not in old)]:
        was, is_ = old.get(id), new.get(id)
        same = was and is_ and was["price"] == is_["price"] and was["quantity"] == is_["quantity"]
        if same and charge:
            continue
        if was:
            pending.add(books, pending.prorate(books, before, was, moment, sign=-1))
        if is_ and charge:
            pending.add(books, pending.prorate(books, before, is_, moment, sign=1))


def _restart_cycle(books: Books, after: Doc, now: int, recurring: Doc) -> None:
    after["billing_cycle_anchor"] = now
    items.set_period(after, now, periods.step(now, recurring, 1))
    after["_bill_period"] = True
    timers.start(books, "period_end", after["id"], items.period(after)[1], after["test_clock"])
    if after["cancel_at_period_end"]:
        after["cancel_at"] = items.period(after)[1]
        timers.start(books, "cancel_at", after["id"], after["cancel_at"], after["test_clock"])


def _bill(books: Books, subscription: Doc, params: Doc) -> None:
    whole = subscription.get("_bill_period", False)
    subscription = books.put({name: value for name, value in subscription.items() if name != "_bill_period"})
    error = invoice_now(books, subscription, "subscription_update", whole_period=whole)
    if error and params.get("payment_behavior") == "error_if_incomplete":
        raise StripeError(error.message, status=402, type="card_error", code=error.code)


def invoice_now(books: Books, subscription: Doc, reason: str, *, whole_period: bool = False) -> StripeError | None:
    """Everything that waits, and the new period if the cycle starts anew: invoiced and collected at once."""
    customer = books.need("customer", subscription["customer"])
    found = pending.take(books, subscription)
    if whole_period:
        found += period_lines(books, subscription)
    if not found:
        return None
    invoice = invoices.draft(
        books, customer, reason=reason, lines=found, currency=subscription["currency"], subscription=subscription
    )
    pending.mark(books, invoice)
    books.put({**books.need("subscription", subscription["id"]), "latest_invoice": invoice["id"]})
    invoice = invoices.finalize(books, invoice)
    if invoice["status"] == "draft" or invoice["collection_method"] == "send_invoice":
        return None
    return collection.collect(books, invoice)[1]


def period_lines(books: Books, subscription: Doc) -> list[Doc]:
    """Licensed items in advance; metered ones are billed when their period is over."""
    found = []
    for item in subscription["items"]["data"]:
        if books.need("price", item["price"])["recurring"]["usage_type"] == "licensed":
            start, end = item["current_period_start"], item["current_period_end"]
            found.append(lines.of_item(books, subscription, item, start, end))
    return found


def _pause(books: Books, before: Doc, after: Doc) -> None:
    if before.get("pause_collection") == after.get("pause_collection"):
        return
    timers.stop(books, "resume", after["id"])
    resumes = (after["pause_collection"] or {}).get("resumes_at")
    if resumes:
        timers.start(books, "resume", after["id"], resumes, after["test_clock"])


@timers.action("resume")
def end_pause(books: Books, id: str) -> None:
    subscription = books.need("subscription", id)
    changed(books, "customer.subscription.updated", subscription, {**subscription, "pause_collection": None})


def restart(books: Books, subscription: Doc) -> Doc:
    """From `paused` (trial ended without a way to pay) back to billing, with a new cycle."""
    after = {**subscription, "items": {**subscription["items"]}}
    _restart_cycle(books, after, books.time_of(after["customer"]), items.recurring(books, after))
    after.pop("_bill_period")
    books.put(after)
    error = invoice_now(books, after, "subscription_update", whole_period=True)
    current = books.need("subscription", after["id"])
    if error:
        raise error
    resumed = subscription_end.move(books, current, "active")
    emit(books, "customer.subscription.resumed", resumed)
    return resumed
