"""The modules of a creator platform: which there are, where they answer, what was used."""

from typing import Any

from fastapi import Response
from sqlalchemy import func
from sqlmodel import Session, col, select

from controlplane.api.deps import GatewaysDep, SessionDep
from controlplane.billing.catalog import Offer, catalog
from controlplane.billing.ledger import Usage
from controlplane.billing.models import Order
from controlplane.core.errors import NotFound
from controlplane.web.portal.frame import FrameDep
from controlplane.web.routing import Pages
from tenants.models import Tenant

router = Pages(group="own.read")


@router.get("/portal/t/{tenant_id}/modules")
def show(tenant_id: str, frame: FrameDep, session: SessionDep, gateways: GatewaysDep) -> Response:
    tenant = frame.tenant(tenant_id)
    if tenant.product != "creator":
        raise NotFound("Sites have no modules.")
    order = session.get(Order, tenant.order_id)
    bought = [one for key in (order.selection["offers"] if order else ()) if (one := catalog().offers.get(key))]
    core = [one for one in catalog().offers.values() if one.line == "creator" and one.core]
    offers = {one.key: one for one in [*core, *bought] if one.kind == "module"}
    return frame.page(
        "modules", "modules", tenant=tenant, modules=[_row(tenant, one) for one in offers.values()],
        used=_used(session, tenant, since=gateways.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)),
    )  # fmt: skip


def _row(tenant: Tenant, offer: Offer) -> dict[str, Any]:
    name = offer.key.removeprefix("creator-")
    ready = name in tenant.facts.get("modules_had", ())
    endpoint = str(tenant.facts.get("api_endpoint", "")).rstrip("/")
    return {"offer": offer, "ready": ready, "address": f"{endpoint}/{name}" if ready and endpoint else ""}


def _used(session: Session, tenant: Tenant, *, since: Any) -> list[tuple[str, int]]:
    query = select(Usage.meter, func.sum(Usage.quantity)).where(Usage.tenant_id == tenant.id, Usage.used_at >= since)
    rows = session.exec(query.group_by(Usage.meter).order_by(col(Usage.meter))).all()
    return [(str(meter), int(total)) for meter, total in rows]
