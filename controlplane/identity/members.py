"""Which tenants somebody may enter, and as what."""

from dataclasses import dataclass

from sqlalchemy import and_, union_all
from sqlmodel import Session, col, select

from controlplane.identity.models import Member
from tenants.lifecycle import State
from tenants.models import Tenant


@dataclass(frozen=True)
class Membership:
    tenant: Tenant
    role: str


def of_customer(session: Session, customer_id: str) -> list[Membership]:
    """What they bought, then what they were let in to."""
    let_in = select(Member.tenant_id).where(Member.customer_id == customer_id)
    theirs = union_all(select(Tenant.id).where(Tenant.customer_id == customer_id), let_in)  # each by its own index
    known = and_(col(Member.tenant_id) == col(Tenant.id), col(Member.customer_id) == customer_id)
    query = select(Tenant, Member.role).outerjoin(Member, known).where(col(Tenant.id).in_(theirs))
    rows = session.exec(query.where(col(Tenant.state) != State.DEPROVISIONED).order_by(col(Tenant.id))).all()
    return [Membership(row, "owner" if row.customer_id == customer_id else role) for row, role in rows]


def role_in(session: Session, customer_id: str, tenant_id: str) -> str | None:
    tenant = session.get(Tenant, tenant_id)
    if tenant is None:
        return None
    if tenant.customer_id == customer_id:
        return "owner"
    query = select(Member.role).where(Member.tenant_id == tenant_id, Member.customer_id == customer_id)
    return session.exec(query).first()
