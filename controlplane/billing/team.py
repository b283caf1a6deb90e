"""Who works on a tenant: its owner lets people in by their address, and shows them out."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from controlplane.audit.service import record
from controlplane.billing.checkout import email_key
from controlplane.billing.models import Customer
from controlplane.core.errors import Conflict, Invalid, NotFound
from controlplane.delivery.service import request_email
from controlplane.gateways import Gateways
from controlplane.identity import oauth
from controlplane.identity.models import Member
from tenants.models import Tenant

ROLES = ("reader", "editor", "owner")
MOST = 50
ADDRESS = r"^[^\s@<>\",;:\\]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"


@dataclass(frozen=True)
class Person:
    id: str
    email: str
    name: str
    role: str
    is_buyer: bool


def of_tenant(session: Session, tenant: Tenant) -> list[Person]:
    buyer = session.get(Customer, tenant.customer_id)
    found = [Person(buyer.id, buyer.email, buyer.name, "owner", True)] if buyer else []
    query = select(Customer, Member.role).where(
        col(Member.customer_id) == col(Customer.id), Member.tenant_id == tenant.id
    )
    rows = session.exec(query.order_by(col(Customer.email))).all()
    return [*found, *(Person(row.id, row.email, row.name, role, False) for row, role in rows)]


def invite(session: Session, gateways: Gateways, tenant: Tenant, email: str, role: str, *, actor: str) -> Person:
    """The same address again changes its role. The letter lets nobody in by itself: they sign in by their own."""
    if role not in ROLES:
        raise Invalid("There is no such role.", code="role_unknown")
    present = of_tenant(session, tenant)
    customer = _customer(session, email, tenant.locale)
    if customer.id == tenant.customer_id:
        raise Conflict("The owner of this site stays its owner.", code="owner_stays")
    row = _member(session, tenant.id, customer.id)
    if row is None and len(present) >= MOST:
        raise Conflict("More people are not possible.", code="team_full")
    session.add(row := row or Member(tenant_id=tenant.id, customer_id=customer.id, role=role))
    row.role = role
    _note(session, tenant, "member.invited", customer.id, actor, role)
    url = f"{gateways.settings.public_url}/portal/t/{tenant.id}"
    request_email(
        session, gateways, kind="member_invited", to=customer.email, locale=customer.locale, customer_id=customer.id,
        data={"name": tenant.name, "url": url}, dedup=f"member_invited:{row.id}",
    )  # fmt: skip
    return Person(customer.id, customer.email, customer.name, role, False)


def remove(session: Session, gateways: Gateways, tenant: Tenant, customer_id: str, *, actor: str) -> None:
    """Out at once, also of a studio that is open just now."""
    row = _member(session, tenant.id, customer_id)
    if row is None:
        raise NotFound("There is no such member.")
    session.delete(row)
    oauth.end_edge_sessions(session, gateways, customer_id)
    _note(session, tenant, "member.removed", customer_id, actor, row.role)


def _member(session: Session, tenant_id: str, customer_id: str) -> Member | None:
    query = select(Member).where(Member.tenant_id == tenant_id, Member.customer_id == customer_id)
    return session.exec(query).first()


def _customer(session: Session, email: str, locale: str) -> Customer:
    key = email_key(email)
    found = session.exec(select(Customer).where(Customer.email_key == key).with_for_update()).first()
    if found is None:
        found = Customer(email=email.strip(), email_key=key, locale=locale)
        session.add(found)
        session.flush()
    return found


def _note(session: Session, tenant: Tenant, action: str, customer_id: str, actor: str, role: str) -> None:
    record(
        session, actor=actor, action=action, object_type="customer", object_id=customer_id, stream="tenant",
        tenant_id=tenant.id, reason=role,
    )  # fmt: skip
