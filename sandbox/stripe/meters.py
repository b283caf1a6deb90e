"""Usage meters: events add up per customer and period."""

from decimal import Decimal

from sandbox.stripe.books import Books, token
from sandbox.stripe.errors import Doc, StripeError, invalid, missing, wrong_state
from sandbox.stripe.events import changed, emit
from sandbox.stripe.prices import ceiling
from sandbox.stripe.routes import Call, Routes
from sandbox.stripe.settings import DAY

routes = Routes()
_METER = "billing.meter"
_PATH = "/v1/billing/meters/{id}"
_PAST, _FUTURE = 35 * DAY, 300  # how far the timestamp of a meter event may be off

routes.retrieve(_PATH, _METER, "billing.MeterRetrieveParams")
routes.by_fields("/v1/billing/meters", _METER, "billing.MeterListParams", "status")


@routes.post(
    "/v1/billing/meters",
    "billing.MeterCreateParams",
    "display_name event_name default_aggregation customer_mapping value_settings",
)
def create(call: Call) -> Doc:
    books, params = call.books, call.params
    if books.store.first(_METER, event_name=params["event_name"], status="active"):
        raise invalid(f"An active meter already uses the event name `{params['event_name']}`.", "event_name")
    defaults = {"customer_mapping": {"event_payload_key": "stripe_customer_id", "type": "by_id"}}
    defaults["value_settings"] = {"event_payload_key": "value"}
    meter = books.new(_METER, "mtr_", status="active", status_transitions={}, event_time_window=None)
    meter |= {**defaults, **params, "updated": meter["created"]}
    emit(books, "billing.meter.created", books.put(meter))
    return meter


@routes.post(_PATH, "billing.MeterUpdateParams", "display_name")
def update(call: Call) -> Doc:
    before = call.books.need(_METER, call.id, status=404)
    meter = {**before, **call.params, "updated": call.books.now()}
    changed(call.books, "billing.meter.updated", before, meter)
    return meter


@routes.post(_PATH + "/deactivate", "billing.MeterDeactivateParams")
def deactivate(call: Call) -> Doc:
    return _switch(call, "active", "inactive", "billing.meter.deactivated")


@routes.post(_PATH + "/reactivate", "billing.MeterReactivateParams")
def reactivate(call: Call) -> Doc:
    return _switch(call, "inactive", "active", "billing.meter.reactivated")


def _switch(call: Call, was: str, status: str, event: str) -> Doc:
    meter = call.books.need(_METER, call.id, status=404)
    if meter["status"] != was:
        raise wrong_state(f"The meter is not {was}.")
    now = call.books.now()
    transitions = {"deactivated_at": now if status == "inactive" else None}
    meter = call.books.put({**meter, "status": status, "updated": now, "status_transitions": transitions})
    emit(call.books, event, meter)
    return meter


@routes.post("/v1/billing/meter_events", "billing.MeterEventCreateParams", "event_name payload identifier timestamp")
def record(call: Call) -> Doc:
    books, params = call.books, call.params
    meter = books.store.first(_METER, event_name=params["event_name"], status="active")
    if meter is None:
        message = f"No active meter found for event name {params['event_name']}."
        raise StripeError(message, code="no_meter", param="event_name")
    customer = _payload(meter, params["payload"])
    moment = params.get("timestamp", books.time_of(customer))
    _check_time(moment, books.time_of(customer))
    identifier = params.get("identifier") or token("", 32)
    if books.store.get("meter_event", identifier):
        raise invalid("An event already exists with this identifier.", "identifier", "duplicate_meter_event")
    event = {"object": "billing.meter_event", "event_name": params["event_name"], "payload": params["payload"]}
    event |= {"identifier": identifier, "timestamp": moment, "created": books.time_of(customer), "livemode": False}
    books.store.put("meter_event", identifier, {**event, "id": identifier, "meter": meter["id"], "customer": customer})
    return event


def _payload(meter: Doc, payload: Doc) -> str:
    customer_key, value_key = (
        meter["customer_mapping"]["event_payload_key"],
        meter["value_settings"]["event_payload_key"],
    )
    for key in (customer_key, value_key):
        if not payload.get(key):
            raise missing(f"payload[{key}]")
    try:
        if Decimal(payload[value_key]) < 0:
            raise invalid("The value of a meter event must not be negative.", f"payload[{value_key}]")
    except ArithmeticError:
        raise invalid("The value of a meter event must be a number.", f"payload[{value_key}]") from None
    return str(payload[customer_key])


def _check_time(moment: int, now: int) -> None:
    if not now - _PAST <= moment <= now + _FUTURE:
        message = (
            "The timestamp of a meter event lies within the past 35 days and not more than 5 minutes in the future."
        )
        raise invalid(message, "timestamp", "timestamp_out_of_range")


def usage(books: Books, meter: str | None, customer: str, start: int, end: int) -> int:
    if meter is None:
        return 0
    return ceiling(_aggregate(books, books.need(_METER, meter), customer, start, end))


def _aggregate(books: Books, meter: Doc, customer: str, start: int, end: int) -> Decimal:
    found = books.store.all("meter_event", meter=meter["id"], customer=customer)
    events = sorted(
        (event for event in found if start <= event["timestamp"] < end), key=lambda event: event["timestamp"]
    )
    key = meter["value_settings"]["event_payload_key"]
    values = [Decimal(event["payload"][key]) for event in events]
    formula = meter["default_aggregation"]["formula"]
    if formula == "count":
        return Decimal(len(values))
    return sum(values, Decimal(0)) if formula == "sum" else (values[-1] if values else Decimal(0))


@routes.listing(
    _PATH + "/event_summaries",
    "billing.MeterEventSummaryListParams",
    "customer start_time end_time value_grouping_window",
)
def summaries(call: Call) -> list[Doc]:
    books, params = call.books, call.params
    meter = books.need(_METER, call.id, status=404)
    start, end = params["start_time"], params["end_time"]
    step = {"day": DAY, "hour": 3600}.get(params.get("value_grouping_window", ""), max(end - start, 1))
    if start >= end or start % 60 or end % 60:
        raise invalid("start_time and end_time must be whole minutes, in this order.", "start_time")
    return [_summary(books, meter, params["customer"], at, min(at + step, end)) for at in range(start, end, step)]


def _summary(books: Books, meter: Doc, customer: str, start: int, end: int) -> Doc:
    value = float(_aggregate(books, meter, customer, start, end))
    summary = {"id": f"mtrusg_{meter['id']}_{start}", "object": "billing.meter_event_summary", "livemode": False}
    return {**summary, "meter": meter["id"], "start_time": start, "end_time": end, "aggregated_value": value}
