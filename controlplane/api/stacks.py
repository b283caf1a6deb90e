"""A tenant's stack for operators: lease, lock, interrupted creates, kept states; and deciding what was interrupted."""

from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

from controlplane.api.access import Router, requires
from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.api.reasons import Reason
from controlplane.core.errors import NotFound
from controlplane.provisioning import compare, stack_actions
from tenants.models import Tenant

router = Router(prefix="/v1/tenants/{tenant_id}", tags=["tenants"], group="tenants.read")

TenantId = Annotated[str, Path(max_length=26)]


class Pending(BaseModel):
    """`found`: the id that the vendor gave to what was made. Without it: nothing was made, forget it."""

    model_config = ConfigDict(extra="forbid")

    urn: Annotated[str, Field(min_length=10, max_length=500, pattern="^urn:pulumi:")]
    found: Annotated[str | None, Field(min_length=1, max_length=300)] = None
    reason: Reason


@router.get("/stack")
def show_stack(tenant_id: TenantId, session: SessionDep) -> dict[str, Any]:
    """Who works on it, who locks it, what was interrupted, what is kept."""
    return stack_actions.show(session, _tenant(session, tenant_id))


@router.get("/states")
def list_states(tenant_id: TenantId, session: SessionDep) -> list[dict[str, Any]]:
    """The kept versions of the engine's state; their content stays sealed."""
    return stack_actions.states(session, tenant_id)


@router.get("/states/{version}/changes")
def compare_states(
    tenant_id: TenantId,
    version: Annotated[int, Path(ge=1, le=2**31 - 1)],
    since: Annotated[int, Query(ge=1, le=2**31 - 1, description="The version to compare with.")],
    session: SessionDep,
    gateways: GatewaysDep,
) -> dict[str, Any]:
    """Which resources came, went or changed from one kept version to another; names of properties, no values."""
    return compare.of_versions(session, gateways, _tenant(session, tenant_id).id, version, since=since)


@router.post("/pending", status_code=202, dependencies=[requires("tenants.destroy")])
def decide_pending(
    tenant_id: TenantId, body: Pending, session: SessionDep, gateways: GatewaysDep, actor: ActorDep
) -> dict[str, Any]:
    """Import or clear one interrupted create; the operation that stood still goes on."""
    tenant = _tenant(session, tenant_id)
    operation = stack_actions.decide_pending(
        session, gateways, tenant, urn=body.urn, found=body.found, actor=str(actor), reason=body.reason
    )
    return {"id": operation.id, "kind": operation.kind, "phase": operation.phase}


def _tenant(session: SessionDep, tenant_id: str) -> Tenant:
    tenant = session.get(Tenant, tenant_id)
    if tenant is None:
        raise NotFound("There is no such tenant.")
    return tenant
