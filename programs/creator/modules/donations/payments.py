"""What money means for a donation: it appears, is counted, and is announced to who is watching."""

from collections.abc import Iterable

from programs.creator.modules.donations.handlers.donations import ON_THE_WALL, TABLE, TOTAL
from programs.creator.modules.donations.privacy import holder
from programs.creator.runtime import realtime
from programs.creator.runtime.checkout import OPEN_FOR
from programs.creator.runtime.documents import Item, Write, change, every, get
from programs.creator.runtime.moments import ago
from programs.creator.runtime.settlement import Adapter, Doc, Waiting, buyer_of, payment_of


def paid(donation_id: str, session: Doc) -> list[Write]:
    row = _find(donation_id)
    if row["status"] != "pending":
        return []
    if session["amount_total"] != row["amount"]:
        raise ValueError("another amount was paid than was asked for")
    seen = "public" if row["public"] else "private"
    who = {"userId": holder(buyer_of(session)), "stripePaymentId": payment_of(session)}
    return [_moved(row, "paid", seen, **who), _counted(row["amount"])]


def released(donation_id: str, _session: Doc) -> list[Write]:
    row = _find(donation_id)
    return [_moved(row, "abandoned", "abandoned")] if row["status"] == "pending" else []


def refunded(donation_id: str, _charge: Doc) -> list[Write]:
    row = _find(donation_id)
    return [_moved(row, "refunded", "refunded"), _counted(-row["amount"])] if row["status"] == "paid" else []


def announce(donation_id: str, _session: Doc) -> None:
    row = _find(donation_id)
    if row["visibility"] == "public":
        realtime.publish("/donations/wall", {name: row[name] for name in ON_THE_WALL if name in row})


def waiting() -> Iterable[Waiting]:
    values = {"pending": "pending", "until": ago(OPEN_FOR)}
    where = "#visibility = :pending AND #createdAt < :until"
    for row in every(TABLE, where, values, index="visibility-index"):
        yield Waiting(row["donationId"], row.get("stripeSessionId", ""))


def _find(donation_id: str) -> Item:
    row = get(TABLE, consistent=True, donationId=donation_id)
    if row is None:
        raise LookupError("a donation that is not there")
    return row


def _moved(row: Item, status: str, visibility: str, **more: str) -> Write:
    values = {"before": row["status"]}
    found = {"status": status, "visibility": visibility, **more}
    return change(TABLE, {"donationId": row["donationId"]}, set=found, when="#status = :before", values=values)


def _counted(amount: int) -> Write:
    return change(TABLE, {"donationId": TOTAL}, add={"amount": amount})


ADAPTER = Adapter(
    kind="donation", paid=paid, released=released, refunded=refunded, thank=announce, waiting=waiting
)  # fmt: skip
