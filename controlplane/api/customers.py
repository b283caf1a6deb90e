"""Customers: what they have, what they take along, and being forgotten."""

from typing import Any

from fastapi import Response
from sqlmodel import Session, col, select

from controlplane.api import downloads
from controlplane.api.access import Router, requires
from controlplane.api.deps import GatewaysDep, SessionDep
from controlplane.api.groups import ActorName
from controlplane.billing import privacy, privacy_export
from controlplane.billing.ledger import Invoice
from controlplane.billing.models import Customer, Order
from controlplane.billing.privacy_models import Erasure
from controlplane.core.errors import NotFound

operator = Router(prefix="/v1/customers", tags=["customers"], group="tenants.read")
customer = Router(prefix="/v1/customers/{customer_id}", tags=["customers"], group="own.read")


@operator.get("")
def customers(session: SessionDep, after: str = "", limit: int = 50) -> dict[str, Any]:
    query = select(Customer).order_by(col(Customer.id).desc()).limit(min(max(limit, 1), 200))
    rows = session.exec(query.where(Customer.id < after) if after else query).all()
    shown = [row.model_dump(include={"id", "kind", "company", "country", "locale", "created_at"}) for row in rows]
    return {"customers": shown, "next": rows[-1].id if rows else None}


@customer.get("")
def details(customer_id: str, session: SessionDep) -> dict[str, Any]:
    row = _customer(session, customer_id)
    orders = session.exec(select(Order).where(Order.customer_id == customer_id).order_by(col(Order.id).desc())).all()
    names = {"id", "product", "slug", "state", "selection", "total", "currency", "funded_at", "ended_at", "tenant_id"}
    return {**row.model_dump(exclude={"email_key"}), "orders": [order.model_dump(include=names) for order in orders]}


@customer.get("/invoices", dependencies=[requires("own.money")])
def invoices(customer_id: str, session: SessionDep) -> dict[str, Any]:
    _customer(session, customer_id)
    query = select(Invoice).join(Order, col(Order.id) == col(Invoice.order_id))
    query = query.where(Order.customer_id == customer_id).order_by(col(Invoice.issued_at).desc()).limit(200)
    return {"invoices": [row.model_dump(exclude={"read_at"}) for row in session.exec(query).all()]}


@customer.get("/export", dependencies=[requires("own.people")])
def export(customer_id: str, gateways: GatewaysDep) -> Response:
    body = privacy_export.export(gateways, customer_id)
    return Response(body, media_type="application/zip", headers=downloads.named("export.zip"))


@customer.post("/erasure", status_code=202, dependencies=[requires("own.people")])
def erase(customer_id: str, session: SessionDep, gateways: GatewaysDep, actor: ActorName) -> dict[str, Any]:
    return _shown(privacy.request(session, gateways, customer_id, actor=actor))


@customer.delete("/erasure", dependencies=[requires("own.people")])
def keep(customer_id: str, session: SessionDep, actor: ActorName) -> dict[str, Any]:
    return _shown(privacy.withdraw(session, customer_id, actor=actor))


@customer.get("/erasure")
def erasure(customer_id: str, session: SessionDep) -> dict[str, Any]:
    query = select(Erasure).where(Erasure.customer_id == customer_id).order_by(col(Erasure.id).desc())
    row = session.exec(query).first()
    if row is None:
        raise NotFound("No erasure was asked for.")
    return _shown(row)


def _customer(session: Session, customer_id: str) -> Customer:
    row = session.get(Customer, customer_id)
    if row is None:
        raise NotFound("There is no such customer.")
    return row


def _shown(row: Erasure) -> dict[str, Any]:
    return row.model_dump(exclude={"subject_key", "next_attempt_at"})


routers = (operator, customer)
