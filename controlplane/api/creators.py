"""What operators change of a creator's platform."""

from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from controlplane.api.access import Router, requires
from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.api.reasons import Reason, Why
from controlplane.billing import margins
from controlplane.core.errors import Conflict, NotFound
from controlplane.delivery import credentials
from controlplane.provisioning import unlocking
from controlplane.provisioning.models import Kind, Operation
from controlplane.provisioning.service import request
from programs.creator.registry import MODULES
from tenants import service as tenants
from tenants.models import Tenant

router = Router(prefix="/v1/tenants", tags=["tenants"], group="tenants.steer")


class Switch(BaseModel):
    model_config = ConfigDict(extra="forbid")

    on: bool
    erase: Annotated[bool, Field(description="Its data goes, too: after a second person has approved it.")] = False
    reason: Reason


class Unlock(Why):
    proof: Annotated[str, Field(min_length=10, max_length=400, description="How they have proved who they are.")]


class Payments(BaseModel):
    model_config = ConfigDict(extra="forbid")

    secret_key: Annotated[SecretStr, Field(min_length=20, max_length=200, description="Of the creator's own account.")]


@router.get("/{tenant_id}/costs", dependencies=[requires("accounts.list")])
def show_costs(
    tenant_id: Annotated[str, Path(max_length=26)], session: SessionDep, gateways: GatewaysDep
) -> dict[str, Any]:
    """What its account costs by month and service, against the estimate that it was sold with; and what is used up."""
    tenant = session.get(Tenant, tenant_id)
    if tenant is None or tenant.product != "creator":
        raise NotFound("There is no such creator.")
    return margins.report(session, gateways, tenant)


@router.post("/{tenant_id}/payments", status_code=202)
def connect_payments(
    tenant_id: Annotated[str, Path(max_length=26)],
    body: Payments,
    session: SessionDep,
    gateways: GatewaysDep,
    actor: ActorDep,
) -> dict[str, Any]:
    """The creator's own Stripe account, by an update: the key is sealed here and kept in the creator's account."""
    tenant = _locked(session, tenant_id)
    key = body.secret_key.get_secret_value()
    credentials.take(session, gateways, tenant_id, key, kind=credentials.STRIPE_KEY, actor=str(actor))
    operation = request(session, gateways, tenant, Kind.UPDATE, cause="payments", actor=str(actor))
    return _asked(operation)


@router.post("/{tenant_id}/unlock-owner", status_code=202, dependencies=[requires("tenants.unlock")])
def unlock_owner(
    tenant_id: Annotated[str, Path(max_length=26)],
    body: Unlock,
    session: SessionDep,
    gateways: GatewaysDep,
    actor: ActorDep,
) -> dict[str, Any]:
    """For a creator who lost both the device of the second factor and the recovery code: the password alone lets in."""
    tenant = _locked(session, tenant_id)
    operation = unlocking.ask(session, gateways, tenant, actor=str(actor), reason=body.reason, proof=body.proof)
    return _asked(operation)


@router.post("/{tenant_id}/modules/{module}", status_code=202)
def switch(
    tenant_id: Annotated[str, Path(max_length=26)],
    module: Annotated[str, Path(max_length=40)],
    body: Switch,
    session: SessionDep,
    gateways: GatewaysDep,
    actor: ActorDep,
) -> dict[str, Any]:
    """A module on or off, by an update. What is switched off keeps its data, unless it is to be erased."""
    tenant = tenants.locked(session, tenant_id)
    if tenant is None or tenant.product != "creator" or module not in MODULES:
        raise NotFound("There is no such creator or module.")
    if MODULES[module].mandatory:
        raise Conflict("Every platform has this module.")
    if body.on and body.erase:
        raise Conflict("What is switched on is not erased.")
    chosen = dict(tenant.spec.get("modules") or {})
    chosen[module] = {**chosen.get(module, {}), "enabled": body.on}
    tenant.spec = {**tenant.spec, "modules": chosen}
    session.add(tenant)
    wanted = {"erase": [module]} if body.erase else {}
    operation = request(session, gateways, tenant, Kind.UPDATE, cause=body.reason, actor=str(actor), wanted=wanted)
    return _asked(operation)


def _locked(session: SessionDep, tenant_id: str) -> Tenant:
    tenant = tenants.locked(session, tenant_id)
    if tenant is None or tenant.product != "creator":
        raise NotFound("There is no such creator.")
    return tenant


def _asked(operation: Operation) -> dict[str, Any]:
    return {"id": operation.id, "kind": operation.kind, "phase": operation.phase}
