"""Operations: the list, one as it runs, and going on by hand; approvals with what would change."""

from typing import Annotated, Any, Literal

import sqlalchemy as sql
from fastapi import Form, Query, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col, select

from controlplane.api import operations as api
from controlplane.api.access import requires
from controlplane.api.deps import ActorDep, GatewaysDep, LookDep
from controlplane.api.paging import CursorDep
from controlplane.core.errors import Conflict, NotFound
from controlplane.gateways import Gateways
from controlplane.identity import acts
from controlplane.provisioning import actions, approvals, compare
from controlplane.provisioning.models import Approval, Operation, OperationEvent, Phase, Step
from controlplane.provisioning.plans import known_steps
from controlplane.provisioning.steering import RESTING, SKIPPED
from controlplane.web.console.asking import Reason
from controlplane.web.console.frame import Frame, FrameDep, back_to
from controlplane.web.errors import language_of
from controlplane.web.graph import Event, drawn
from controlplane.web.routing import Pages
from controlplane.web.shell import fragment, fragment_answer
from controlplane.web.stream import HEADERS, follow
from tenants.models import Tenant

router = Pages(group="tenants.read")
TEMPLATES = {"live": "console/operation.html", "work": "console/work.html"}
Part = Annotated[Literal["live", "work"], Query()]  # everything about it, or what it does just now
LINES = 200


@router.get("/console/operations")
def find(
    request: Request, frame: FrameDep, session: LookDep, cursor: CursorDep,
    phase: Annotated[str, Query(max_length=20)] = "", error_class: Annotated[str, Query(max_length=60)] = "",
) -> Response:  # fmt: skip
    cursor.limit = 50
    page = api.list_operations(session, cursor, phase=phase, tenant_id="", error_class=error_class)
    ids = {row["tenant_id"] for row in page.items}
    names: dict[str, str] = dict(session.exec(select(Tenant.id, Tenant.slug).where(col(Tenant.id).in_(ids))).all())
    return frame.page("operations", "operations", page=page, names=names, phase=phase, phases=[*Phase],
                      error_class=error_class, rest=f"GET /v1/operations?{request.url.query}")  # fmt: skip


@router.get("/console/operations/{operation_id}")
def show(operation_id: str, frame: FrameDep, session: LookDep) -> Response:
    values = _values(session, operation_id)
    return frame.page("operations", "operation", rest=f"GET /v1/operations/{operation_id}", **values)


@router.get("/console/operations/{operation_id}/stream")
async def stream(operation_id: str, request: Request, gateways: GatewaysDep, part: Part = "live") -> Response:
    def look() -> tuple[str, bool]:
        return _live(request, gateways, operation_id, part)

    return StreamingResponse(follow(request, look), media_type="text/event-stream", headers=HEADERS)


@router.get("/console/operations/{operation_id}/live")
def state(operation_id: str, request: Request, gateways: GatewaysDep, part: Part = "live") -> Response:
    return fragment_answer(_live(request, gateways, operation_id, part)[0])


@router.post("/console/operations/{operation_id}/retry", dependencies=[requires("tenants.act")])
def retry(operation_id: str, session: LookDep, gateways: GatewaysDep, actor: ActorDep) -> Response:
    actions.retry(session, gateways, operation_id, actor=str(actor))
    return back_to(f"/console/operations/{operation_id}")


@router.post("/console/operations/{operation_id}/cancel", dependencies=[requires("tenants.destroy")])
def cancel(operation_id: str, session: LookDep, gateways: GatewaysDep, actor: ActorDep) -> Response:
    actions.cancel(session, gateways, operation_id, actor=str(actor))
    return back_to(f"/console/operations/{operation_id}")


@router.post("/console/operations/{operation_id}/release-lease", dependencies=[requires("tenants.destroy")])
def release_lease(operation_id: str, session: LookDep, gateways: GatewaysDep, actor: ActorDep) -> Response:
    actions.release_lease(session, gateways, operation_id, actor=str(actor))
    return back_to(f"/console/operations/{operation_id}")


@router.get("/console/approvals")
def waiting(frame: FrameDep, session: LookDep, gateways: GatewaysDep) -> Response:
    query = select(Approval, Tenant.slug).where(col(Approval.tenant_id) == col(Tenant.id))
    open_ = session.exec(
        query.where(col(Approval.decision).is_(None)).order_by(col(Approval.expires_at)).limit(100)
    ).all()
    decided = query.where(col(Approval.decision).is_not(None)).order_by(col(Approval.id).desc()).limit(20)
    return frame.page("approvals", "approvals", open=open_, decided=session.exec(decided).all(),
                      acts=acts.waiting(session, gateways), rest="GET /v1/approvals")  # fmt: skip


@router.get("/console/approvals/{approval_id}")
def approval(approval_id: str, frame: FrameDep, session: LookDep) -> Response:
    return _approval(frame, session, approval_id)


@router.post("/console/approvals/{approval_id}", dependencies=[requires("approvals.decide")])
def decide(
    approval_id: str, frame: FrameDep, session: LookDep, gateways: GatewaysDep, actor: ActorDep, reason: Reason,
    decision: Annotated[str, Form(pattern="^(approve|refuse)$")], typed: Annotated[str, Form(max_length=60)] = "",
) -> Response:  # fmt: skip
    """What loses data is agreed to by typing whose it is; the name is compared here."""
    if decision == "approve" and typed.strip() not in _names(session, approval_id):
        return _approval(frame, session, approval_id, mistyped=True, reason=reason)
    try:
        row = approvals.decide(
            session, gateways, approval_id, actor=str(actor), approve=decision == "approve", reason=reason
        )
    except Conflict:
        return _approval(frame, session, approval_id, wanted=decision)
    return back_to(f"/console/operations/{row.operation_id}")


def _names(session: LookDep, approval_id: str) -> set[str]:
    """What may be typed. Of columns: a row that is read here would not be read again when it is locked."""
    query = select(Approval.plan, Tenant.slug).where(Approval.id == approval_id, Tenant.id == Approval.tenant_id)
    plan, slug = session.exec(query).first() or ({}, "")
    return {slug} if plan.get("critical") else {slug, ""}


def _approval(
    frame: Frame, session: LookDep, approval_id: str, *, wanted: str = "", mistyped: bool = False, reason: str = ""
) -> Response:
    """Who comes too late sees what was decided beside what they wanted."""
    row = session.get(Approval, approval_id)
    if row is None:
        raise NotFound("There is no such approval.")
    tenant = session.get_one(Tenant, row.tenant_id)
    return frame.page(
        "approvals", "approval", approval=row, tenant=tenant, own=str(frame.actor) == row.requested_by, wanted=wanted,
        last=compare.with_last(session, row), mistyped=mistyped, reason=reason,
        status=409 if wanted else 422 if mistyped else 200, rest=f"GET /v1/approvals/{approval_id}",
    )  # fmt: skip


@router.post("/console/acts/{act_id}", dependencies=[requires("acts.decide")])
def agree(
    act_id: str, session: LookDep, gateways: GatewaysDep, actor: ActorDep, reason: Reason,
    decision: Annotated[str, Form(pattern="^(approve|refuse)$")],
) -> Response:  # fmt: skip
    acts.decide(
        session, gateways, act_id, by=str(actor), role=min(actor.roles), agree=decision == "approve", reason=reason
    )
    return back_to("/console/approvals")


def _live(request: Request, gateways: Gateways, operation_id: str, part: str) -> tuple[str, bool]:
    with gateways.db.transaction() as session:
        values = _values(session, operation_id)
    values["depth"] = 2 if part == "live" else 3
    return fragment(request, language_of(request), TEMPLATES[part], part, values), values["ended"]


def work(session: LookDep, tenant: Tenant, operation: Operation) -> dict[str, Any]:
    """Its steps and what they make of the tenant's resources."""
    rows = {row.name: row for row in session.exec(select(Step).where(Step.operation_id == operation.id)).all()}
    steps = _steps(tenant, operation, rows)
    return {"operation": operation, "steps": steps, "graph": drawn(_resources(session, operation.id))}


def _values(session: LookDep, operation_id: str) -> dict[str, Any]:
    operation = session.get(Operation, operation_id)
    if operation is None:
        raise NotFound("There is no such operation.")
    tenant = session.get_one(Tenant, operation.tenant_id)
    query = select(OperationEvent).where(OperationEvent.operation_id == operation_id)
    events = session.exec(query.order_by(col(OperationEvent.sequence).desc()).limit(LINES)).all()[::-1]
    asked = session.exec(
        select(Approval).where(Approval.operation_id == operation_id, col(Approval.decision).is_(None))
    ).first()
    ended = operation.phase in {Phase.DONE, Phase.CANCELLED}
    return {**work(session, tenant, operation), "tenant": tenant, "events": events, "asked": asked, "ended": ended,
            "rests": operation.phase in RESTING, "most": LINES}  # fmt: skip


def _resources(session: LookDep, operation_id: str) -> list[Event]:
    """The newest word on each; there may be thousands of lines before it."""
    query = (
        sql.select(OperationEvent.urn, OperationEvent.op, OperationEvent.kind, OperationEvent.step)  # type: ignore[call-overload]
        .ext(distinct_on(col(OperationEvent.urn)))
        .where(OperationEvent.operation_id == operation_id, OperationEvent.urn != "", OperationEvent.op != "")
        .order_by(col(OperationEvent.urn), col(OperationEvent.sequence).desc())
    )
    rows = session.execute(query).all()
    return [Event(row.urn, row.op, row.kind, is_plan=row.step == "preview") for row in rows]


def _steps(tenant: Tenant, operation: Operation, rows: dict[str, Step]) -> list[tuple[str, str, Step | None]]:
    names = [plan.name for plan in known_steps(tenant.product, operation.kind, operation.wanted)]
    names = names or [row.name for row in sorted(rows.values(), key=lambda row: row.position)]
    return [(name, _state(operation, rows.get(name)), rows.get(name)) for name in names]


def _state(operation: Operation, row: Step | None) -> str:
    if row is None:
        return "next"
    if row.finished_at:
        return "skipped" if SKIPPED in (row.result or {}) else "done"
    return "failed" if row.error and operation.phase is not Phase.RUNNING else "now"
