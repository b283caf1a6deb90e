"""Releases of a site over REST: publish a zip, see what there is, look before, go back."""

from typing import Annotated, Any

from fastapi import Body, Query
from pydantic import BaseModel, ConfigDict, Field

from controlplane.api.access import Router, requires
from controlplane.api.deps import GatewaysDep
from controlplane.api.groups import ActorName
from controlplane.api.tenants import TenantId, find
from controlplane.gateways import Gateways
from controlplane.publishing import releases
from tenants.models import Tenant

router = Router(prefix="/v1/tenants/{tenant_id}/releases", tags=["releases"], group="own.read")
Expected = Annotated[
    str, Query(max_length=64, description="The release that is live now, `none`, or `any` to replace whatever is.")
]


class Back(BaseModel):
    model_config = ConfigDict(extra="forbid")

    release: Annotated[str, Field(max_length=64)]
    expect_live: Annotated[str, Field(max_length=64)] = releases.ANY


@router.get("")
def list_releases(tenant_id: TenantId, gateways: GatewaysDep) -> dict[str, Any]:
    return releases.listed(gateways, _tenant(gateways, tenant_id))


@router.post("", status_code=201, dependencies=[requires("own.write")])
def publish(
    tenant_id: TenantId,
    gateways: GatewaysDep,
    actor: ActorName,
    body: Annotated[bytes, Body(media_type="application/zip")],
    expect_live: Expected = releases.ANY,
) -> dict[str, Any]:
    """A zip of the site with `index.html` at its top or in its only folder. The same content is the same release."""
    expect = None if expect_live == "none" else expect_live
    tenant = _tenant(gateways, tenant_id)
    return releases.publish_archive(gateways, tenant, body, expect=expect, actor=actor)


@router.post("/rollback", status_code=201, dependencies=[requires("own.write")])
def roll_back(tenant_id: TenantId, body: Back, gateways: GatewaysDep, actor: ActorName) -> dict[str, Any]:
    tenant = _tenant(gateways, tenant_id)
    return releases.roll_back(gateways, tenant, body.release, expect=body.expect_live, actor=actor)


@router.post("/preview", dependencies=[requires("own.write")])
def preview(tenant_id: TenantId, gateways: GatewaysDep) -> dict[str, Any]:
    """Where the draft can be seen for an hour."""
    return releases.preview(gateways, _tenant(gateways, tenant_id))


def _tenant(gateways: Gateways, tenant_id: str) -> Tenant:
    with gateways.db.transaction() as session:
        return find(session, tenant_id)
