"""What money means for tickets: held ones become valid, or their seats go back."""

from collections.abc import Iterable

from programs.creator.modules.events.handlers import tickets
from programs.creator.runtime.documents import Item, Write, every
from programs.creator.runtime.mail import Mail
from programs.creator.runtime.moments import ago, now
from programs.creator.runtime.outbox import post
from programs.creator.runtime.settings import text
from programs.creator.runtime.settlement import Adapter, Doc, Waiting, buyer_of, payment_of

THANKS = {
    "de": ("Ihre Karten", "Danke! Ihre Karten finden Sie nach der Anmeldung unter {site}/events."),
    "en": ("Your tickets", "Thank you! Sign in to find your tickets at {site}/events."),
}


def paid(purchase: str, session: Doc) -> list[Write]:
    held = _held(purchase)
    if held and session["amount_total"] != sum(row["price"] for row in held):
        raise ValueError("another amount was paid than was asked for")
    return [tickets.moved(row, "valid", stripePaymentId=payment_of(session)) for row in held]


def released(purchase: str, _session: Doc) -> list[Write]:
    return _void(_held(purchase))


def refunded(purchase: str, _charge: Doc) -> list[Write]:
    return _void([row for row in _known(purchase) if row["status"] == "valid"])


def thank(purchase: str, session: Doc) -> None:
    subject, body = THANKS[text("LOCALE")]
    to, key = buyer_of(session), f"ticket/{purchase}"
    post(Mail(to, subject, body.format(site=text("SITE_ORIGIN")), key=key))


def waiting() -> Iterable[Waiting]:
    """One for each purchase: its first ticket knows the page."""
    values = {"held": "held", "until": ago(0)}
    for row in every(tickets.TABLE, "#status = :held AND #createdAt < :until", values, index="status-index"):
        attempt, _, number = row["ticketId"].rpartition("-")
        if number == "0" and row["holdUntil"] < now():
            yield Waiting(f"{row['eventId']}.{attempt}", row.get("stripeSessionId", ""))


def _known(purchase: str) -> list[Item]:
    found = tickets.of_purchase(purchase)
    if not found:
        raise LookupError("tickets that are not there")
    return found


def _held(purchase: str) -> list[Item]:
    return [row for row in _known(purchase) if row["status"] == "held"]


def _void(rows: list[Item]) -> list[Write]:
    return [*(tickets.moved(row, "void") for row in rows), *tickets.freed(rows)]


ADAPTER = Adapter(
    kind="ticket", paid=paid, released=released, refunded=refunded, thank=thank, waiting=waiting
)  # fmt: skip
