"""A creator's own look and legal texts over REST."""

from typing import Any

from controlplane.api.access import Router, requires
from controlplane.api.deps import GatewaysDep, SessionDep
from controlplane.api.groups import ActorName
from controlplane.api.tenants import TenantId, find
from controlplane.provisioning import creator_look as look
from controlplane.provisioning.creator_look import Wish

router = Router(prefix="/v1/tenants/{tenant_id}/look", tags=["look"], group="own.read")


@router.get("")
def show(tenant_id: TenantId, session: SessionDep) -> dict[str, Any]:
    return look.shown(look.of(find(session, tenant_id)))


@router.put("", status_code=202, dependencies=[requires("own.write")])
def change(
    tenant_id: TenantId, body: Wish, session: SessionDep, gateways: GatewaysDep, actor: ActorName
) -> dict[str, Any]:
    """The whole wish. Visitors see it seconds later: only the site's own files change."""
    tenant = find(session, tenant_id)
    look.of(tenant)
    operation = look.change(session, gateways, tenant, body, actor=actor)
    return {**look.shown(body), "operation": operation.id if operation else None}
