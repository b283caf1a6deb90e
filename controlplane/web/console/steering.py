"""An operation in somebody's hands: parked, looked into, gone on with at another step; and its whole log."""

from fastapi import Response
from sqlmodel import Session

from controlplane.api import operations as api
from controlplane.api.access import requires
from controlplane.api.deps import ActorDep, GatewaysDep, LookDep
from controlplane.core.errors import NotFound, Problem
from controlplane.provisioning import steering
from controlplane.provisioning.models import Operation
from controlplane.web.console.asking import Given, Question, Reason, mistake, show
from controlplane.web.console.frame import FrameDep, back_to
from controlplane.web.routing import Pages
from tenants.models import Tenant

router = Pages(group="tenants.read")
HOME = "/console/operations/{operation_id}"
ACT = [requires("tenants.act")]


@router.post(f"{HOME}/park", dependencies=ACT)
def park(operation_id: str, session: LookDep, gateways: GatewaysDep, actor: ActorDep, reason: Reason) -> Response:
    steering.park(session, gateways, operation_id, actor=str(actor), reason=reason)
    return back_to(f"/console/operations/{operation_id}")


@router.post(f"{HOME}/take", dependencies=ACT)
def take(operation_id: str, session: LookDep, actor: ActorDep) -> Response:
    steering.take(session, operation_id, actor=str(actor))
    return back_to(f"/console/operations/{operation_id}")


@router.get(f"{HOME}/log")
def log(operation_id: str, session: LookDep, gateways: GatewaysDep) -> Response:
    return api.whole_log(operation_id, session, gateways)


@router.get(f"{HOME}/steps/{{step}}")
def confirm(operation_id: str, step: str, frame: FrameDep, session: LookDep) -> Response:
    return show(frame, _question(session, operation_id, step), rest=_rest(operation_id, step))


@router.post(f"{HOME}/steps/{{step}}", dependencies=[requires("tenants.destroy")])
def go_on_at(
    operation_id: str, step: str, frame: FrameDep, session: LookDep, gateways: GatewaysDep, actor: ActorDep,
    given: Given,
) -> Response:  # fmt: skip
    question = _question(session, operation_id, step)
    if wrong := mistake(question, given):
        return show(frame, question, rest=_rest(operation_id, step), error=wrong, given=given)
    try:
        steering.go_on_at(session, gateways, operation_id, step, actor=str(actor), reason=given.reason)
    except Problem as problem:
        return show(frame, question, rest=_rest(operation_id, step), error=problem.detail, given=given)
    return back_to(f"/console/operations/{operation_id}")


def _question(session: Session, operation_id: str, step: str) -> Question:
    """The name of the tenant is typed: work that is left out may be missing for ever."""
    operation = session.get(Operation, operation_id)
    if operation is None or step not in steering.steps(session, operation):
        raise NotFound("There is no such step.")
    slug = session.get_one(Tenant, operation.tenant_id).slug
    return Question("operations", "step", slug, f"/console/operations/{operation_id}", about=("work", step),
                    stands=("phase", operation.phase.value))  # fmt: skip


def _rest(operation_id: str, step: str) -> str:
    return f"POST /v1/operations/{operation_id}/steps/{step}"
