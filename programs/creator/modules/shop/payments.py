"""What money means for an order."""

from collections.abc import Iterable

from programs.creator.modules.shop.handlers import orders
from programs.creator.runtime.checkout import OPEN_FOR
from programs.creator.runtime.documents import Item, Write, change, every, write
from programs.creator.runtime.mail import Mail
from programs.creator.runtime.moments import DAY, ago
from programs.creator.runtime.outbox import post
from programs.creator.runtime.settings import text
from programs.creator.runtime.settlement import Adapter, Doc, Waiting, buyer_of, payment_of

ADDRESS_DAYS = 90  # after which nobody asks any more where it went
THANKS = {
    "de": (
        "Ihre Bestellung ist bezahlt",
        "Danke für Ihre Bestellung bei {site}. Sie finden sie unter {site}/shop/orders.",
    ),
    "en": ("Your order is paid", "Thank you for your order at {site}. You find it at {site}/shop/orders."),
}


def paid(order_id: str, session: Doc) -> list[Write]:
    order = orders.any_of(order_id)
    if order["status"] != "pending":
        return []
    if session["amount_total"] != order["totalAmount"]:
        raise ValueError("another amount was paid than was asked for")
    return [orders.stepped(order, "paid", stripePaymentId=payment_of(session))]


def released(order_id: str, _session: Doc) -> list[Write]:
    order = orders.any_of(order_id)
    if order["status"] != "pending":
        return []
    return [orders.stepped(order, "cancelled"), *orders.given_back(order)]


def refunded(order_id: str, _charge: Doc) -> list[Write]:
    order = orders.any_of(order_id)
    return [orders.stepped(order, "refunded")] if order["status"] in orders.BEFORE["refunded"] else []


def thank(_order_id: str, session: Doc) -> None:
    subject, body = THANKS[text("LOCALE")]
    post(Mail(buyer_of(session), subject, body.format(site=text("SITE_ORIGIN")), key=f"order/{session['id']}"))


def waiting() -> Iterable[Waiting]:
    for row in _of("pending", OPEN_FOR):
        yield Waiting(row["orderId"], row.get("stripeSessionId", ""))


def resync() -> None:
    for status in ("shipped", "completed"):
        for row in _of(status, ADDRESS_DAYS * DAY):
            if "address" in row:
                write(change(orders.TABLE, orders.key(row), remove=("address",)))


def _of(status: str, older: int) -> Iterable[Item]:
    values = {"status": status, "until": ago(older)}
    return every(orders.TABLE, "#status = :status AND #createdAt < :until", values, index="status-index")


ADAPTER = Adapter(
    kind="order", paid=paid, released=released, refunded=refunded, thank=thank, waiting=waiting, resync=resync
)
