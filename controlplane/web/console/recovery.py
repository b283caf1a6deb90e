"""How do I get it out of a hole safely: lease, lock, interrupted creates, kept states, each act with its guard."""

from typing import Annotated, Any

from fastapi import Form, Query, Response
from sqlmodel import Session

from controlplane.api import tenants as api
from controlplane.api.access import requires
from controlplane.api.deps import ActorDep, GatewaysDep, LookDep
from controlplane.core.errors import NotFound, Problem
from controlplane.provisioning import actions, compare, stack_actions
from controlplane.provisioning.models import Kind
from controlplane.web.console.asking import Given, Question, Reason, mistake, show
from controlplane.web.console.frame import Frame, FrameDep, back_to
from controlplane.web.routing import Pages
from tenants.models import Tenant

router = Pages(group="tenants.read")
Version = Annotated[int, Query(ge=1, le=2**31 - 1)]
DESTROY = [requires("tenants.destroy")]
HOME = "/console/tenants/{tenant_id}/recovery"


@router.get(HOME)
def evidence(tenant_id: str, frame: FrameDep, session: LookDep) -> Response:
    return _page(frame, session, api.find(session, tenant_id))


@router.post(f"{HOME}/look", dependencies=[requires("tenants.act")])
def look(tenant_id: str, session: LookDep, gateways: GatewaysDep, actor: ActorDep) -> Response:
    """What the vendors say now, without changing anything."""
    tenant = api.find(session, tenant_id)
    operation = actions.ask(session, gateways, tenant, Kind.DRIFT, cause="operator", actor=str(actor), version=None)
    return back_to(f"/console/operations/{operation.id}")


@router.post(f"{HOME}/pending", dependencies=DESTROY)
def decide(
    tenant_id: str, session: LookDep, gateways: GatewaysDep, actor: ActorDep, reason: Reason,
    urn: Annotated[str, Form(min_length=10, max_length=500, pattern="^urn:pulumi:")],
    found: Annotated[str, Form(max_length=300)] = "",
) -> Response:  # fmt: skip
    tenant = api.find(session, tenant_id)
    operation = stack_actions.decide_pending(
        session, gateways, tenant, urn=urn, found=found.strip() or None, actor=str(actor), reason=reason
    )
    return back_to(f"/console/operations/{operation.id}")


@router.get(f"{HOME}/changes")
def changes(
    tenant_id: str, frame: FrameDep, session: LookDep, gateways: GatewaysDep, version: Version, since: Version
) -> Response:
    """From one kept version to another; which of the two is older is said by whoever asks."""
    tenant = api.find(session, tenant_id)
    kept = sorted({row["version"] for row in stack_actions.states(session, tenant.id)})
    found = compare.of_versions(session, gateways, tenant.id, version, since=since)
    return frame.page("tenants", "changes", tenant=tenant, version=version, since=since, kept=kept, found=found,
                      rest=f"GET /v1/tenants/{tenant.id}/states/{version}/changes?since={since}")  # fmt: skip


@router.get(f"{HOME}/{{version}}")
def confirm(tenant_id: str, version: int, frame: FrameDep, session: LookDep) -> Response:
    tenant = api.find(session, tenant_id)
    return show(frame, _question(session, tenant, version), rest=_rest(tenant))


@router.post(f"{HOME}/{{version}}", dependencies=DESTROY)
def restore(
    tenant_id: str, version: int, frame: FrameDep, session: LookDep, gateways: GatewaysDep, actor: ActorDep,
    given: Given,
) -> Response:  # fmt: skip
    tenant = api.find(session, tenant_id)
    question = _question(session, tenant, version)
    if wrong := mistake(question, given):
        return show(frame, question, rest=_rest(tenant), error=wrong, given=given)
    try:
        operation = actions.ask(
            session, gateways, tenant, Kind.RESTORE, cause=given.reason, actor=str(actor), version=version
        )
    except Problem as problem:
        return show(frame, question, rest=_rest(tenant), error=problem.detail, given=given)
    return back_to(f"/console/operations/{operation.id}")


def _question(session: Session, tenant: Tenant, version: int) -> Question:
    if version not in {row["version"] for row in stack_actions.states(session, tenant.id)}:
        raise NotFound("There is no such version.")
    return Question("tenants", "restore", tenant.slug, f"/console/tenants/{tenant.id}/recovery",
                    stands=("tenant", tenant.state.value))  # fmt: skip


def _page(frame: Frame, session: Session, tenant: Tenant) -> Response:
    found: dict[str, Any] = stack_actions.show(session, tenant)
    return frame.page(
        "tenants", "recovery", tenant=tenant, lease=found["lease"], seen=found["seen"], versions=found["versions"],
        rest=f"GET /v1/tenants/{tenant.id}/stack",
    )  # fmt: skip


def _rest(tenant: Tenant) -> str:
    return f"POST /v1/tenants/{tenant.id}/operations/restore"
