"""What money means for a booking."""

from collections.abc import Iterable

from programs.creator.modules.sponsor_system.handlers import bookings
from programs.creator.runtime.checkout import OPEN_FOR
from programs.creator.runtime.documents import Write, every
from programs.creator.runtime.moments import ago
from programs.creator.runtime.settings import text
from programs.creator.runtime.settlement import Adapter, Doc, Waiting, payment_of


def paid(sponsor_id: str, session: Doc) -> list[Write]:
    row = bookings.find(sponsor_id)
    if row["paid"] or row["status"] != "pending":
        return []
    if session["amount_total"] != row["price"]:
        raise ValueError("another amount was paid than was asked for")
    status = "active" if text("AUTO_APPROVE") == "yes" and row.get("imageKey") else "pending"
    return [bookings.moved(row, status, paid=True, stripePaymentId=payment_of(session))]


def released(sponsor_id: str, _session: Doc) -> list[Write]:
    row = bookings.find(sponsor_id)
    return [] if row["paid"] or row["status"] != "pending" else bookings.ended(row, "expired")


def refunded(sponsor_id: str, _charge: Doc) -> list[Write]:
    row = bookings.find(sponsor_id)
    return bookings.ended(row, "rejected") if row["status"] in {"pending", "active"} else []


def waiting() -> Iterable[Waiting]:
    values = {"pending": "pending", "until": ago(OPEN_FOR)}
    for row in every(bookings.TABLE, "#status = :pending AND #createdAt < :until", values, index="status-index"):
        if not row["paid"]:
            yield Waiting(row["sponsorId"], row.get("stripeSessionId", ""))


ADAPTER = Adapter(kind="sponsor", paid=paid, released=released, refunded=refunded, waiting=waiting)
