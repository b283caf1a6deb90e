"""Paid but blocked: whoever paid and has nothing yet is told why and until when, and in the end gets something back."""

from datetime import datetime, timedelta
from decimal import Decimal

from sqlmodel import Session, col, select

from controlplane.billing import decisions, notices
from controlplane.billing.catalog import rounded
from controlplane.billing.models import Order, Quote
from controlplane.billing.money import day
from controlplane.delivery.service import request_email
from controlplane.gateways import Gateways
from tenants import service as tenants
from tenants.lifecycle import State
from tenants.models import Tenant

WAITING = (State.QUEUED, State.QUEUED_CAPACITY, State.PROVISIONING, State.FAILED)
RULE = "rule:late_tenant"
WHY = {
    "queued_capacity": (
        "Ein Platz beim Anbieter der Infrastruktur wird gerade frei gemacht.",
        "A place at the infrastructure provider is being prepared.",
    ),
    "failed": (
        "Ein Schritt ist gescheitert, und eine Person sieht ihn sich an.",
        "A step failed and a person is looking at it.",
    ),
    "": ("Ein Schritt dauert länger als üblich.", "A step takes longer than usual."),
}  # fmt: skip


def sweep(gateways: Gateways) -> None:
    """Each tenant in a transaction of its own: one that cannot be told must not keep the others from it."""
    for tenant_id in _late(gateways):
        with gateways.db.transaction() as session:
            tenant = tenants.locked(session, tenant_id)
            if tenant and tenant.state in WAITING:
                _attend(session, gateways, tenant)


def _late(gateways: Gateways) -> list[str]:
    query = select(Tenant.id).where(
        col(Tenant.state).in_(WAITING), col(Tenant.live_at).is_(None), col(Tenant.promised_at) <= gateways.now()
    )
    with gateways.db.transaction() as session:
        return list(session.exec(query.limit(200)).all())


def _attend(session: Session, gateways: Gateways, tenant: Tenant) -> None:
    order = session.get(Order, tenant.order_id)
    if order is None or order.ended_at or order.frozen:
        return
    now, selling = gateways.now(), gateways.settings.selling
    limit = (order.funded_at or now) + timedelta(hours=selling.late_hours)
    notices.delayed(session, gateways, order, why=_why(tenant), until=_by(limit, order), round=1)
    _tell_operator(session, gateways, tenant, order)
    if now >= limit:
        _offer(session, gateways, tenant, order)


def _why(tenant: Tenant) -> str:
    german, english = WHY.get(tenant.state, WHY[""])
    return english if tenant.locale == "en" else german


def _by(limit: datetime, order: Order) -> str:
    return f"{day(limit, order.locale)}, {limit:%H:%M} UTC"


def _tell_operator(session: Session, gateways: Gateways, tenant: Tenant, order: Order) -> None:
    to = gateways.settings.selling.operator_email
    if not to:
        return
    what = f"Paid but not live: {tenant.slug}"
    detail = f"Tenant {tenant.id} of order {order.id} is {tenant.state}; it was promised for {tenant.promised_at:%c}."
    url = f"{gateways.settings.public_url}/console/tenants/{tenant.id}"
    request_email(
        session, gateways, kind="operator_notice", to=to, locale="en",
        data={"what": what, "detail": detail, "url": url}, dedup=f"operator_notice:late:{tenant.id}",
        order_id=order.id,
    )  # fmt: skip


def _offer(session: Session, gateways: Gateways, tenant: Tenant, order: Order) -> None:
    quote = session.get_one(Quote, order.quote_id)
    amount = rounded(Decimal(quote.recurring) * gateways.settings.selling.late_credit_percent / 100)
    question = "A paid platform is not live after the limit. Credit a part, pay everything back, or wait?"
    is_new = decisions.ask(
        session, order, kind="delay", about=tenant.id, question=question, amount=amount,
        choices=("credit", "refund_and_end", "wait"),
        facts={"state": tenant.state, "promised_at": str(tenant.promised_at)},
    )  # fmt: skip
    if is_new and gateways.settings.selling.late_automatic:
        session.flush()
        found = decisions.of(session, kind="delay", about=tenant.id)
        decisions.choose(session, gateways, found.id, choice="credit", actor=RULE, reason="limit passed")
