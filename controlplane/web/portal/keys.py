"""Keys: shown once, exchanged on request."""

from fastapi import Response

from controlplane.api.access import requires
from controlplane.api.deps import ActorDep, GatewaysDep
from controlplane.core.errors import NotFound
from controlplane.delivery import credentials
from controlplane.gateways import Gateways
from controlplane.provisioning import mailproof
from controlplane.web.portal.frame import Frame, FrameDep, back_to
from controlplane.web.routing import Pages
from tenants.models import Tenant

router = Pages(group="own.read")


@router.get("/portal/t/{tenant_id}/credentials")
def show(tenant_id: str, frame: FrameDep, gateways: GatewaysDep) -> Response:
    return _page(frame, gateways, frame.tenant(tenant_id))


@router.post("/portal/t/{tenant_id}/credentials", dependencies=[requires("own.secrets")])
def reveal(tenant_id: str, frame: FrameDep, gateways: GatewaysDep, actor: ActorDep) -> Response:
    """Once: the answer to this very request, and never again."""
    tenant = frame.tenant(tenant_id)
    with gateways.db.transaction() as session:
        row = credentials.living(session, tenant.id)
        if row is None:
            raise NotFound("There is no key yet.")
        shown = credentials.reveal(session, gateways, row, actor=str(actor))
    return _page(frame, gateways, tenant, shown=shown)


@router.post("/portal/t/{tenant_id}/credentials/rotate", dependencies=[requires("secrets.rotate")])
def rotate(tenant_id: str, frame: FrameDep, gateways: GatewaysDep, actor: ActorDep) -> Response:
    mailproof.rotate_key(gateways, frame.tenant(tenant_id), actor=str(actor))
    return back_to(f"/portal/t/{tenant_id}/credentials")


def _page(frame: Frame, gateways: Gateways, tenant: Tenant, *, shown: str = "") -> Response:
    with gateways.db.transaction() as session:
        rows = credentials.of_tenant(session, tenant.id)
    return frame.page("credentials", "credentials", tenant=tenant, keys=rows, shown=shown)
