"""The list of tenants as a file: everything that the filters find, read and sent piece by piece."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Path, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import select
from sqlmodel import Session, col

from controlplane.api import downloads, sheets
from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.api.tenants import matching
from controlplane.audit.service import record
from controlplane.gateways import Gateways
from controlplane.web.console import numbers, stock
from controlplane.web.console.tenants import Short
from controlplane.web.routing import Pages
from tenants.models import Tenant

router = Pages(group="tenants.read")
Plotted = Annotated[str, Path(pattern="^(months|weeks|failures|stock)$")]
Table = tuple[tuple[str, ...], Sequence[tuple[object, ...]]]
COLUMNS = ("id", "slug", "name", "product", "state", "customer_id", "applied_release", "created_at", "live_at")


@router.get("/console/tenants.csv")
def export(
    session: SessionDep, gateways: GatewaysDep, actor: ActorDep,
    state: Short = "", product: Short = "", health: Short = "", q: Short = "",
) -> Response:  # fmt: skip
    filters = {"state": state, "product": product, "health": health, "q": q.strip().lower()}
    record(session, actor=str(actor), action="tenants.exported", object_type="tenants", object_id="list",
           reason=" ".join(f"{name}={value}" for name, value in filters.items() if value))  # fmt: skip
    lines = _lines(gateways, matching(**filters))
    return StreamingResponse(lines, media_type=sheets.KIND, headers=downloads.named("tenants.csv"))


@router.get("/console/stats/{name}.csv")
def plotted(name: Plotted, session: SessionDep, gateways: GatewaysDep) -> Response:
    """What a picture was drawn from."""
    columns, rows = PLOTTED[name](session, gateways)
    return sheets.answer([columns, *rows], name=name)


def _months(session: Session, gateways: Gateways) -> Table:
    rate = gateways.settings.pages.euro_per_dollar
    found = numbers.months(session, rate=rate, now=gateways.now())
    return ("month", "revenue", "cost", "margin"), [(one.name, one.revenue, one.cost, one.margin) for one in found]


def _weeks(session: Session, gateways: Gateways) -> Table:
    found = numbers.weeks(session, now=gateways.now())
    return ("week", "product", "n", "p50_s", "p90_s"), [
        (week, product, n, round(usual.half) if usual else None, round(usual.most) if usual else None)
        for week, product, n, usual in found
    ]


def _failures(session: Session, gateways: Gateways) -> Table:
    found = numbers.failures(session, since=gateways.now() - timedelta(weeks=numbers.WEEKS))
    return ("week", "class", "n"), [(week, name, n) for name, _all, weeks in found for week, n in weeks]


def _stock(session: Session, gateways: Gateways) -> Table:
    target = gateways.settings.aws.pool_stock
    found = stock.history(session, gateways.now())
    return ("day", "ready", "target", "created"), [(one.day, one.ready, target, one.made) for one in found]


PLOTTED: dict[str, Callable[[Session, Gateways], Table]] = {
    "months": _months, "weeks": _weeks, "failures": _failures, "stock": _stock,
}  # fmt: skip


def _lines(gateways: Gateways, filters: list[Any]) -> Iterator[str]:
    yield sheets.MARK + sheets.written([COLUMNS])
    query = select(*(getattr(Tenant, name) for name in COLUMNS)).where(*filters)
    yield from map(sheets.written, downloads.pieces(gateways, query, col(Tenant.id)))
