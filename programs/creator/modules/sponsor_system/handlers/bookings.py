"""Bookings: the days are taken in the same moment as the booking is written, and given back with its end."""

from typing import Any

from programs.creator.modules.sponsor_system.handlers import calendar
from programs.creator.runtime import checkout
from programs.creator.runtime.checkout import Line, Sale
from programs.creator.runtime.documents import Item, Unmet, Write, change, get, put, transact
from programs.creator.runtime.errors import Problem, invalid
from programs.creator.runtime.moments import iso, seconds, today
from programs.creator.runtime.settings import text, words

TABLE = "sponsors"
PLACE = {"de": "Werbeplatz {slot}, {first} bis {last}", "en": "Advertising space {slot}, {first} to {last}"}
SHOWN = (
    "sponsorId", "company", "slot", "startDate", "endDate", "targetUrl", "imageUrl", "status", "price", "paid",
    "views", "clicks", "createdAt", "rejectedReason",
)  # fmt: skip


def checked(wanted: dict[str, Any]) -> dict[str, Any]:
    if wanted["slot"] not in words("SLOTS"):
        raise invalid("slot", f"one of {', '.join(words('SLOTS'))} is expected")
    if wanted["startDate"] < today():
        raise invalid("startDate", "this is in the past")
    if not wanted["startDate"] <= wanted["endDate"]:
        raise invalid("endDate", "this is before the first day")
    if len(calendar.days(wanted["startDate"], wanted["endDate"])) > int(text("MAX_DAYS")):
        raise invalid("endDate", f"{text('MAX_DAYS')} days at most")
    return wanted


def place(sponsor_id: str, owner: str, wanted: dict[str, Any]) -> Item:
    price = int(text("PRICE_PER_DAY")) * len(calendar.days(wanted["startDate"], wanted["endDate"]))
    row = {"sponsorId": sponsor_id, "creatorId": text("TENANT_ID"), "ownerUserId": owner, **wanted, "price": price}
    row |= {"status": "pending", "paid": price == 0, "views": 0, "clicks": 0, "createdAt": iso()}
    taken = calendar.take(wanted["slot"], wanted["startDate"], wanted["endDate"], sponsor_id)
    try:
        transact(put(TABLE, row, when="attribute_not_exists(#sponsorId)"), *taken)
    except Unmet as unmet:
        if 0 in unmet.at:
            raise Problem("conflict", "the first attempt is still running") from None
        raise Problem("conflict", "somebody has this place on one of these days", "startDate") from None
    return row


def find(sponsor_id: str) -> Item:
    row = get(TABLE, consistent=True, sponsorId=sponsor_id)
    if row is None or "status" not in row:
        raise Problem("not_found", "there is no such booking")
    return row


def sale(row: Item) -> Sale:
    name = PLACE[text("LOCALE")].format(slot=row["slot"], first=row["startDate"], last=row["endDate"])
    created = seconds(row["createdAt"])
    lines = (Line(name, row["price"]),)
    return Sale(kind="sponsor", id=row["sponsorId"], lines=lines, path="sponsors", created=created)


def approve(row: Item) -> Write:
    if not row["paid"]:
        raise Problem("conflict", "this booking is not paid", "status")
    return moved(row, "active")


def reject(row: Item, reason: str) -> list[Write]:
    """The money goes back first: a booking that is given up and kept paid would be forgotten."""
    if row.get("stripePaymentId"):
        checkout.refund(row["stripePaymentId"], key=f"refund/{row['sponsorId']}")
    elif row.get("stripeSessionId") and checkout.close(row["stripeSessionId"])["payment_status"] == "paid":
        raise Problem("conflict", "it is being paid at this moment", "status")
    return ended(row, "rejected", rejectedReason=reason)


def ended(row: Item, status: str, **more: str) -> list[Write]:
    back = calendar.give_back(row["slot"], row["startDate"], row["endDate"], row["sponsorId"])
    return [moved(row, status, **more), *back]


def moved(row: Item, status: str, **more: Any) -> Write:
    values = {"before": row["status"], "paid": row["paid"]}
    when = "#status = :before AND #paid = :paid"
    return change(TABLE, {"sponsorId": row["sponsorId"]}, set={"status": status, **more}, when=when, values=values)


def shown(row: Item) -> dict[str, Any]:
    return {name: row[name] for name in SHOWN if name in row}
