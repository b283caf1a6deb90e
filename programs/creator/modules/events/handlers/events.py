"""The creator's events, as visitors see them and as the creator keeps them."""

import uuid
from typing import Any

from programs.creator.modules.events.handlers import tickets
from programs.creator.runtime.checkout import CURRENCY
from programs.creator.runtime.documents import Item, Unmet, change, delete, get, put, query, write
from programs.creator.runtime.errors import Problem
from programs.creator.runtime.fields import PRICE, form, one_of, text, whole
from programs.creator.runtime.http import Answer, Request, Routes

handle = Routes()
TABLE = "events"
DATE = text(20, 20, r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
SEATS = whole(1, 100_000)
CENTS = whole(0, 99_999_900)
SHOWN = ("eventId", "title", "description", "date", "location", "ticketsAvailable", "ticketsSold", "status", "price")
NEW = form(
    title=text(1, 200), description=text(0, 4000), date=DATE, location=text(1, 300), ticketsAvailable=SEATS,
    optional={"status": one_of("open", "hidden"), "price": CENTS},
)  # fmt: skip
CHANGE = form(
    optional={
        "title": text(1, 200), "description": text(0, 4000), "date": DATE, "location": text(1, 300),
        "ticketsAvailable": SEATS, "price": CENTS, "status": one_of("open", "hidden", "cancelled"),
    }
)  # fmt: skip
BOOKING = form(qty=whole(1, 20))
CHECKIN = form(code=text(10, 120, r"[A-Za-z0-9.-]+"))


@handle.add("GET /events")
def listed(request: Request) -> Answer:
    first = DATE("from", request.query.get("from", "0000-00-00T00:00:00Z"))
    last = DATE("to", request.query.get("to", "9999-99-99T99:99:99Z"))
    values = {"open": "open", "first": first, "last": last}
    page = query(TABLE, "#status = :open AND #date BETWEEN :first AND :last", values, index="status-index")
    return Answer(200, {"items": [_shown(row) for row in page.items]})


@handle.add("GET /events/{id}")
def one(request: Request) -> Answer:
    return Answer(200, _shown(find(request.id("id"))))


@handle.add("POST /events")
def announce(request: Request) -> Answer:
    _ = request.admin
    row = {"status": "open", "price": 0, **_priced(request.form(NEW)), "eventId": uuid.uuid4().hex, "ticketsSold": 0}
    write(put(TABLE, row, when="attribute_not_exists(#eventId)"))
    return Answer(201, _shown(row))


@handle.add("PATCH /events/{id}")
def alter(request: Request) -> Answer:
    _ = request.admin
    wanted, row = _priced(request.form(CHANGE)), find(request.id("id"))
    if not wanted:
        return Answer(200, _shown(row))
    seats = wanted.get("ticketsAvailable", row["ticketsAvailable"])
    try:
        changed = change(TABLE, _key(row), set=wanted, when="#ticketsSold <= :seats", values={"seats": seats})
        return Answer(200, _shown(write(changed)))
    except Unmet:
        raise Problem("conflict", "more tickets than that are sold", "ticketsAvailable") from None


@handle.add("DELETE /events/{id}")
def withdraw(request: Request) -> Answer:
    """What somebody has a ticket for is cancelled, not forgotten."""
    _ = request.admin
    row = find(request.id("id"))
    try:
        write(delete(TABLE, _key(row), when="#ticketsSold = :none", values={"none": 0}))
        return Answer(204)
    except Unmet:
        return Answer(200, _shown(write(change(TABLE, _key(row), set={"status": "cancelled"}))))


@handle.add("POST /events/{id}/tickets")
def book(request: Request) -> Answer:
    event_id = request.id("id")
    return tickets.book(request, event_id, request.form(BOOKING)["qty"], find)


@handle.add("GET /events/tickets/mine")
def mine(request: Request) -> Answer:
    return Answer(200, {"items": tickets.of(request.caller.user_id)})


@handle.add("POST /events/{id}/checkin")
def check_in(request: Request) -> Answer:
    _ = request.admin
    return Answer(200, tickets.check_in(request.id("id"), request.form(CHECKIN)["code"]))


def find(event_id: str) -> Item:
    found = get(TABLE, consistent=True, eventId=event_id)
    if found is None:
        raise Problem("not_found", "there is no such event")
    return found


def _key(row: Item) -> Item:
    return {"eventId": row["eventId"]}


def _shown(row: Item) -> dict[str, Any]:
    found = {name: row[name] for name in SHOWN} | {"currency": CURRENCY}
    return found | {"remaining": row["ticketsAvailable"] - row["ticketsSold"]}


def _priced(wanted: dict[str, Any]) -> dict[str, Any]:
    """Nothing, or what a payment is worth."""
    if wanted.get("price"):
        PRICE("price", wanted["price"])
    return wanted
