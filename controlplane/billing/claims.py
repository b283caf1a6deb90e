"""Refunds, disputes and fraud warnings: they freeze the tenant and call a person; a person lets it go on."""

from sqlmodel import Session, func, select

from controlplane.billing import decisions
from controlplane.billing.ledger import Claim, Payment
from controlplane.billing.mirror import Picture
from controlplane.billing.models import Order, OrderState
from controlplane.gateways import Gateways
from controlplane.vendors.stripe_values import ClaimSeen

WON = frozenset({"won", "warning_closed"})
QUESTIONS = {
    "dispute": "The buyer disputes the payment with the bank. The platform is frozen. End it, or let it run?",
    "fraud_warning": "The bank warns of fraud. The platform is frozen. Pay back and end it, or let it run?",
    "refund": "Everything was paid back outside of this system. The platform is frozen. End it, or let it run?",
    "partial_refund": "A part was paid back outside of this system. Shall anything else happen?",
}
CHOICES = {
    "dispute": ("end", "resume"),
    "fraud_warning": ("refund_and_end", "resume"),
    "refund": ("end", "resume"),
    "partial_refund": ("keep", "end"),
}


def follow(session: Session, gateways: Gateways, order: Order, picture: Picture) -> None:
    del gateways
    for claim in picture.claims:
        if claim.decision:
            continue  # asked for by us
        kind = _kind(session, order, claim)
        if kind and _is_news(claim) and _ask(session, order, kind, claim) and kind != "partial_refund":
            order.frozen = kind
    if _all_paid_back(session, order):
        order.state = OrderState.REFUNDED


def _is_news(claim: ClaimSeen) -> bool:
    """A dispute that was won, or a refund that failed, takes nothing."""
    return claim.status not in WON | {"failed", "canceled", "closed"}


def _kind(session: Session, order: Order, claim: ClaimSeen) -> str:
    if claim.kind != "refund":
        return claim.kind
    return "refund" if _all_paid_back(session, order) else "partial_refund"


def _ask(session: Session, order: Order, kind: str, claim: ClaimSeen) -> bool:
    facts = {"claim": claim.id, "reason": claim.reason, "status": claim.status}
    return decisions.ask(
        session, order, kind=kind, about=claim.id, question=QUESTIONS[kind], choices=CHOICES[kind],
        amount=claim.amount or _charged(session, claim), facts=facts,
    )  # fmt: skip


def _charged(session: Session, claim: ClaimSeen) -> int:
    """A warning names no amount: everything that was charged is at stake."""
    return session.exec(select(Payment.amount).where(Payment.stripe_id == claim.charge)).first() or 0


def _all_paid_back(session: Session, order: Order) -> bool:
    session.flush()
    sums = select(func.coalesce(func.sum(Payment.amount), 0), func.coalesce(func.sum(Payment.refunded), 0))
    charged, refunded = session.exec(sums.where(Payment.order_id == order.id, Payment.status == "succeeded")).one()
    return bool(charged) and refunded >= charged


def balance(session: Session, order_id: str) -> tuple[int, int]:
    """(charged, refunded) of an order, to the cent."""
    sums = select(func.coalesce(func.sum(Payment.amount), 0), func.coalesce(func.sum(Payment.refunded), 0))
    charged, refunded = session.exec(sums.where(Payment.order_id == order_id, Payment.status == "succeeded")).one()
    return int(charged), int(refunded)


def open_disputes(session: Session, customer_orders: list[str]) -> list[Claim]:
    over = WON | {"lost", "charge_refunded"}
    query = select(Claim).where(Claim.kind == "dispute")
    return [row for row in session.exec(query).all() if row.order_id in customer_orders and row.status not in over]
