"""Sponsors, as they book, as the creator decides, and as visitors see them."""

import re
from collections.abc import Mapping
from typing import Any

from programs.creator.modules.sponsor_system.handlers import bookings
from programs.creator.runtime import checkout, cursor, uploads
from programs.creator.runtime.documents import Item, Unmet, change, every, query, transact, write
from programs.creator.runtime.errors import Problem
from programs.creator.runtime.fields import day, form, link, one_of, text
from programs.creator.runtime.http import Answer, Request, Routes
from programs.creator.runtime.moments import today
from programs.creator.runtime.once import idempotent
from programs.creator.runtime.settings import text as setting

routes = Routes()
TABLE = bookings.TABLE
MINUTE = {"cache-control": "public, max-age=60"}
MACHINE = re.compile(r"bot|crawl|spider|preview|headless|monitor|curl|python|^$", re.IGNORECASE)
BOOKING = form(
    company=text(1, 80, r"[^\r\n]+"), slot=text(1, 10), startDate=day, endDate=day, targetUrl=link
)  # fmt: skip
DECISION = form(status=one_of("active", "rejected"), optional={"reason": text(0, 300)})


def handle(event: Mapping[str, Any], context: object = None) -> Any:
    return routes(event, context) if "routeKey" in event else expire()


def expire() -> None:
    """What is over. The days behind us need nobody to give them back."""
    for row in _active():
        if row["endDate"] < today():
            write(bookings.moved(row, "expired"))


@routes.add("GET /sponsor/active")
def active(_request: Request) -> Answer:
    running = [row for row in _active() if row["startDate"] <= today() <= row["endDate"]]
    names = ("sponsorId", "company", "imageUrl", "targetUrl")
    slots = {row["slot"]: {name: row[name] for name in names if name in row} for row in running}
    return Answer(200, {"slots": slots}, headers=MINUTE)


@routes.add("POST /sponsor/bookings")
def book(request: Request) -> Answer:
    who, wanted = request.caller.user_id, bookings.checked(request.form(BOOKING))

    def work(attempt: str) -> Answer:
        row = _own(attempt) or bookings.place(attempt, who, wanted)
        found = {"sponsorId": row["sponsorId"], "price": row["price"]}
        if row["paid"]:
            return Answer(201, found)
        page = checkout.open(bookings.sale(row))
        write(change(TABLE, {"sponsorId": row["sponsorId"]}, set={"stripeSessionId": page["id"]}))
        return Answer(201, {**found, "checkoutUrl": page["url"]})

    return idempotent(request, who, work)


@routes.add("GET /sponsor/bookings")
def listed(request: Request) -> Answer:
    who = request.caller
    by, value = ("creatorId", setting("TENANT_ID")) if who.is_admin else ("ownerUserId", who.user_id)
    after = cursor.opened(request.query.get("next", ""), listing=f"sponsors/{value}")
    page = query(TABLE, f"#{by} = :v", {"v": value}, index=f"{by}-index", limit=50, newest=True, after=after)
    items = [bookings.shown(row) for row in page.items]
    return Answer(200, {"items": items, **cursor.closed(page.after, listing=f"sponsors/{value}")})


@routes.add("POST /sponsor/bookings/{id}/image")
def picture(request: Request) -> Answer:
    """Only before the approval: what was approved stays as it was."""
    row = bookings.find(request.id("id"))
    if row["ownerUserId"] != request.caller.user_id:
        raise Problem("not_found", "there is no such booking")
    wanted = request.form(uploads.wanted(int(setting("IMAGE_KILOBYTES"))))
    key, upload = uploads.offer("sponsors", row["sponsorId"], wanted)
    found = {"imageUrl": uploads.address(key), "imageKey": key}
    _settled(change(TABLE, {"sponsorId": row["sponsorId"]}, set=found, when="#status = :p", values={"p": "pending"}))
    return Answer(200, {"upload": upload, "imageUrl": found["imageUrl"]})


@routes.add("PATCH /sponsor/bookings/{id}")
def decide(request: Request) -> Answer:
    _ = request.admin
    wanted, row = request.form(DECISION), bookings.find(request.id("id"))
    if row["status"] not in {"pending", "active"} or (wanted["status"], row["status"]) == ("active", "active"):
        raise Problem("conflict", f"this booking is {row['status']}", "status")
    if wanted["status"] == "active":
        uploads.require(row.get("imageKey", ""))
        _settled(bookings.approve(row))
    else:
        _settled(*bookings.reject(row, wanted.get("reason", "")))
    return Answer(200, bookings.shown(bookings.find(row["sponsorId"])))


@routes.add("POST /sponsor/{id}/view")
def seen(request: Request) -> Answer:
    _count(request, "views")
    return Answer(204)


@routes.add("GET /sponsor/{id}/click")
def clicked(request: Request) -> Answer:
    row = _count(request, "clicks") or bookings.find(request.id("id"))
    if row["status"] != "active":
        raise Problem("not_found", "there is no such sponsor")
    return Answer(302, headers={"location": row["targetUrl"]})


def _active() -> list[Item]:
    """Running, or approved for later."""
    return list(every(TABLE, "#status = :active", {"active": "active"}, index="status-index"))


def _count(request: Request, what: str) -> Item | None:
    if MACHINE.search(request.header("user-agent")):
        return None
    key, active = {"sponsorId": request.id("id")}, {"active": "active"}
    try:
        return write(change(TABLE, key, add={what: 1}, when="#status = :active", values=active))
    except Unmet:
        return None


def _own(sponsor_id: str) -> Item | None:
    """Of an attempt before."""
    try:
        row = bookings.find(sponsor_id)
    except Problem:
        return None
    if row["status"] != "pending":
        raise Problem("gone", "this booking is closed")
    return row


def _settled(*writes: Any) -> None:
    try:
        transact(*writes)
    except Unmet:
        raise Problem("conflict", "the booking changed meanwhile", "status") from None
