"""Events: written in the same transaction as the change, one delivery per endpoint that listens."""

import typing
from functools import cache

from stripe._event import Event

from sandbox.stripe import outbox
from sandbox.stripe.books import API_VERSION, Books, request
from sandbox.stripe.errors import Doc
from sandbox.stripe.routes import Call, Routes
from sandbox.stripe.shape import show
from sandbox.stripe.views import inflate

routes = Routes()
KEPT = 30 * 86_400
_ROW = "event_row"  # what lists look at; the bodies are read for one page only


@cache
def known_types() -> frozenset[str]:
    hint = Event.__annotations__["type"]
    literals = [hint, *typing.get_args(hint)]
    return frozenset(name for part in literals for name in typing.get_args(part) if isinstance(name, str))


def emit(books: Books, type: str, doc: Doc, previous: Doc | None = None) -> Doc:
    assert type in known_types(), type
    shown = show(inflate(books, doc))
    data: Doc = {"object": shown}
    if previous is not None:
        data["previous_attributes"] = show(inflate(books, {name: previous.get(name) for name in previous}))
    event = books.new("event", "evt_", created=books.now(), type=type, api_version=API_VERSION, data=data)
    event["request"] = request.get() or {"id": None, "idempotency_key": None}
    event = show(event)
    books.put(event)
    books.store.put(_ROW, event["id"], {"id": event["id"], "type": type, "created": event["created"]})
    for endpoint in books.all("webhook_endpoint", status="enabled"):
        if type in endpoint["enabled_events"] or "*" in endpoint["enabled_events"]:
            outbox.schedule(books, event, endpoint)
    return event


def changed(books: Books, type: str, before: Doc, after: Doc) -> None:
    """Store `after`; an `updated` event only when something public is different."""
    books.put(after)
    names = [name for name in after if not name.startswith("_") and after.get(name) != before.get(name)]
    if names:
        emit(books, type, after, {name: before.get(name) for name in names})


def view(books: Books, event: Doc) -> Doc:
    return {**event, "pending_webhooks": outbox.unanswered(books, event["id"])}


@routes.get("/v1/events/{id}", "EventRetrieveParams")
def retrieve(call: Call) -> Doc:
    return view(call.books, call.books.need("event", call.id, status=404))


def load(books: Books, row: Doc) -> Doc:
    return view(books, books.need("event", row["id"]))


@routes.listing("/v1/events", "EventListParams", "type types delivery_success", load=load)
def list_events(call: Call) -> list[Doc]:
    books, params = call.books, call.params
    oldest = books.now() - KEPT
    types = params.get("types") or ([params["type"]] if "type" in params else None)
    found = [row for row in books.store.all(_ROW) if row["created"] >= oldest]
    found = [row for row in found if types is None or _matches(row["type"], types)]
    if "delivery_success" in params:
        waiting = outbox.unanswered_events(books)
        found = [row for row in found if (row["id"] not in waiting) == params["delivery_success"]]
    return found


def latest(books: Books, count: int) -> list[Doc]:
    return [books.need("event", row["id"]) for row in books.store.all(_ROW)[: -count - 1 : -1]]


def _matches(type: str, wanted: list[str]) -> bool:
    return any(type == name or (name.endswith("*") and type.startswith(name[:-1])) for name in wanted)
