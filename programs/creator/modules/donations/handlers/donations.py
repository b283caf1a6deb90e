"""Giving, without an account, and the wall of those who want to be seen. What was raised is a row of its own."""

from typing import Any

from programs.creator.runtime import checkout, cursor
from programs.creator.runtime.checkout import CURRENCY, Line, Sale
from programs.creator.runtime.documents import Item, Unmet, change, get, put, query, write
from programs.creator.runtime.errors import Problem
from programs.creator.runtime.fields import form, one_of, text, whole, yes_or_no
from programs.creator.runtime.http import Answer, Request, Routes
from programs.creator.runtime.moments import iso, seconds
from programs.creator.runtime.once import idempotent
from programs.creator.runtime.settings import text as setting

handle = Routes()
TABLE, TOTAL = "donations", "total"
STATES = ("public", "private", "pending", "abandoned", "refunded")
ON_THE_WALL = ("displayName", "message", "amount", "createdAt")
KEPT = ("donationId", *ON_THE_WALL, "currency", "status", "public")
GIFT = {"de": "Spende", "en": "Donation"}


@handle.add("POST /donations/checkout")
def give(request: Request) -> Answer:
    most = whole(int(setting("DONATION_MIN")), int(setting("DONATION_MAX")))
    named = {"displayName": text(1, 40, r"[^\r\n]+"), "message": text(1, 200)}
    wanted = request.form(form(amount=most, public=yes_or_no, optional=named))

    def work(attempt: str) -> Answer:
        row = get(TABLE, consistent=True, donationId=attempt) or _asked(attempt, wanted)
        page = checkout.open(_sale(row))
        write(change(TABLE, {"donationId": attempt}, set={"stripeSessionId": page["id"]}))
        return Answer(201, {"donationId": attempt, "checkoutUrl": page["url"]})

    return idempotent(request, request.ip, work)


@handle.add("GET /donations/wall")
def wall(request: Request) -> Answer:
    found = _page(request, "public", ON_THE_WALL) if setting("WALL") == "yes" else {"items": []}
    goal = int(setting("DONATION_GOAL"))
    if goal:
        total = get(TABLE, donationId=TOTAL) or {"amount": 0}
        found |= {"goal": goal, "raised": total["amount"]}
    return Answer(200, found)


@handle.add("GET /donations")
def given(request: Request) -> Answer:
    _ = request.admin
    return Answer(200, _page(request, one_of(*STATES)("status", request.query.get("status", "public")), KEPT))


def _asked(donation_id: str, wanted: dict[str, Any]) -> Item:
    row = {"donationId": donation_id, **wanted, "currency": CURRENCY, "status": "pending", "visibility": "pending"}
    row["createdAt"] = iso()
    try:
        write(put(TABLE, row, when="attribute_not_exists(#donationId)"))
    except Unmet:
        raise Problem("conflict", "the first attempt is still running") from None
    return row


def _sale(row: Item) -> Sale:
    lines = (Line(GIFT[setting("LOCALE")], row["amount"]),)
    created = seconds(row["createdAt"])
    return Sale(kind="donation", id=row["donationId"], lines=lines, path="donations", created=created)


def _page(request: Request, wanted: str, shown: tuple[str, ...]) -> dict[str, Any]:
    listing = f"{TABLE}/{wanted}"
    after = cursor.opened(request.query.get("next", ""), listing=listing)
    page = query(TABLE, "#visibility = :v", {"v": wanted}, index="visibility-index", limit=50, newest=True, after=after)
    items = [{name: row[name] for name in shown if name in row} for row in page.items]
    return {"items": items, **cursor.closed(page.after, listing=listing)}
