"""Test clocks: time for some customers only. Advancing really runs what comes due."""

from sandbox.stripe import timers
from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc, invalid, wrong_state
from sandbox.stripe.events import emit
from sandbox.stripe.routes import Call, Routes
from sandbox.stripe.settings import DAY

routes = Routes()
KIND = "test_helpers.test_clock"
_PATH = "/v1/test_helpers/test_clocks/{id}"
_LIVES = 30 * DAY

routes.retrieve(_PATH, KIND, "test_helpers.TestClockRetrieveParams")
routes.by_fields("/v1/test_helpers/test_clocks", KIND, "test_helpers.TestClockListParams")


@routes.post("/v1/test_helpers/test_clocks", "test_helpers.TestClockCreateParams", "frozen_time name")
def create(call: Call) -> Doc:
    clock = call.books.new(KIND, "clock_", status="ready", status_details={}, name=call.params.get("name"))
    clock |= {"frozen_time": call.params["frozen_time"], "deletes_after": clock["created"] + _LIVES}
    emit(call.books, "test_helpers.test_clock.created", call.books.put(clock))
    return clock


@routes.post(_PATH + "/advance", "test_helpers.TestClockAdvanceParams", "frozen_time")
def advance(call: Call) -> Doc:
    """Answers at once; the work is done behind it, as at Stripe."""
    books, target = call.books, call.params["frozen_time"]
    clock = books.need(KIND, call.id, status=404)
    if clock["status"] != "ready":
        raise wrong_state("This test clock is currently advancing.")
    if target <= clock["frozen_time"]:
        raise invalid("You can only advance a test clock to a time after its frozen time.", "frozen_time")
    limit = _furthest(books, clock)
    if target > limit:
        message = f"You can not advance beyond two intervals of the shortest subscription: at most to {limit}."
        raise invalid(message, "frozen_time")
    after = {**clock, "status": "advancing", "status_details": {"advancing": {"target_frozen_time": target}}}
    emit(books, "test_helpers.test_clock.advancing", books.put(after))
    return after


def _furthest(books: Books, clock: Doc) -> int:
    """Stripe allows two periods of the shortest subscription at a time."""
    running = [
        s
        for s in books.all("subscription", test_clock=clock["id"])
        if s["status"] not in ("canceled", "incomplete_expired")
    ]
    lengths = [i["current_period_end"] - i["current_period_start"] for s in running for i in s["items"]["data"]]
    shortest = min(lengths, default=366 * DAY)
    return int(clock["frozen_time"] + max(2 * shortest, 2 * 31 * DAY))


@routes.remove(_PATH, "test_helpers.TestClockDeleteParams")
def delete(call: Call) -> Doc:
    """Takes its customers and their subscriptions along."""
    books = call.books
    clock = books.need(KIND, call.id, status=404)
    for kind in ("timer", "subscription", "invoice", "customer"):
        field = "clock" if kind == "timer" else "test_clock"
        for doc in books.store.all(kind, **{field: call.id}):
            books.store.delete(kind, doc["id"])
    books.store.delete(KIND, call.id)
    emit(books, "test_helpers.test_clock.deleted", clock)
    return {"id": call.id, "object": KIND, "deleted": True}


def run_advancing(books: Books) -> None:
    """Finish every advance that was asked for, also one that a crash interrupted."""
    for clock in books.store.all(KIND, status="advancing"):
        target = clock["status_details"]["advancing"]["target_frozen_time"]
        timers.run_due(books, clock["id"], target)
        done = {**clock, "frozen_time": target, "status": "ready", "status_details": {}}
        with books.store.transaction():
            emit(books, "test_helpers.test_clock.ready", books.put(done))
