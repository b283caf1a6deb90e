"""Disaster recovery is tried once a month on one creator, so that it is known to work before it is needed."""

from contextlib import suppress
from datetime import timedelta

from sqlmodel import Session, col, select

from controlplane.accounts.models import AccountReport
from controlplane.core.errors import Conflict, NotFound
from controlplane.gateways import Gateways
from controlplane.provisioning.models import Kind, Operation
from controlplane.provisioning.service import request
from tenants.lifecycle import SERVING
from tenants.models import Tenant

EVERY = timedelta(days=28)


def ask(session: Session, gateways: Gateways, tenant_id: str, *, actor: str, cause: str) -> Operation:
    return restore(session, gateways, tenant_id, wanted={"drill": True}, actor=actor, cause=cause)


def restore(
    session: Session, gateways: Gateways, tenant_id: str, *, wanted: dict[str, object], actor: str, cause: str
) -> Operation:
    tenant = session.get(Tenant, tenant_id)
    if tenant is None or tenant.product != "creator":
        raise NotFound("There is no such creator.")
    if tenant.state not in SERVING:
        raise Conflict(f"The creator is {tenant.state}.")
    return request(session, gateways, tenant, Kind.RESTORE, cause=cause, actor=actor, wanted=wanted)


def monthly(gateways: Gateways) -> None:
    """Looked at each day; a drill that was kept from running is made up for the next day."""
    slug = gateways.settings.aws.drill_tenant
    if not slug:
        return
    with suppress(Conflict), gateways.db.transaction() as session:  # something else is being done to it
        tenant = session.exec(select(Tenant).where(Tenant.slug == slug, Tenant.product == "creator")).first()
        last = select(AccountReport).where(AccountReport.kind == "drill").order_by(col(AccountReport.id).desc())
        found = session.exec(last.limit(1)).first()
        if tenant and tenant.state in SERVING and not (found and found.created_at > gateways.now() - EVERY):
            ask(session, gateways, tenant.id, actor="rule:drill", cause="schedule")
