"""An order by its token, for whoever bought; all orders, for operators."""

from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from controlplane.api.access import Router
from controlplane.api.deps import GatewaysDep, SessionDep
from controlplane.billing import fulfilment
from controlplane.billing.ledger import Invoice, Payment, Subscription
from controlplane.billing.models import Order, OrderState
from controlplane.core.errors import NotFound
from tenants import service as tenants
from tenants.models import Tenant

public = Router(prefix="/v1/orders", tags=["orders"], group="order.status")
operator = Router(prefix="/v1/admin/orders", tags=["orders"], group="tenants.read")
READ_AGAIN = timedelta(seconds=10)


@public.get("/{token}")
def status(token: str, session: SessionDep) -> dict[str, Any]:
    return shown(session, by_token(session, token))


@public.post("/{token}/refresh")
def refresh(token: str, gateways: GatewaysDep) -> dict[str, Any]:
    """The success page asks here: the same as a webhook does, whichever comes first."""
    with gateways.db.transaction() as session:
        order = by_token(session, token)
    fresh = order.read_at and gateways.now() - order.read_at < READ_AGAIN
    if order.funded_at is None and order.stripe_session and not fresh:
        fulfilment.refresh(gateways, order.id)
    with gateways.db.transaction() as session:
        return shown(session, by_token(session, token))


@operator.get("")
def orders(session: SessionDep, state: OrderState | None = None, after: str = "", limit: int = 50) -> dict[str, Any]:
    query = select(Order).order_by(col(Order.id).desc()).limit(min(max(limit, 1), 200))
    query = query.where(Order.state == state) if state else query
    rows = session.exec(query.where(Order.id < after) if after else query).all()
    return {"orders": [_row(order) for order in rows], "next": rows[-1].id if rows else None}


@operator.get("/{order_id}")
def order_details(order_id: str, session: SessionDep) -> dict[str, Any]:
    order = session.get(Order, order_id)
    if order is None:
        raise NotFound("There is no such order.")
    mirrors = {
        "subscriptions": session.exec(select(Subscription).where(Subscription.order_id == order_id)).all(),
        "invoices": session.exec(select(Invoice).where(Invoice.order_id == order_id)).all(),
        "payments": session.exec(select(Payment).where(Payment.order_id == order_id)).all(),
    }
    return {**_row(order), **{name: [row.model_dump() for row in rows] for name, rows in mirrors.items()}}


def by_token(session: Session, token: str) -> Order:
    order = session.exec(select(Order).where(Order.token == token)).first()
    if order is None:
        raise NotFound("There is no such order.", code="order_unknown")
    return order


def shown(session: Session, order: Order) -> dict[str, Any]:
    """No address, no invoice, no credential: the token is in every mail of the order."""
    tenant = session.get(Tenant, order.tenant_id) if order.tenant_id else None
    return {
        "order": order.token,
        "number": order.id[-8:].upper(),
        "product": order.product,
        "slug": order.slug,
        "state": order.state,
        "selection": order.selection,
        "checkout_url": order.checkout_url,
        "expires_at": order.session_expires_at,
        "funded_at": order.funded_at,
        "tenant": _tenant(session, tenant) if tenant else None,
    }


def _tenant(session: Session, tenant: Tenant) -> dict[str, Any]:
    status = tenants.status_of(session, tenant)
    conditions = {
        concern: {**vars(row.finding), "since": row.since, "expected_by": row.expected_by}
        for concern, row in tenants.conditions(session, tenant.id).items()
    }
    for condition in conditions.values():
        condition.pop("detail")  # facts for operators
    return {
        "id": tenant.id,
        "state": tenant.state,
        "health": status.health,
        "concern": status.concern,
        "conditions": conditions,
        "url": tenant.facts.get("url"),
        "promised_at": tenant.promised_at,
        "live_at": tenant.live_at,
    }


def _row(order: Order) -> dict[str, Any]:
    return order.model_dump(exclude={"token", "checkout_url", "buyer"})


routers = (public, operator)
