"""Tenants for operators: what is stuck, why, whose turn it is; and asking for operations."""

from typing import Annotated, Any

import sqlalchemy as sql
from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import col, or_, select

from controlplane.api.access import Router, requires_by
from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.api.paging import CursorDep, Page, newest, page
from controlplane.billing.checkout import email_key
from controlplane.billing.models import Customer
from controlplane.core.errors import NotFound
from controlplane.domains.models import Domain
from controlplane.provisioning import actions, progress
from controlplane.provisioning.models import Kind
from tenants.models import Condition, History, Tenant

router = Router(prefix="/v1/tenants", tags=["tenants"], group="tenants.read")

BY_KIND = requires_by(
    "kind",
    {
        "update": "tenants.steer",
        "suspend": "tenants.steer",
        "restore": "tenants.destroy",
        "offboard": "tenants.destroy",
    },
    otherwise="tenants.act",
)
ID, SHORTEST = 26, 3  # letters of an id; letters that are looked for anywhere
SHOWN = ("id", "slug", "name", "product", "state", "locale", "created_at", "live_at", "applied_release")
LISTED = sql.select(*(getattr(Tenant, name) for name in SHOWN))  # specifications are long, and a list has many
SOUGHT = "Part of address or name; or a whole e-mail address, own domain or id."
TenantId = Annotated[str, Path(max_length=26)]


class Ask(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(max_length=500)] = ""
    version: Annotated[int | None, Field(ge=1, description="Of the state; `restore` only.")] = None


@router.get("")
def list_tenants(
    session: SessionDep,
    cursor: CursorDep,
    state: Annotated[str, Query(max_length=30)] = "",
    product: Annotated[str, Query(pattern="^(site|creator|)$")] = "",
    health: Annotated[str, Query(max_length=20, description="Any condition with this health.")] = "",
    q: Annotated[str, Query(max_length=60, description=SOUGHT)] = "",
) -> Page:
    """Newest first. Every filter uses an index: the list is as fast at 100,000 tenants."""
    filters = matching(state=state, product=product, health=health, q=q)
    return newest(session, LISTED.where(*filters), Tenant, cursor, _row)


@router.get("/{tenant_id}")
def show_tenant(tenant_id: TenantId, session: SessionDep, gateways: GatewaysDep) -> dict[str, Any]:
    """Money, cloud, domain, mail and site side by side."""
    tenant = find(session, tenant_id)
    return {
        **_row(tenant),
        "spec": tenant.spec,
        "facts": tenant.facts,
        **progress.of_tenant(session, gateways, tenant_id),
    }


@router.get("/{tenant_id}/history")
def show_history(tenant_id: TenantId, session: SessionDep, cursor: CursorDep) -> Page:
    """Each move and each change of a condition, newest first."""
    query = select(History).where(History.tenant_id == tenant_id).order_by(col(History.id).desc())
    if cursor.after:
        query = query.where(col(History.id) < cursor.number)
    rows = session.exec(query.limit(cursor.limit + 1)).all()
    return page(rows, cursor, key=lambda row: str(row.id), show=lambda row: row.model_dump(exclude={"tenant_id"}))


@router.post("/{tenant_id}/operations/{kind}", status_code=202, dependencies=[BY_KIND])
def ask(
    tenant_id: TenantId, kind: Kind, body: Ask, session: SessionDep, gateways: GatewaysDep, actor: ActorDep
) -> dict[str, Any]:
    """Queues an operation; 409 with the id of the one that is open."""
    tenant = find(session, tenant_id)
    cause = body.reason or "operator"
    operation = actions.ask(session, gateways, tenant, kind, cause=cause, actor=str(actor), version=body.version)
    return {"id": operation.id, "kind": operation.kind, "phase": operation.phase}


def matching(*, state: str, product: str, health: str, q: str) -> list[Any]:
    """What the list is filtered by."""
    found: list[Any] = [Tenant.state == state] if state else []
    if product:
        found.append(Tenant.product == product)
    if health:
        found.append(col(Tenant.id).in_(select(Condition.tenant_id).where(Condition.health == health)))
    return [*found, sought(q)] if q else found


def sought(words: str) -> Any:
    """What has one owner is looked up, by its whole name; anything else is a part of the address or the name."""
    if "@" in words:
        owner = select(Customer.id).where(Customer.email_key == email_key(words))
        return col(Tenant.customer_id).in_(owner)
    if len(words) == ID and words.isalnum():
        return or_(Tenant.id == words, Tenant.order_id == words)
    if "." in words and " " not in words:
        return col(Tenant.id).in_(select(Domain.tenant_id).where(Domain.host == words))
    part = col(Tenant.search).startswith if len(words) < SHORTEST else col(Tenant.search).contains
    return part(words.lower(), autoescape=True)


def find(session: SessionDep, tenant_id: str) -> Tenant:
    tenant = session.get(Tenant, tenant_id)
    if tenant is None:
        raise NotFound("There is no such tenant.")
    return tenant


def _row(tenant: Any) -> dict[str, Any]:
    return {name: getattr(tenant, name) for name in SHOWN}
