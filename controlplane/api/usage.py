"""How much of its package a creator platform has used, and the limit at which it pauses."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from controlplane.api.access import Router, requires
from controlplane.api.deps import GatewaysDep, SessionDep
from controlplane.api.groups import ActorName
from controlplane.api.tenants import TenantId, find
from controlplane.billing import caps, margins
from controlplane.core.errors import NotFound
from tenants.models import Tenant

router = Router(prefix="/v1/tenants/{tenant_id}/usage", tags=["usage"], group="own.read")


class Cap(BaseModel):
    model_config = ConfigDict(extra="forbid")

    percent: int


@router.get("")
def show(tenant_id: TenantId, session: SessionDep, gateways: GatewaysDep) -> dict[str, Any]:
    """Counted once a day, in percent of the package. At 80 the customer is told, at the limit the platform pauses."""
    return _shown(margins.report(session, gateways, _creator(session, tenant_id)))


@router.put("/cap", dependencies=[requires("own.money")])
def choose_cap(
    tenant_id: TenantId, body: Cap, session: SessionDep, gateways: GatewaysDep, actor: ActorName
) -> dict[str, Any]:
    """100: only what is included; at most three times that. A paused platform comes back when it may use more."""
    tenant = _creator(session, tenant_id)
    return _shown(margins.choose_cap(session, gateways, tenant, body.percent, actor=actor))


def _creator(session: SessionDep, tenant_id: str) -> Tenant:
    tenant = find(session, tenant_id)
    if tenant.product != "creator":
        raise NotFound("There is no such creator.")
    return tenant


def _shown(report: dict[str, Any]) -> dict[str, Any]:
    return {name: report[name] for name in ("usage", "level", "cap")} | {"choices": list(caps.CHOICES)}
