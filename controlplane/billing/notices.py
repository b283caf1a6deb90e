"""What we write to buyers about money, and the keys that let each letter exist once."""

from typing import Any

from sqlmodel import Session, col, select

from controlplane.billing.ledger import Invoice, Subscription
from controlplane.billing.models import Order, Quote
from controlplane.billing.money import day, shown
from controlplane.delivery.service import request_email
from controlplane.gateways import Gateways
from tenants.models import Tenant


def tell(session: Session, gateways: Gateways, order: Order, kind: str, about: str, **data: Any) -> None:
    page = gateways.settings.public_url + order.page
    request_email(
        session,
        gateways,
        kind=kind,
        to=order.buyer["email"],
        locale=order.locale,
        data={"name": order.name, "order": order.id[-8:].upper(), "url": page, **data},
        dedup=f"{kind}:{about}",
        customer_id=order.customer_id,
        order_id=order.id,
    )


def order_confirmed(session: Session, gateways: Gateways, order: Order, quote: Quote) -> None:
    lines = [
        {
            "name": line["name"],
            "quantity": line["quantity"],
            "amount": shown(line["unit"] * line["quantity"], quote.currency, order.locale),
            "interval": line["interval"],
        }
        for line in quote.lines
    ]
    total = shown(quote.total, quote.currency, order.locale)
    tell(session, gateways, order, "order_confirmed", order.id, lines=lines, total=total, net=quote.buyer == "company")


def order_waits(session: Session, gateways: Gateways, order: Order) -> None:
    tell(session, gateways, order, "order_waits", order.id)


def payment_did_not_arrive(session: Session, gateways: Gateways, order: Order) -> None:
    tell(session, gateways, order, "payment_did_not_arrive", order.id)


def payment_failed(session: Session, gateways: Gateways, order: Order, subscription: Subscription | None) -> None:
    """One letter for each failed attempt, never before the subscription really is past due."""
    invoice = _latest(session, subscription)
    if invoice is None:
        return
    grace = gateways.settings.selling.grace_days
    tell(
        session, gateways, order, "payment_failed", f"{invoice.stripe_id}:{invoice.attempts}",
        amount=shown(invoice.amount_due, invoice.currency, order.locale), pay=invoice.hosted_url, days=grace,
        next_try=day(invoice.next_attempt_at, order.locale),
    )  # fmt: skip


def payment_recovered(session: Session, gateways: Gateways, order: Order, subscription: Subscription | None) -> None:
    invoice = _latest(session, subscription)
    if invoice:
        tell(session, gateways, order, "payment_recovered", invoice.stripe_id)


def suspended(session: Session, gateways: Gateways, order: Order, subscription: Subscription | None) -> None:
    invoice = _latest(session, subscription)
    about = invoice.stripe_id if invoice else order.id
    tell(session, gateways, order, "suspended", about, pay=invoice.hosted_url if invoice else "")


def ended(session: Session, gateways: Gateways, order: Order, tenant: Tenant) -> None:
    until = day(tenant.retention_until, order.locale)
    tell(session, gateways, order, "ended", f"{order.id}:{until}", until=until)


def payment_action(session: Session, gateways: Gateways, order: Order, invoice: Invoice) -> None:
    tell(session, gateways, order, "payment_action", invoice.stripe_id, pay=invoice.hosted_url)


def trial_ends(session: Session, gateways: Gateways, order: Order, subscription: Subscription) -> None:
    until = day(subscription.trial_end, order.locale)
    tell(session, gateways, order, "trial_ends", subscription.stripe_id, until=until)


def cancellation_planned(session: Session, gateways: Gateways, order: Order, subscription: Subscription) -> None:
    until = day(subscription.cancel_at or subscription.period_end, order.locale)
    tell(session, gateways, order, "cancellation_planned", f"{subscription.stripe_id}:{until}", until=until)


def usage_near(
    session: Session, gateways: Gateways, order: Order, tenant_id: str, month: str, *, used: int, cap: int
) -> None:
    about = {"used": used, "cap": cap, "usage": _usage(gateways, tenant_id)}
    tell(session, gateways, order, "usage_near", f"{tenant_id}:{month}", **about)


def usage_capped(
    session: Session, gateways: Gateways, order: Order, tenant_id: str, month: str, *, used: int, cap: int
) -> None:
    """One letter for each limit: who raises it may reach the next one."""
    about = {"used": used, "cap": cap, "usage": _usage(gateways, tenant_id)}
    tell(session, gateways, order, "usage_capped", f"{tenant_id}:{month}:{cap}", **about)


def _usage(gateways: Gateways, tenant_id: str) -> str:
    return f"{gateways.settings.public_url}/portal/t/{tenant_id}/modules"


def delayed(session: Session, gateways: Gateways, order: Order, *, why: str, until: str, round: int) -> None:
    tell(session, gateways, order, "delayed", f"{order.id}:{round}", why=why, until=until)


def paid_back(session: Session, gateways: Gateways, order: Order, *, about: str, amount: int, kind: str) -> None:
    tell(session, gateways, order, kind, about, amount=shown(amount, order.currency, order.locale))


def _latest(session: Session, subscription: Subscription | None) -> Invoice | None:
    if subscription is None:
        return None
    query = select(Invoice).where(Invoice.order_id == subscription.order_id)
    return session.exec(query.order_by(col(Invoice.issued_at).desc(), col(Invoice.id).desc())).first()
