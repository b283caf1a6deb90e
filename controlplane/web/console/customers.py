"""Who is this, what do they have, what did we write to them, and what do they want done with their data."""

from typing import Annotated, Any

from fastapi import Query, Response
from sqlmodel import Session, col, or_, select

from controlplane.api.deps import LookDep
from controlplane.billing.checkout import email_key
from controlplane.billing.ledger import Invoice
from controlplane.billing.models import Consent, Customer, Order
from controlplane.billing.privacy_models import Erasure
from controlplane.billing.referral_models import Referral
from controlplane.core.errors import NotFound
from controlplane.delivery.models import Email
from controlplane.web.console.frame import FrameDep
from controlplane.web.routing import Pages
from tenants import service as tenants
from tenants.models import Tenant

router = Pages(group="tenants.read")
MOST = 50


@router.get("/console/customers")
def find(
    frame: FrameDep, session: LookDep,
    q: Annotated[str, Query(max_length=120)] = "", after: Annotated[str, Query(max_length=40)] = "",
) -> Response:  # fmt: skip
    """By the whole e-mail address or the id: both are indexed, and nobody browses people by name."""
    query = select(Customer).order_by(col(Customer.id).desc()).limit(MOST + 1)
    if q:
        query = query.where(or_(Customer.email_key == email_key(q.strip()), Customer.id == q.strip()))
    rows = session.exec(query.where(Customer.id < after) if after else query).all()
    older = rows[MOST - 1].id if len(rows) > MOST else ""
    return frame.page("customers", "customers", rows=rows[:MOST], older=older, sought=q, rest="GET /v1/customers")


@router.get("/console/customers/{customer_id}")
def one(customer_id: str, frame: FrameDep, session: LookDep) -> Response:
    row = session.get(Customer, customer_id)
    if row is None:
        raise NotFound("There is no such customer.")
    return frame.page("customers", "customer", person=row, **_facts(session, row), rest=f"GET /v1/customers/{row.id}")


def _facts(session: Session, person: Customer) -> dict[str, Any]:
    def newest(kind: type[Any], *where: Any) -> list[Any]:
        return list(session.exec(select(kind).where(*where).order_by(col(kind.id).desc()).limit(MOST)).all())

    orders = newest(Order, Order.customer_id == person.id)
    ids = [row.id for row in orders]
    return {
        "tenants": [(row, tenants.status_of(session, row)) for row in newest(Tenant, Tenant.customer_id == person.id)],
        "orders": orders,
        "invoices": newest(Invoice, col(Invoice.order_id).in_(ids)) if ids else [],
        "emails": newest(Email, or_(col(Email.customer_id) == person.id, col(Email.order_id).in_(ids))),
        "consents": newest(Consent, Consent.customer_id == person.id),
        "erasures": newest(Erasure, Erasure.customer_id == person.id),
        "referrals": newest(Referral, or_(Referral.referrer_id == person.id, Referral.referred_id == person.id)),
    }
