"""Events of vendors, for operators: what waits, what was parked, once more, or not at all."""

from typing import Annotated, Any

from fastapi import Path
from pydantic import StringConstraints
from sqlmodel import col, select

from controlplane.api.access import Router, requires, secret_answer
from controlplane.api.deps import GatewaysDep, SessionDep
from controlplane.api.groups import ActorName
from controlplane.api.quotes import Strict
from controlplane.core.errors import NotFound
from controlplane.inbox import service
from controlplane.inbox.models import EventState, InboxEvent

router = Router(prefix="/v1/inbox", tags=["inbox"], group="inbox.read")
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


class WithReason(Strict):
    reason: Reason


@router.get("")
def events(
    session: SessionDep,
    gateways: GatewaysDep,
    state: EventState | None = None,
    source: str = "",
    after: str = "",
    limit: int = 50,
) -> dict[str, Any]:
    query = select(InboxEvent).order_by(col(InboxEvent.id).desc()).limit(min(max(limit, 1), 200))
    query = query.where(InboxEvent.state == state) if state else query
    query = query.where(InboxEvent.source == source) if source else query
    rows = session.exec(query.where(InboxEvent.id < after) if after else query).all()
    oldest = service.measure(session, now=gateways.now())
    return {"events": [service.shown(row) for row in rows], "next": rows[-1].id if rows else None, "oldest_age": oldest}


@router.get("/{event_id}")
def event(event_id: str, session: SessionDep) -> dict[str, Any]:
    row = session.get(InboxEvent, event_id)
    if row is None:
        raise NotFound("There is no such event.")
    return service.shown(row)


@router.post("/{event_id}/facts/{field}", dependencies=[requires("inbox.reveal"), secret_answer()])
def reveal(
    event_id: str, field: Annotated[str, Path(max_length=60)], body: WithReason, session: SessionDep, actor: ActorName
) -> dict[str, Any]:
    """One field that is covered elsewhere; who asked and why is kept."""
    return {"field": field, "value": service.reveal(session, event_id, field, actor=actor, reason=body.reason)}


@router.post("/{event_id}/replay", dependencies=[requires("inbox.act")])
def replay(
    event_id: str, body: WithReason, session: SessionDep, gateways: GatewaysDep, actor: ActorName
) -> dict[str, Any]:
    return service.shown(service.replay(session, gateways, event_id, actor=actor, reason=body.reason))


@router.post("/{event_id}/ignore", dependencies=[requires("inbox.act")])
def ignore(
    event_id: str, body: WithReason, session: SessionDep, gateways: GatewaysDep, actor: ActorName
) -> dict[str, Any]:
    return service.shown(service.ignore(session, gateways, event_id, actor=actor, reason=body.reason))
