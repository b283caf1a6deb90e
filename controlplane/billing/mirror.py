"""Writing down what Stripe says. An older reading never replaces a newer one."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import text
from sqlmodel import Session, select

from controlplane.billing.ledger import Claim, Invoice, Payment, Subscription
from controlplane.billing.models import Order
from controlplane.gateways import Gateways
from controlplane.vendors.stripe_values import ChargeSeen, ClaimSeen, InvoiceSeen, SubscriptionSeen
from controlplane.vendors.stripe_values import Session as Page


@dataclass(frozen=True)
class Picture:
    """Some of one order's objects at Stripe, all read after `read_at`."""

    read_at: datetime
    page: Page | None = None
    subscription: SubscriptionSeen | None = None
    invoices: tuple[InvoiceSeen, ...] = ()
    charges: tuple[ChargeSeen, ...] = ()
    claims: tuple[ClaimSeen, ...] = ()
    charge_invoices: dict[str, str] = field(default_factory=dict)
    customer_gone: bool = False


def reading_begins(gateways: Gateways) -> datetime:
    """The database's clock: one for all workers, so that readings can be ordered."""
    with gateways.db.transaction() as session:
        moment: datetime = session.connection().execute(text("SELECT clock_timestamp()")).scalar_one()
    return moment


def write(session: Session, order: Order, picture: Picture) -> None:
    if picture.subscription:
        _write_subscription(session, order, picture.subscription, picture.read_at)
    for invoice in picture.invoices:
        _write_invoice(session, order, invoice, picture.read_at)
    for charge in picture.charges:
        _write_payment(session, order, charge, picture)
    for claim in picture.claims:
        _write_claim(session, order, claim, picture.read_at)


Mirror = TypeVar("Mirror", Subscription, Invoice, Payment, Claim)


def _row(session: Session, kind: type[Mirror], stripe_id: str, fresh: Mirror) -> Mirror | None:
    """The row to write into; None when it already holds a newer reading. The order's lock makes this safe."""
    found = session.exec(select(kind).where(kind.stripe_id == stripe_id)).first()
    if found is None:
        session.add(fresh)
        return fresh
    if found.read_at > fresh.read_at:
        return None
    found.read_at = fresh.read_at
    session.add(found)
    return found


def _write_subscription(session: Session, order: Order, seen: SubscriptionSeen, read_at: datetime) -> None:
    fresh = Subscription(stripe_id=seen.id, order_id=order.id, status=seen.status, read_at=read_at)
    row = _row(session, Subscription, seen.id, fresh)
    if row is None:
        return
    if seen.status != "past_due":
        row.past_due_since = None
    elif row.past_due_since is None:
        row.past_due_since = _unpaid_since(seen, read_at)
    for name, value in subscription_fields(seen).items():
        setattr(row, name, value)


def _unpaid_since(seen: SubscriptionSeen, read_at: datetime) -> datetime:
    return seen.period_start or read_at


def subscription_fields(seen: SubscriptionSeen) -> dict[str, Any]:
    """What is compared with Stripe at night, too."""
    return {
        "status": seen.status,
        "items": [vars(item) for item in seen.items],
        "period_start": seen.period_start,
        "period_end": seen.period_end,
        "cancel_at": seen.cancel_at,
        "cancel_at_period_end": seen.cancel_at_period_end,
        "trial_end": seen.trial_end,
        "ended_at": seen.ended_at,
        "latest_invoice": seen.latest_invoice,
    }


def _write_invoice(session: Session, order: Order, seen: InvoiceSeen, read_at: datetime) -> None:
    fresh = Invoice(
        stripe_id=seen.id, order_id=order.id, status=seen.status, issued_at=seen.issued_at or read_at, read_at=read_at
    )
    row = _row(session, Invoice, seen.id, fresh)
    for name, value in invoice_fields(seen).items() if row else ():
        setattr(row, name, value)


def invoice_fields(seen: InvoiceSeen) -> dict[str, Any]:
    return {
        "subscription": seen.subscription,
        "number": seen.number,
        "status": seen.status,
        "billing_reason": seen.billing_reason,
        "currency": seen.currency,
        "total": seen.total,
        "tax": seen.tax,
        "amount_due": seen.amount_due,
        "amount_paid": seen.amount_paid,
        "attempts": seen.attempts,
        "next_attempt_at": seen.next_attempt_at,
        "paid_at": seen.paid_at,
        "hosted_url": seen.hosted_url,
        "pdf_url": seen.pdf_url,
    }


def _write_payment(session: Session, order: Order, seen: ChargeSeen, picture: Picture) -> None:
    fresh = Payment(stripe_id=seen.id, order_id=order.id, status=seen.status, read_at=picture.read_at)
    row = _row(session, Payment, seen.id, fresh)
    if row is None:
        return
    row.invoice = picture.charge_invoices.get(seen.id) or row.invoice
    for name, value in payment_fields(seen).items():
        setattr(row, name, value)


def payment_fields(seen: ChargeSeen) -> dict[str, Any]:
    return {
        "payment_intent": seen.payment_intent,
        "status": seen.status,
        "currency": seen.currency,
        "amount": seen.amount,
        "refunded": seen.refunded,
        "disputed": seen.disputed,
        "fingerprint": seen.fingerprint,
    }


def _write_claim(session: Session, order: Order, seen: ClaimSeen, read_at: datetime) -> None:
    fresh = Claim(stripe_id=seen.id, order_id=order.id, kind=seen.kind, read_at=read_at)
    row = _row(session, Claim, seen.id, fresh)
    if row:
        row.charge, row.amount, row.status, row.reason = seen.charge, seen.amount, seen.status, seen.reason
        row.ours = bool(seen.decision)


def subscription_of(session: Session, order_id: str) -> Subscription | None:
    return session.exec(select(Subscription).where(Subscription.order_id == order_id)).first()
