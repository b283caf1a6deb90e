"""The modules of a creator platform: which there are, where they answer, what was used and what that costs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import Form, Response
from sqlalchemy import func
from sqlmodel import Session, col, select

from controlplane.api import sheets
from controlplane.api.access import requires
from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.billing import caps, margins
from controlplane.billing.catalog import Offer, catalog
from controlplane.billing.ledger import Usage
from controlplane.billing.models import Order
from controlplane.core.errors import NotFound
from controlplane.web import plots
from controlplane.web.language import Language
from controlplane.web.portal.frame import Frame, FrameDep, back_to
from controlplane.web.routing import Pages
from tenants.models import Tenant

router = Pages(group="own.read")
# Below /api of the platform's own address; docs/creator-api.md lists what answers there.
PATHS: Mapping[str, str] = {
    "user-auth": "auth/login",
    "ivs-streaming": "stream/status",
    "ivs-chat": "chat/messages",
    "shop": "shop/products",
    "donations": "donations/wall",
    "membership": "membership/plans",
    "events": "events",
    "sponsor-system": "sponsor/active",
    "polls": "polls",
    "newsletter": "newsletter/subscribe",
    "contact-form": "contact",
    "analytics": "analytics/collect",
}


@router.get("/portal/t/{tenant_id}/modules")
def show(tenant_id: str, frame: FrameDep, session: SessionDep, gateways: GatewaysDep) -> Response:
    tenant = _creator(frame, tenant_id)
    order = session.get(Order, tenant.order_id)
    report = margins.report(session, gateways, tenant)
    language = Language(frame.customer.locale)
    month = gateways.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    plot = plots.running_cost(report["expected"], language)
    if plot and sheets.wanted(frame.request):
        return sheets.answer(plot.rows, name=language("cost.file"))
    return frame.page(
        "modules", "modules", tenant=tenant, modules=[_row(tenant, one) for one in _bought(order)],
        used=_used(session, tenant, language, since=month), as_of=gateways.now(),
        report=report, caps=caps.CHOICES,
        plot=plot, plot_file=f"/portal/t/{tenant.id}/modules?format=csv",
    )  # fmt: skip


@router.post("/portal/t/{tenant_id}/modules/cap", dependencies=[requires("own.money")])
def choose_cap(
    tenant_id: str, frame: FrameDep, session: SessionDep, gateways: GatewaysDep, actor: ActorDep,
    percent: Annotated[int, Form()],
) -> Response:  # fmt: skip
    margins.choose_cap(session, gateways, _creator(frame, tenant_id), percent, actor=str(actor))
    return back_to(f"/portal/t/{tenant_id}/modules")


def _creator(frame: Frame, tenant_id: str) -> Tenant:
    tenant = frame.tenant(tenant_id)
    if tenant.product != "creator":
        raise NotFound("Sites have no modules.")
    return tenant


def _bought(order: Order | None) -> list[Offer]:
    book = catalog()
    chosen = [one for key in (order.selection["offers"] if order else ()) if (one := book.offers.get(key))]
    core = [one for one in book.offers.values() if one.line == "creator" and one.core]
    return list({one.key: one for one in [*core, *chosen] if one.kind == "module"}.values())


def _row(tenant: Tenant, offer: Offer) -> dict[str, Any]:
    """An address only where something answers: the module is built and the platform has its own address."""
    ready = offer.key in tenant.facts.get("modules_had", ())
    home = str(tenant.facts.get("url", "")).rstrip("/")
    path = PATHS.get(offer.key)
    if offer.key == "s3-website":
        return {"offer": offer, "ready": ready, "address": home if ready else ""}
    return {"offer": offer, "ready": ready, "address": f"{home}/api/{path}" if ready and home and path else ""}


def _used(session: Session, tenant: Tenant, language: Language, *, since: datetime) -> list[tuple[str, str]]:
    """Meters that count cents are money; the others are what they count."""
    query = select(Usage.meter, func.sum(Usage.quantity)).where(Usage.tenant_id == tenant.id, Usage.used_at >= since)
    rows = session.exec(query.group_by(Usage.meter).order_by(col(Usage.meter))).all()
    return [(_name(str(meter), language), _amount(str(meter), int(total), language)) for meter, total in rows]


def _name(meter: str, language: Language) -> str:
    found = catalog().meters.get(meter)
    return found.texts[language.code]["name"] if found else language.word("meter", meter)


def _amount(meter: str, total: int, language: Language) -> str:
    found = catalog().meters.get(meter)
    return language.money(total) if found and found.event.endswith("_cents") else language.number(total)
