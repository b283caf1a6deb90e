"""Recommendations: one's own code and what it brought; for operators all of them."""

from typing import Any

from sqlmodel import col, select

from controlplane.api.access import Router
from controlplane.api.deps import GatewaysDep, SessionDep
from controlplane.billing import referrals
from controlplane.billing.catalog import catalog
from controlplane.billing.models import Customer
from controlplane.billing.referral_models import Referral, ReferralState
from controlplane.core.errors import NotFound

operator = Router(prefix="/v1/referrals", tags=["referrals"], group="tenants.read")
customer = Router(prefix="/v1/customers/{customer_id}/referrals", tags=["referrals"], group="own.read")


@operator.get("")
def all_referrals(
    session: SessionDep, state: ReferralState | None = None, after: str = "", limit: int = 50
) -> dict[str, Any]:
    query = select(Referral).order_by(col(Referral.id).desc()).limit(min(max(limit, 1), 200))
    query = query.where(Referral.state == state) if state else query
    rows = session.exec(query.where(Referral.id < after) if after else query).all()
    return {"referrals": [row.model_dump() for row in rows], "next": rows[-1].id if rows else None}


@customer.get("")
def own(customer_id: str, session: SessionDep, gateways: GatewaysDep) -> dict[str, Any]:
    """The code is made when it is first looked at. Nothing here says who the recommended are."""
    found = session.get(Customer, customer_id)
    if found is None or found.erased_at:
        raise NotFound("There is no such customer.")
    code = referrals.code_of(session, customer_id).code
    rows = referrals.list_of(session, customer_id)
    book = catalog()
    names = {"id", "state", "paid_at", "due_at", "reward", "currency", "rewarded_at"}
    return {
        "code": code,
        "link": f"{gateways.settings.public_url}/{found.locale}?ref={code}",
        "reward": book.referral_reward,
        "currency": book.currency,
        "referrals": [row.model_dump(include=names) for row in rows],
    }


routers = (operator, customer)
