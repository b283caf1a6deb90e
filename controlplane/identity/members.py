"""Which tenants somebody may enter, and as what."""

from dataclasses import dataclass

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
    gone = col(Tenant.state).not_in([State.DEPROVISIONED])
    bought = session.exec(select(Tenant).where(Tenant.customer_id == customer_id, gone)).all()
    shared = select(Tenant, Member.role).where(col(Member.tenant_id) == col(Tenant.id), gone)
    let_in = session.exec(shared.where(Member.customer_id == customer_id)).all()
    found = {tenant.id: Membership(tenant, role) for tenant, role in let_in}
    found |= {tenant.id: Membership(tenant, "owner") for tenant in bought}
    return sorted(found.values(), key=lambda membership: membership.tenant.id)


def role_in(session: Session, customer_id: str, tenant_id: str) -> str | None:
    tenant = session.get(Tenant, tenant_id)
    if tenant is None:
        return None
    if tenant.customer_id == customer_id:
        return "owner"
    query = select(Member.role).where(Member.tenant_id == tenant_id, Member.customer_id == customer_id)
    return session.exec(query).first()
