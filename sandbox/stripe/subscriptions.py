"""Starting subscriptions, and the API around them."""

from sandbox.stripe import collection, discounts, invoices, items, lines, pending, periods, subscription_end, timers
from sandbox.stripe import subscription_changes as changes
from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc, StripeError, invalid, missing, wrong_state
from sandbox.stripe.events import emit
from sandbox.stripe.routes import Call, Routes, assign, merge_metadata
from sandbox.stripe.settings import DAY

routes = Routes()
_PATH = "/v1/subscriptions/{id}"
_FIELDS = "default_payment_method description default_tax_rates collection_method days_until_due payment_settings"
_CREATE = (
    f"{_FIELDS} customer items metadata discounts trial_end trial_period_days trial_settings payment_behavior "
    "off_session automatic_tax.enabled cancel_at cancel_at_period_end billing_cycle_anchor proration_behavior currency "
    "add_invoice_items"
)
FIRST_PAYMENT = 23 * 3600
_WILL_END = 3 * DAY

routes.retrieve(_PATH, "subscription", "SubscriptionRetrieveParams")


@routes.post("/v1/subscriptions", "SubscriptionCreateParams", _CREATE)
def create(call: Call) -> Doc:
    books, params = call.books, call.params
    if "customer" not in params:
        raise missing("customer")
    customer = books.need("customer", params["customer"], "customer")
    subscription = start(books, customer, params)
    if subscription["status"] == "trialing" or subscription["status"] != "incomplete":
        return subscription
    return first_payment(books, subscription, params)


def start(books: Books, customer: Doc, params: Doc) -> Doc:
    """The subscription and its first, finalized invoice; nothing is collected yet (unless nothing is due)."""
    now = books.now(customer.get("test_clock"))
    trial_end = _trial_end(params, now)
    subscription = _build(books, customer, params, now, trial_end)
    _give_discounts(books, subscription, params)
    books.put(subscription)
    emit(books, "customer.subscription.created", subscription)
    invoice = _first_invoice(books, subscription, customer, params)
    subscription = books.put({**books.need("subscription", subscription["id"]), "latest_invoice": invoice["id"]})
    _start_timers(books, subscription)
    if invoice["amount_due"] == 0 and invoice["status"] == "open":
        collection.paid(books, invoice)
    elif subscription["collection_method"] == "send_invoice":
        subscription_end.move(books, subscription, "trialing" if trial_end else "active")
    return books.need("subscription", subscription["id"])


def _trial_end(params: Doc, now: int) -> int | None:
    if params.get("trial_end") == "now":
        return None
    if "trial_end" in params:
        if int(params["trial_end"]) <= now:
            raise invalid("The trial_end must be in the future.", "trial_end")
        return int(params["trial_end"])
    days = params.get("trial_period_days") or 0
    return now + days * DAY if days else None


def _build(books: Books, customer: Doc, params: Doc, now: int, trial_end: int | None) -> Doc:
    found = [
        items.build(books, given, f"items[{index}]", start=now, end=now) for index, given in enumerate(params["items"])
    ]
    recurring = items.check(books, found)
    anchor = trial_end or params.get("billing_cycle_anchor") or now
    end = trial_end or (anchor if anchor > now else periods.step(anchor, recurring, 1))
    subscription = books.new("subscription", "sub_", created=now, customer=customer["id"], metadata={}, discounts=[])
    subscription |= {"items": items.as_list(subscription["id"], found), "currency": items.currency(books, found)}
    subscription |= {"billing_cycle_anchor": anchor, "start_date": now, "test_clock": customer.get("test_clock")}
    subscription |= {"status": "trialing" if trial_end else "incomplete", "trial_end": trial_end, "ended_at": None}
    subscription |= {"trial_start": now if trial_end else None, "latest_invoice": None, "canceled_at": None}
    subscription |= {"automatic_tax": {"enabled": params.get("automatic_tax", {}).get("enabled", False)}}
    subscription |= _fixed() | {"cancel_at_period_end": params.get("cancel_at_period_end", False)}
    items.set_period(subscription, now, end)
    assign(subscription, params, _FIELDS)
    merge_metadata(subscription, params)
    _check_method(books, subscription)
    subscription["cancel_at"] = end if subscription["cancel_at_period_end"] else changes.cancel_at(params, now, end)
    if "trial_settings" in params:
        subscription["trial_settings"] = params["trial_settings"]
    return subscription


def _fixed() -> Doc:
    fixed: Doc = {
        "billing_mode": {"type": "flexible", "flexible": None},
        "billing_schedules": [],
        "default_tax_rates": [],
    }
    fixed |= {"collection_method": "charge_automatically", "invoice_settings": {"issuer": {"type": "self"}}}
    fixed |= {"pause_collection": None, "schedule": None, "default_payment_method": None, "description": None}
    fixed |= {"cancellation_details": {"comment": None, "feedback": None, "reason": None}}
    settings = {"payment_method_options": None, "payment_method_types": None, "save_default_payment_method": "off"}
    end = {"end_behavior": {"missing_payment_method": "create_invoice"}}
    return {**fixed, "payment_settings": settings, "trial_settings": end}


def _check_method(books: Books, subscription: Doc) -> None:
    method = subscription["default_payment_method"]
    if not method:
        return
    found = books.need("payment_method", method, "default_payment_method")
    if found["customer"] != subscription["customer"]:
        message = f"The customer does not have a payment method with the ID {method}."
        raise invalid(message, "default_payment_method", "resource_missing")


def _give_discounts(books: Books, subscription: Doc, params: Doc) -> None:
    for index, given in enumerate(params.get("discounts") or []):
        resolved = discounts.resolve(books, given, subscription["customer"], 0, f"discounts[{index}]")
        owner = {"subscription": subscription["id"]}
        discount = discounts.give(books, resolved, customer=subscription["customer"], **owner)
        subscription["discounts"].append(discount["id"])


def _first_invoice(books: Books, subscription: Doc, customer: Doc, params: Doc) -> Doc:
    start_, end = items.period(subscription)
    trial = subscription["status"] == "trialing"
    found = []
    for item in subscription["items"]["data"]:
        metered = books.need("price", item["price"])["recurring"]["usage_type"] == "metered"
        line = lines.of_item(books, subscription, item, start_, end, quantity=0 if metered else None)
        if trial:
            line |= {"amount": 0, "subtotal": 0, "description": f"Trial period for {line['description']}"}
        found.append(line)
    for given in params.get("add_invoice_items") or []:
        price = books.need("price", given["price"], "add_invoice_items[0][price]")
        found.append(lines.of_price(books, price, given.get("quantity", 1), start_))
    found += pending.take(books, subscription)
    more = {"period_start": start_, "period_end": start_}
    if subscription["collection_method"] == "send_invoice":
        more["due_date"] = invoices.due_date(books, customer, subscription.get("days_until_due") or 30)
    reason, currency = "subscription_create", subscription["currency"]
    invoice = invoices.draft(
        books, customer, reason=reason, lines=found, currency=currency, subscription=subscription, **more
    )
    pending.mark(books, invoice)
    invoice = invoices.finalize(books, invoice)
    if invoice["status"] == "draft":
        raise invalid(invoice["last_finalization_error"]["message"], "automatic_tax", "customer_tax_location_invalid")
    return invoice


def _start_timers(books: Books, subscription: Doc) -> None:
    clock = subscription["test_clock"]
    timers.start(books, "period_end", subscription["id"], items.period(subscription)[1], clock)
    if subscription["cancel_at"]:
        timers.start(books, "cancel_at", subscription["id"], subscription["cancel_at"], clock)
    if subscription["status"] == "incomplete":
        timers.start(books, "incomplete", subscription["id"], subscription["created"] + FIRST_PAYMENT, clock)
    if subscription["trial_end"]:
        soon = max(subscription["trial_end"] - _WILL_END, subscription["created"])
        timers.start(books, "trial_will_end", subscription["id"], soon, clock)


def first_payment(books: Books, subscription: Doc, params: Doc) -> Doc:
    behavior = params.get("payment_behavior", "allow_incomplete")
    invoice = books.need("invoice", subscription["latest_invoice"])
    method = collection.default_method(books, invoice)
    if behavior == "default_incomplete":
        return subscription
    if method is None:
        message = "This customer has no attached payment source or default payment method. Please consider adding one."
        raise StripeError(message, code="resource_missing")
    _, error = collection.collect(books, invoice)
    if error and behavior == "error_if_incomplete":
        raise StripeError(error.message, status=402, type="card_error", code=error.code)
    return books.need("subscription", subscription["id"])


@routes.listing("/v1/subscriptions", "SubscriptionListParams", "customer price status test_clock collection_method")
def list_subscriptions(call: Call) -> list[Doc]:
    return [subscription for subscription in call.books.all("subscription") if _wanted(subscription, call.params)]


def _wanted(subscription: Doc, params: Doc) -> bool:
    status = params.get("status")
    by_status = subscription["status"] != "canceled" if status is None else status in ("all", subscription["status"])
    if status == "ended":
        by_status = subscription["status"] in subscription_end.ENDED
    equal = ("customer", "test_clock", "collection_method")
    prices = [item["price"] for item in subscription["items"]["data"]]
    by_price = params.get("price", prices[0]) in prices
    return by_status and by_price and all(subscription[name] == params[name] for name in equal if name in params)


_UPDATE = (
    f"{_FIELDS} metadata items proration_behavior proration_date cancel_at cancel_at_period_end trial_end discounts "
    "payment_behavior off_session pause_collection automatic_tax.enabled billing_cycle_anchor cancellation_details "
    "trial_settings add_invoice_items"
)


@routes.post(_PATH, "SubscriptionUpdateParams", _UPDATE)
def update(call: Call) -> Doc:
    subscription = call.books.need("subscription", call.id, status=404)
    return changes.update(call.books, subscription, call.params)


@routes.remove(_PATH, "SubscriptionCancelParams", "cancellation_details invoice_now prorate")
def cancel(call: Call) -> Doc:
    books, params = call.books, call.params
    subscription = books.need("subscription", call.id)
    if subscription["status"] in subscription_end.ENDED:
        raise StripeError(f"No such subscription: '{call.id}'", status=404, code="resource_missing", param="id")
    if params.get("prorate"):
        pending.credit_unused(books, subscription)
    ended = subscription_end.cancel(
        books, subscription, reason="cancellation_requested", feedback=params.get("cancellation_details")
    )
    if params.get("invoice_now") and pending.waiting(books, subscription):
        changes.invoice_now(books, ended, "subscription_update")
    return books.need("subscription", call.id)


@routes.post(_PATH + "/resume", "SubscriptionResumeParams", "billing_cycle_anchor proration_behavior")
def resume(call: Call) -> Doc:
    subscription = call.books.need("subscription", call.id, status=404)
    if subscription["status"] != "paused":
        raise wrong_state("Only a subscription with the status paused can be resumed.")
    return changes.restart(call.books, subscription)


@routes.remove(_PATH.replace("{id}", "{id}/discount"), "SubscriptionDeleteDiscountParams")
def delete_discount(call: Call) -> Doc:
    books = call.books
    subscription = books.need("subscription", call.id, status=404)
    if not subscription["discounts"]:
        raise StripeError("No active discount", status=404, code="resource_missing")
    discount = books.need("discount", subscription["discounts"][-1])
    books.put({**subscription, "discounts": subscription["discounts"][:-1]})
    emit(books, "customer.discount.deleted", discount)
    return {**discount, "deleted": True}
