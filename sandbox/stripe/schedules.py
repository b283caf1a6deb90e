"""Subscription schedules: phases that take over from each other at set times."""

from sandbox.stripe import items, periods, subscription_changes, subscription_end, subscriptions, timers
from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc, invalid, missing
from sandbox.stripe.events import changed, emit
from sandbox.stripe.routes import Call, Routes, merge_metadata

routes = Routes()
_KIND = "subscription_schedule"
_PATH = "/v1/subscription_schedules/{id}"
_PHASE = (
    "items",
    "end_date",
    "duration",
    "proration_behavior",
    "metadata",
    "trial",
    "default_payment_method",
    "description",
)
_PHASES = " ".join(f"phases.{name}" for name in _PHASE)
_DONE = {"completed", "released", "canceled"}

routes.retrieve(_PATH, _KIND, "SubscriptionScheduleRetrieveParams")
routes.by_fields("/v1/subscription_schedules", _KIND, "SubscriptionScheduleListParams", "customer")


@routes.post(
    "/v1/subscription_schedules",
    "SubscriptionScheduleCreateParams",
    f"customer end_behavior from_subscription metadata start_date {_PHASES}",
)
def create(call: Call) -> Doc:
    books, params = call.books, call.params
    schedule = _adopt(books, params) if "from_subscription" in params else _build(books, params)
    merge_metadata(schedule, params)
    emit(books, "subscription_schedule.created", books.put(schedule))
    if schedule["status"] == "not_started":
        if schedule["phases"][0]["start_date"] <= books.time_of(schedule["customer"]):
            return enter(books, schedule, 0)
        timers.start(books, "phase", schedule["id"], schedule["phases"][0]["start_date"], schedule["test_clock"])
    return schedule


def _new(books: Books, customer: str, params: Doc) -> Doc:
    clock = books.clock_of(customer)
    schedule = books.new(
        _KIND, "sub_sched_", created=books.now(clock), customer=customer, test_clock=clock, metadata={}
    )
    settings: Doc = {"billing_cycle_anchor": "automatic", "invoice_settings": {"issuer": {"type": "self"}}}
    schedule |= {"default_settings": settings, "billing_mode": {"type": "flexible"}, "pause_schedules": []}
    return schedule | {
        "end_behavior": params.get("end_behavior", "release"),
        "current_phase": None,
        "subscription": None,
    }


def _build(books: Books, params: Doc) -> Doc:
    for name in ("customer", "phases"):
        if not params.get(name):
            raise missing(name)
    customer = books.need("customer", params["customer"], "customer")
    schedule = _new(books, customer["id"], params)
    start = params.get("start_date", "now")
    start = books.time_of(customer["id"]) if start == "now" else int(start)
    return {**schedule, "status": "not_started", "phases": _phases(books, params["phases"], start)}


def _adopt(books: Books, params: Doc) -> Doc:
    """A running subscription becomes the first phase."""
    if set(params) - {"from_subscription", "metadata"}:
        raise invalid("`from_subscription` can not be combined with other parameters.", "from_subscription")
    subscription = books.need("subscription", params["from_subscription"], "from_subscription")
    if subscription["schedule"] or subscription["status"] in subscription_end.ENDED:
        raise invalid(
            "You cannot migrate a subscription that is already attached to a schedule or ended.", "from_subscription"
        )
    schedule = _new(books, subscription["customer"], {})
    start, end = items.period(subscription)
    given = [{"price": item["price"], "quantity": item["quantity"]} for item in subscription["items"]["data"]]
    schedule["phases"] = _phases(books, [{"items": given, "end_date": end}], start)
    current = {"start_date": start, "end_date": end}
    schedule |= {"status": "active", "subscription": subscription["id"], "current_phase": current, "_phase": 0}
    books.put({**subscription, "schedule": schedule["id"]})
    timers.start(books, "phase", schedule["id"], end, schedule["test_clock"])
    return schedule


def _phases(books: Books, given: list[Doc], start: int) -> list[Doc]:
    phases = []
    for index, phase in enumerate(given):
        found = _phase(books, phase, start, index)
        phases.append(found)
        start = found["end_date"]
    return phases


def _phase(books: Books, given: Doc, start: int, index: int) -> Doc:
    param = f"phases[{index}]"
    built = [
        items.build(books, item, f"{param}[items][{i}]", start=start, end=start)
        for i, item in enumerate(given["items"])
    ]
    recurring = items.check(books, built)
    end = given.get("end_date") or periods.step(start, given.get("duration", recurring), 1)
    if not isinstance(end, int) or end <= start:
        raise invalid("The end_date of a phase must be after its start.", f"{param}[end_date]")
    shown = [_item(item) for item in built]
    phase = {"start_date": start, "end_date": end, "items": shown, "currency": items.currency(books, built)}
    phase |= {"proration_behavior": given.get("proration_behavior", "create_prorations"), "add_invoice_items": []}
    phase |= {"metadata": given.get("metadata", {}), "discounts": [], "trial_end": end if given.get("trial") else None}
    return {
        **phase,
        "default_payment_method": given.get("default_payment_method"),
        "description": given.get("description"),
    }


def _item(item: Doc) -> Doc:
    shown = {"price": item["price"], "plan": item["price"], "quantity": item["quantity"], "metadata": item["metadata"]}
    return {**shown, "discounts": [], "tax_rates": []}


@timers.action("phase")
def next_phase(books: Books, id: str) -> None:
    schedule = books.need(_KIND, id)
    if schedule["status"] not in _DONE:
        enter(books, schedule, schedule.get("_phase", -1) + 1)


def enter(books: Books, schedule: Doc, index: int) -> Doc:
    """Begin a phase, or end the schedule as it wishes."""
    if index >= len(schedule["phases"]):
        return _finish(books, schedule)
    phase = schedule["phases"][index]
    subscription = books.get("subscription", schedule["subscription"])
    if subscription is None:
        customer = books.need("customer", schedule["customer"])
        subscription = _start(books, customer, phase, schedule["id"])
    else:
        _change(books, subscription, phase)
    current = {"start_date": phase["start_date"], "end_date": phase["end_date"]}
    after = {
        **schedule,
        "status": "active",
        "current_phase": current,
        "_phase": index,
        "subscription": subscription["id"],
    }
    changed(books, "subscription_schedule.updated", schedule, after)
    timers.start(books, "phase", schedule["id"], phase["end_date"], schedule["test_clock"])
    return after


def _start(books: Books, customer: Doc, phase: Doc, schedule: str) -> Doc:
    given = [
        {name: item[name] for name in ("price", "quantity", "metadata") if item[name] is not None}
        for item in phase["items"]
    ]
    params: Doc = {"items": given, "metadata": phase["metadata"]}
    params |= {name: phase[name] for name in ("default_payment_method", "description") if phase[name]}
    if phase["trial_end"]:
        params["trial_end"] = phase["trial_end"]
    subscription = books.put({**subscriptions.start(books, customer, params), "schedule": schedule})
    return (
        subscriptions.first_payment(books, subscription, {}) if subscription["status"] == "incomplete" else subscription
    )


def _change(books: Books, subscription: Doc, phase: Doc) -> None:
    """The items of the phase replace those of the subscription."""
    old = {item["price"]: item for item in subscription["items"]["data"]}
    wanted = {item["price"]: item for item in phase["items"]}
    given: list[Doc] = [{"id": item["id"], "deleted": True} for price, item in old.items() if price not in wanted]
    for price, item in wanted.items():
        target = {"id": old[price]["id"]} if price in old else {"price": price}
        given.append({**target, **({"quantity": item["quantity"]} if item["quantity"] is not None else {})})
    params: Doc = {"items": given, "proration_behavior": phase["proration_behavior"]}
    if phase["metadata"]:
        params["metadata"] = phase["metadata"]
    subscription_changes.update(books, subscription, params)


def _finish(books: Books, schedule: Doc) -> Doc:
    if schedule["end_behavior"] == "release":
        return _let_go(books, schedule, "completed", "subscription_schedule.completed", "completed_at")
    subscription = books.need("subscription", schedule["subscription"])
    after = _let_go(books, schedule, "completed", "subscription_schedule.completed", "completed_at")
    subscription_end.cancel(books, {**subscription, "schedule": None}, reason=None)
    return after


def _let_go(books: Books, schedule: Doc, status: str, event: str, stamp: str) -> Doc:
    timers.stop(books, "phase", schedule["id"])
    subscription = books.get("subscription", schedule["subscription"])
    if subscription:
        books.put({**subscription, "schedule": None})
    after = {**schedule, "status": status, stamp: books.time_of(schedule["customer"]), "current_phase": None}
    if status == "released":
        after |= {"released_subscription": schedule["subscription"], "subscription": None}
    emit(books, event, books.put(after), {"status": schedule["status"]})
    return after


@routes.post(
    _PATH, "SubscriptionScheduleUpdateParams", f"end_behavior metadata proration_behavior phases.start_date {_PHASES}"
)
def update(call: Call) -> Doc:
    books, params = call.books, call.params
    before = _open(call)
    after = {**before, "end_behavior": params.get("end_behavior", before["end_behavior"])}
    merge_metadata(after, params)
    if "phases" in params:
        first = params["phases"][0].get("start_date", before["phases"][0]["start_date"])
        start = books.time_of(before["customer"]) if first == "now" else int(first)
        after["phases"] = _phases(books, params["phases"], start)
    changed(books, "subscription_schedule.updated", before, after)
    if "phases" in params and before["status"] == "active":
        return _realign(books, after, params)
    return after


def _realign(books: Books, schedule: Doc, params: Doc) -> Doc:
    """The phase that is running may have new items or a new end."""
    now = books.time_of(schedule["customer"])
    phases = schedule["phases"]
    index = next((i for i, phase in enumerate(phases) if phase["start_date"] <= now < phase["end_date"]), None)
    if index is None:
        raise invalid("One of the phases must be running now.", "phases")
    if "proration_behavior" in params:
        phases[index]["proration_behavior"] = params["proration_behavior"]
    return enter(books, books.put({**schedule, "phases": phases}), index)


@routes.post(_PATH + "/cancel", "SubscriptionScheduleCancelParams", "prorate")
def cancel(call: Call) -> Doc:
    schedule = _open(call)
    subscription = call.books.get("subscription", schedule["subscription"])
    after = _let_go(call.books, schedule, "canceled", "subscription_schedule.canceled", "canceled_at")
    if subscription and subscription["status"] not in subscription_end.ENDED:
        subscription_end.cancel(call.books, {**subscription, "schedule": None}, reason="cancellation_requested")
    return after


@routes.post(_PATH + "/release", "SubscriptionScheduleReleaseParams")
def release(call: Call) -> Doc:
    return _let_go(call.books, _open(call), "released", "subscription_schedule.released", "released_at")


def _open(call: Call) -> Doc:
    schedule = call.books.need(_KIND, call.id, status=404)
    if schedule["status"] in _DONE:
        raise invalid(f"The schedule is {schedule['status']} and can not be changed.")
    return schedule
