"""Operations for operators: the list, one in detail, its events as they happen, and going on by hand."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Header, Path, Query, Response
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict
from sqlmodel import col, select
from starlette.concurrency import run_in_threadpool

from controlplane.api import downloads
from controlplane.api.access import Router, requires
from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.api.paging import CursorDep, Page, newest
from controlplane.api.reasons import Reason, Why
from controlplane.core.errors import NotFound
from controlplane.gateways import Gateways
from controlplane.provisioning import actions, approvals, compare, steering
from controlplane.provisioning.models import Approval, Operation, OperationEvent, Phase, Step

router = Router(prefix="/v1", tags=["operations"], group="tenants.read")

OperationId = Annotated[str, Path(max_length=40)]
LIVE_FOR = 15 * 60  # seconds; a client then comes back with Last-Event-ID
EVERY = 0.5


class Decision(BaseModel):
    model_config = ConfigDict(extra="forbid")

    approve: bool
    reason: Reason


@router.get("/operations")
def list_operations(
    session: SessionDep,
    cursor: CursorDep,
    phase: Annotated[str, Query(max_length=20)] = "",
    tenant_id: Annotated[str, Query(max_length=26)] = "",
    error_class: Annotated[str, Query(max_length=60, description="What they have in common that failed.")] = "",
) -> Page:
    """Newest first; `phase=parked` is what waits for a person."""
    query = select(Operation)
    if error_class:
        query = query.where(Operation.error_class == error_class)
    if phase:
        query = query.where(Operation.phase == phase)
    if tenant_id:
        query = query.where(Operation.tenant_id == tenant_id)
    return newest(session, query, Operation, cursor, _row)


@router.get("/operations/{operation_id}")
def show_operation(operation_id: OperationId, session: SessionDep) -> dict[str, Any]:
    operation = session.get(Operation, operation_id)
    if operation is None:
        raise NotFound("There is no such operation.")
    steps = session.exec(select(Step).where(Step.operation_id == operation_id).order_by(col(Step.position))).all()
    asked = session.exec(select(Approval).where(Approval.operation_id == operation_id)).all()
    hidden = {"operation_id", "id", "created_at"}
    return {
        **_row(operation),
        "steps": [step.model_dump(exclude=hidden) for step in steps],
        "approvals": [approval.model_dump() for approval in asked],
    }


@router.get("/operations/{operation_id}/events")
def list_events(operation_id: OperationId, session: SessionDep, after: int = 0) -> list[dict[str, Any]]:
    return [_event(row) for row in _events(session, operation_id, after, limit=500)]


@router.get("/operations/{operation_id}/stream", response_class=EventSourceResponse)
async def stream(
    operation_id: OperationId,
    gateways: GatewaysDep,
    last_event_id: Annotated[int, Header()] = 0,
) -> AsyncIterator[ServerSentEvent]:
    """`resource`: the engine's events as they are stored; `steps`: where each step is; at last `end` with the phase."""
    known: dict[str, str] = {}
    for _round in range(int(LIVE_FOR / EVERY)):
        rows, steps, phase = await run_in_threadpool(_news, gateways, operation_id, last_event_id)
        for row in rows:
            last_event_id = row.sequence
            yield ServerSentEvent(data=_event(row), event="resource", id=str(row.sequence))
        if steps != known:
            known = steps
            yield ServerSentEvent(data=steps, event="steps")
        if phase not in {Phase.WAITING, Phase.RUNNING} and not rows:
            yield ServerSentEvent(data={"phase": phase}, event="end")
            return
        await asyncio.sleep(EVERY)


@router.post("/operations/{operation_id}/retry", dependencies=[requires("tenants.act")])
def retry(operation_id: OperationId, session: SessionDep, gateways: GatewaysDep, actor: ActorDep) -> dict[str, Any]:
    return _row(actions.retry(session, gateways, operation_id, actor=str(actor)))


@router.post("/operations/{operation_id}/cancel", dependencies=[requires("tenants.destroy")])
def cancel(operation_id: OperationId, session: SessionDep, gateways: GatewaysDep, actor: ActorDep) -> dict[str, Any]:
    return _row(actions.cancel(session, gateways, operation_id, actor=str(actor)))


@router.post("/operations/{operation_id}/release-lease", dependencies=[requires("tenants.destroy")])
def release_lease(
    operation_id: OperationId, session: SessionDep, gateways: GatewaysDep, actor: ActorDep
) -> dict[str, Any]:
    return _row(actions.release_lease(session, gateways, operation_id, actor=str(actor)))


@router.post("/operations/{operation_id}/park", dependencies=[requires("tenants.act")])
def park(
    operation_id: OperationId, body: Why, session: SessionDep, gateways: GatewaysDep, actor: ActorDep
) -> dict[str, Any]:
    """Nobody goes on with it until a person says so."""
    return _row(steering.park(session, gateways, operation_id, actor=str(actor), reason=body.reason))


@router.post("/operations/{operation_id}/take", dependencies=[requires("tenants.act")])
def take(operation_id: OperationId, session: SessionDep, actor: ActorDep) -> dict[str, Any]:
    """You look into it: nobody else needs to."""
    return _row(steering.take(session, operation_id, actor=str(actor)))


@router.post("/operations/{operation_id}/steps/{step}", dependencies=[requires("tenants.destroy")])
def go_on_at(
    operation_id: OperationId, step: Annotated[str, Path(max_length=40)], body: Why, session: SessionDep,
    gateways: GatewaysDep, actor: ActorDep,
) -> dict[str, Any]:  # fmt: skip
    """Goes on at this step: what comes before is left out if it is not done, what follows is done (again)."""
    return _row(steering.go_on_at(session, gateways, operation_id, step, actor=str(actor), reason=body.reason))


@router.get("/operations/{operation_id}/log", response_class=StreamingResponse)
def whole_log(operation_id: OperationId, session: SessionDep, gateways: GatewaysDep) -> Response:
    """All of it as text, a line for each event."""
    if session.get(Operation, operation_id) is None:
        raise NotFound("There is no such operation.")
    lines = steering.log(gateways, operation_id)
    return StreamingResponse(lines, media_type="text/plain", headers=downloads.named(f"{operation_id}.log"))


@router.get("/approvals")
def list_approvals(session: SessionDep) -> list[dict[str, Any]]:
    """What waits for a decision, the oldest first."""
    query = select(Approval).where(col(Approval.decision).is_(None)).order_by(col(Approval.id)).limit(100)
    return [approval.model_dump() for approval in session.exec(query).all()]


@router.get("/approvals/{approval_id}")
def show_approval(approval_id: Annotated[str, Path(max_length=40)], session: SessionDep) -> dict[str, Any]:
    """With what changed since the plan before it, where there was one."""
    row = session.get(Approval, approval_id)
    if row is None:
        raise NotFound("There is no such approval.")
    return {**row.model_dump(), "since_last": compare.with_last(session, row)}


@router.post("/approvals/{approval_id}", dependencies=[requires("approvals.decide")])
def decide(
    approval_id: Annotated[str, Path(max_length=40)],
    body: Decision,
    session: SessionDep,
    gateways: GatewaysDep,
    actor: ActorDep,
) -> dict[str, Any]:
    row = approvals.decide(session, gateways, approval_id, actor=str(actor), approve=body.approve, reason=body.reason)
    return row.model_dump()


def _events(session: SessionDep, operation_id: str, after: int, *, limit: int) -> list[OperationEvent]:
    query = select(OperationEvent).where(OperationEvent.operation_id == operation_id, OperationEvent.sequence > after)
    return list(session.exec(query.order_by(col(OperationEvent.sequence)).limit(limit)).all())


def _news(gateways: Gateways, operation_id: str, after: int) -> tuple[list[OperationEvent], dict[str, str], str]:
    with gateways.db.transaction() as session:
        operation = session.get(Operation, operation_id)
        steps = session.exec(select(Step).where(Step.operation_id == operation_id).order_by(col(Step.position))).all()
        states = {step.name: "done" if step.finished_at else "running" for step in steps}
        return _events(session, operation_id, after, limit=200), states, operation.phase if operation else "unknown"


def _event(row: OperationEvent) -> dict[str, Any]:
    return {"step": row.step, "kind": row.kind, "urn": row.urn, "op": row.op, "text": row.text}


def _row(operation: Operation) -> dict[str, Any]:
    hidden = {"correlation", "lease_owner"}
    return operation.model_dump(exclude=hidden)
