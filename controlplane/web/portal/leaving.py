"""Ending the contract: one page that says when it ends, what becomes of the data and what can be taken along."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Form, Response

from controlplane.api.access import requires
from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.billing import changes, mirror
from controlplane.core.errors import NotFound
from controlplane.web.portal.frame import FrameDep, back_to
from controlplane.web.routing import Pages

router = Pages(group="own.read")
PAGE = "/portal/t/{tenant_id}/cancel"
WHY = ("price", "missing", "unused", "elsewhere", "trouble")


@router.get(PAGE)
def show(tenant_id: str, frame: FrameDep, session: SessionDep, gateways: GatewaysDep) -> Response:
    tenant = frame.tenant(tenant_id)
    subscription = mirror.subscription_of(session, tenant.order_id)
    if subscription is None or subscription.ended_at:
        raise NotFound("There is no running contract.")
    planned = bool(subscription.cancel_at_period_end or subscription.cancel_at)
    ends = subscription.cancel_at or subscription.period_end
    kept_until = _after(ends, gateways.settings.selling.retention_days)
    return frame.page("billing", "cancel", tenant=tenant, planned=planned, ends=ends, kept_until=kept_until, why=WHY)


@router.post(PAGE, dependencies=[requires("own.money")])
def cancel(
    tenant_id: str, frame: FrameDep, gateways: GatewaysDep, actor: ActorDep,
    why: Annotated[str, Form(max_length=20)] = "",
) -> Response:  # fmt: skip
    """Why is one of our words, or nothing: what somebody writes freely would stay in the record for good."""
    reason = f"portal: {why}" if why in WHY else "portal"
    changes.cancel(gateways, frame.tenant(tenant_id).order_id, at_period_end=True, actor=str(actor), reason=reason)
    return back_to(f"/portal/t/{tenant_id}/cancel")


@router.post("/portal/t/{tenant_id}/keep", dependencies=[requires("own.money")])
def keep(tenant_id: str, frame: FrameDep, gateways: GatewaysDep, actor: ActorDep) -> Response:
    changes.keep(gateways, frame.tenant(tenant_id).order_id, actor=str(actor))
    return back_to(f"/portal/t/{tenant_id}/billing")


def _after(moment: datetime | None, days: int) -> datetime | None:
    return moment + timedelta(days=days) if moment else None
