"""Keys that a tenant got from us: shown once to their owner, exchanged on request. The list never has the secret."""

from typing import Any

from controlplane.api.access import Router, requires, secret_answer
from controlplane.api.deps import GatewaysDep, SessionDep
from controlplane.api.groups import ActorName
from controlplane.api.tenants import TenantId, find
from controlplane.core.errors import NotFound
from controlplane.delivery import credentials
from controlplane.provisioning import mailproof

router = Router(prefix="/v1/tenants/{tenant_id}/credentials", tags=["credentials"], group="own.read")
SHOWN = {"id", "kind", "version", "last_four", "created_at", "revealed_at", "revoked_at"}


@router.get("")
def list_credentials(tenant_id: TenantId, session: SessionDep) -> dict[str, Any]:
    rows = credentials.of_tenant(session, find(session, tenant_id).id)
    return {"credentials": [row.model_dump(include=SHOWN) for row in rows]}


@router.post("/reveal", dependencies=[requires("own.secrets"), secret_answer()])
def reveal(tenant_id: TenantId, session: SessionDep, gateways: GatewaysDep, actor: ActorName) -> dict[str, Any]:
    """Once. Afterwards the only way to a key is a new one."""
    row = credentials.living(session, find(session, tenant_id).id)
    if row is None:
        raise NotFound("There is no key yet.")
    secret = credentials.reveal(session, gateways, row, actor=actor)
    return {**row.model_dump(include=SHOWN), "secret": secret}


@router.post("/rotate", status_code=201, dependencies=[requires("secrets.rotate")])
def rotate(tenant_id: TenantId, gateways: GatewaysDep, actor: ActorName) -> dict[str, Any]:
    """A new key; the old one ends as soon as the edge has the new one."""
    with gateways.db.transaction() as session:
        tenant = find(session, tenant_id)
    return mailproof.rotate_key(gateways, tenant, actor=actor).model_dump(include=SHOWN)
