"""Seats: taken, counted and limited in one transaction. A ticket's code proves itself, nothing has to store it.

Those that cost something are held until the money is there."""

import hmac
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from programs.creator.runtime import checkout
from programs.creator.runtime.checkout import Line, Sale
from programs.creator.runtime.documents import Item, Unmet, Write, change, every, get, put, transact, write
from programs.creator.runtime.errors import Problem
from programs.creator.runtime.http import Answer, Request
from programs.creator.runtime.moments import iso, now, seconds
from programs.creator.runtime.once import idempotent
from programs.creator.runtime.secrets import value
from programs.creator.runtime.settings import text

TABLE = "event-tickets"
ATTEMPTS = 5  # the number of seats may change between reading and booking


def book(request: Request, event_id: str, qty: int, find: Callable[[str], Item]) -> Answer:
    user_id = request.caller.user_id

    def work(attempt: str) -> Answer:
        wanted = [f"{attempt}-{number}" for number in range(qty)]
        for _ in range(ATTEMPTS):
            event = find(event_id)
            if _taken(event, user_id, wanted):
                return _given(event, wanted)
        raise Problem("unavailable", "please try again in a moment")

    return idempotent(request, f"{user_id}#{event_id}", work)


def of(user_id: str) -> list[dict[str, Any]]:
    found = every(TABLE, "#userId = :user", {"user": user_id}, index="userId-index")
    return [
        {name: row[name] for name in ("eventId", "ticketId", "status", "createdAt")}
        | ({"code": code(row["eventId"], row["ticketId"])} if row["status"] in {"valid", "used"} else {})
        for row in found
    ]


def check_in(event_id: str, shown: str) -> dict[str, str]:
    ticket_id = shown.partition(".")[0]
    if not hmac.compare_digest(shown, code(event_id, ticket_id)):
        raise Problem("not_found", "this is no ticket for this event", "code")
    key = {"eventId": event_id, "ticketId": ticket_id}
    used = {"status": "used", "usedAt": iso()}
    try:
        write(change(TABLE, key, set=used, when="#status = :valid", values={"valid": "valid"}))
    except Unmet:
        raise Problem("conflict", "this ticket was used or withdrawn", "code") from None
    return {"ticketId": ticket_id, "status": "used"}


def code(event_id: str, ticket_id: str) -> str:
    seal = hmac.new(value("app", "pepper").encode(), f"ticket\0{event_id}\0{ticket_id}".encode(), sha256).hexdigest()
    return f"{ticket_id}.{seal[:20]}"


def of_purchase(purchase: str) -> list[Item]:
    event_id, _, attempt = purchase.partition(".")
    where = "#eventId = :event AND begins_with(#ticketId, :attempt)"
    return list(every(TABLE, where, {"event": event_id, "attempt": f"{attempt}-"}))


def moved(row: Item, status: str, **more: str) -> Write:
    key, values = {"eventId": row["eventId"], "ticketId": row["ticketId"]}, {"before": row["status"]}
    return change(TABLE, key, set={"status": status, **more}, when="#status = :before", values=values)


def freed(rows: list[Item]) -> list[Write]:
    """The seats, and the person's share of them."""
    if not rows:
        return []
    count = {"eventId": rows[0]["eventId"], "ticketId": f"count#{rows[0]['userId']}"}
    back = [change("events", {"eventId": rows[0]["eventId"]}, add={"ticketsSold": -len(rows)})]
    known = get(TABLE, consistent=True, **count)
    return [*back, *([change(TABLE, count, add={"n": -len(rows)})] if known else [])]


def _given(event: Item, wanted: list[str]) -> Answer:
    first = get(TABLE, consistent=True, eventId=event["eventId"], ticketId=wanted[0])
    if first is None or first["status"] == "void":
        raise Problem("gone", "these seats were given up")
    if first["status"] != "held":
        return Answer(201, {"tickets": [{"ticketId": one, "code": code(event["eventId"], one)} for one in wanted]})
    purchase = f"{event['eventId']}.{wanted[0].rpartition('-')[0]}"
    lines = (Line(event["title"], first["price"], len(wanted)),)
    created = seconds(first["createdAt"])
    page = checkout.open(Sale(kind="ticket", id=purchase, lines=lines, path="events", created=created))
    key = {"eventId": event["eventId"], "ticketId": wanted[0]}
    write(change(TABLE, key, set={"stripeSessionId": page["id"]}))
    return Answer(201, {"checkoutUrl": page["url"]})


def _taken(event: Item, user_id: str, wanted: list[str]) -> bool:
    """False if the event changed in between."""
    if event["status"] != "open":
        raise Problem("gone", "there are no tickets for this event")
    if event["ticketsSold"] + len(wanted) > event["ticketsAvailable"]:
        raise Problem("conflict", "there are not so many seats left")
    try:
        transact(
            _seats(event, len(wanted)), _counted(event, user_id, len(wanted)),
            *(_ticket(event, user_id, one) for one in wanted),
        )  # fmt: skip
    except Unmet as unmet:
        if 1 in unmet.at:
            raise Problem("conflict", f"{text('TICKETS_EACH')} tickets for each person") from None
        # The tickets themselves are there if an attempt before this one was cut off after the transaction.
        return 0 not in unmet.at
    return True


def _seats(event: Item, qty: int) -> Write:
    seats = event["ticketsAvailable"]
    values = {"open": "open", "seats": seats, "room": seats - qty}
    when = "#status = :open AND #ticketsAvailable = :seats AND #ticketsSold <= :room"
    return change("events", {"eventId": event["eventId"]}, add={"ticketsSold": qty}, when=when, values=values)


def _counted(event: Item, user_id: str, qty: int) -> Write:
    key = {"eventId": event["eventId"], "ticketId": f"count#{user_id}"}
    room = int(text("TICKETS_EACH")) - qty
    if room < 0:
        raise Problem("conflict", f"{text('TICKETS_EACH')} tickets for each person", "qty")
    when = "attribute_not_exists(#n) OR #n <= :room"
    return change(TABLE, key, add={"n": qty}, when=when, values={"room": room})


def _ticket(event: Item, user_id: str, ticket_id: str) -> Write:
    row = {"eventId": event["eventId"], "ticketId": ticket_id, "userId": user_id, "status": "valid"}
    if event["price"]:
        held = now() + int(text("HOLD_MINUTES")) * 60
        row |= {"status": "held", "price": event["price"], "holdUntil": held}
    return put(TABLE, {**row, "createdAt": iso()}, when="attribute_not_exists(#ticketId)")
