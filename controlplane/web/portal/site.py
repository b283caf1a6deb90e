"""Releases of a site at a glance, the way into the studio, and everything to take along."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Form, Response

from controlplane.api import downloads
from controlplane.api.access import requires
from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.core.errors import Outcome
from controlplane.gateways import Gateways
from controlplane.publishing import exports, releases
from controlplane.web.portal.frame import FrameDep, back_to
from controlplane.web.routing import Pages
from tenants.models import Tenant

router = Pages(group="own.read")


@router.get("/portal/t/{tenant_id}/releases")
def show(tenant_id: str, frame: FrameDep, gateways: GatewaysDep) -> Response:
    tenant = frame.tenant(tenant_id)
    releases.require_site(tenant)
    found = listed(gateways, tenant)
    with gateways.db.transaction() as session:
        packed = exports.of_tenant(session, tenant.id)
    studio = gateways.edge.address(f"app.{gateways.settings.cloudflare.portal_zone}")
    return frame.page("releases", "releases", tenant=tenant, found=found, exports=packed, studio=studio)


@router.post("/portal/t/{tenant_id}/releases/rollback", dependencies=[requires("own.write")])
def roll_back(
    tenant_id: str, frame: FrameDep, gateways: GatewaysDep, actor: ActorDep,
    release: Annotated[str, Form(max_length=64)], expect: Annotated[str, Form(max_length=64)],
) -> Response:  # fmt: skip
    """What was live when the page was shown must still be live: nobody undoes what they have not seen."""
    releases.roll_back(gateways, frame.tenant(tenant_id), release, expect=expect, actor=str(actor))
    return back_to(f"/portal/t/{tenant_id}/releases")


@router.post("/portal/t/{tenant_id}/exports", dependencies=[requires("own.exports")])
def ask_export(
    tenant_id: str, frame: FrameDep, session: SessionDep, gateways: GatewaysDep, actor: ActorDep
) -> Response:
    exports.ask(session, gateways, frame.tenant(tenant_id), actor=str(actor))
    return back_to(f"/portal/t/{tenant_id}/releases")


@router.get("/portal/t/{tenant_id}/exports/{export_id}", dependencies=[requires("own.exports")])
def fetch_export(tenant_id: str, export_id: str, frame: FrameDep, gateways: GatewaysDep) -> Response:
    tenant = frame.tenant(tenant_id)
    with gateways.db.transaction() as session:
        row = exports.find(session, tenant.id, export_id)
    body = exports.fetch(gateways, tenant, row)
    return Response(body, media_type="application/zip", headers=downloads.named(f"{tenant.slug}.zip"))


def listed(gateways: Gateways, tenant: Tenant) -> dict[str, Any] | None:
    """None: the edge cannot be asked just now; the page says so and shows the rest."""
    try:
        found = releases.listed(gateways, tenant)
    except Outcome:
        return None
    shown = [{**one, "at": datetime.fromisoformat(str(one["at"]))} for one in found["releases"]]
    return {**found, "releases": shown}
