"""The fleet for operators: which release runs where, and waves that bring everybody to the installed one."""

from typing import Annotated, Any, Literal

from fastapi import Path, Query
from pydantic import Field
from sqlmodel import select

from controlplane.api.access import Router, requires
from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.api.paging import CursorDep, Page, newest, page
from controlplane.api.reasons import Why
from controlplane.fleet import waves
from controlplane.fleet.models import Member, Wave

router = Router(prefix="/v1/fleet", tags=["fleet"], group="tenants.read")

WaveId = Annotated[str, Path(max_length=40)]
STEER = requires("tenants.steer")


class NewWave(Why):
    product: Literal["site", "creator"]
    at_once: Annotated[int, Field(ge=1, le=50, description="So many at the same time, once the first is done.")] = 5
    tolerated: Annotated[int, Field(ge=0, le=1000, description="Failures; one more halts the wave.")] = 2
    only_behind: bool = True


@router.get("/releases")
def list_releases(session: SessionDep) -> list[dict[str, object]]:
    """How many living tenants have which release of their program."""
    return waves.versions(session)


@router.get("/waves")
def list_waves(session: SessionDep, cursor: CursorDep) -> Page:
    """Newest first."""
    found = newest(session, select(Wave), Wave, cursor, Wave.model_dump)
    counted = waves.counts_of(session, [row["id"] for row in found.items])
    for row in found.items:
        row["tenants"] = counted[row["id"]]
    return found


@router.post("/waves", status_code=202, dependencies=[STEER])
def start_wave(body: NewWave, session: SessionDep, actor: ActorDep) -> dict[str, Any]:
    """One tenant first; when it is through, so many at once. 409 while a wave of this product is not finished."""
    return shown(session, waves.start(session, actor=str(actor), **body.model_dump()))


@router.get("/waves/{wave_id}")
def show_wave(wave_id: WaveId, session: SessionDep) -> dict[str, Any]:
    return shown(session, waves.find(session, wave_id))


@router.get("/waves/{wave_id}/members")
def list_members(
    wave_id: WaveId, session: SessionDep, cursor: CursorDep, outcome: Annotated[str, Query(max_length=20)] = ""
) -> Page:
    """`outcome=failed` is what needs a person."""
    query = select(Member).where(Member.wave_id == waves.find(session, wave_id).id).order_by(Member.tenant_id)
    if cursor.after:
        query = query.where(Member.tenant_id > cursor.after)
    if outcome:
        query = query.where(Member.outcome == outcome)
    rows = session.exec(query.limit(cursor.limit + 1)).all()
    return page(rows, cursor, key=lambda row: row.tenant_id, show=lambda row: row.model_dump(exclude={"wave_id"}))


@router.post("/waves/{wave_id}/halt", dependencies=[STEER])
def halt(wave_id: WaveId, body: Why, session: SessionDep, actor: ActorDep) -> dict[str, Any]:
    """What is under way finishes; nothing new is started."""
    return shown(session, waves.halt(session, wave_id, actor=str(actor), reason=body.reason))


@router.post("/waves/{wave_id}/resume", dependencies=[STEER])
def resume(wave_id: WaveId, body: Why, session: SessionDep, actor: ActorDep) -> dict[str, Any]:
    """What failed so far counts no more."""
    return shown(session, waves.resume(session, wave_id, actor=str(actor), reason=body.reason))


@router.post("/waves/{wave_id}/end", dependencies=[STEER])
def end(wave_id: WaveId, body: Why, session: SessionDep, gateways: GatewaysDep, actor: ActorDep) -> dict[str, Any]:
    """Whoever had no turn yet gets none."""
    return shown(session, waves.end(session, gateways, wave_id, actor=str(actor), reason=body.reason))


def shown(session: SessionDep, wave: Wave) -> dict[str, Any]:
    return {**wave.model_dump(), "tenants": waves.counts(session, wave)}
