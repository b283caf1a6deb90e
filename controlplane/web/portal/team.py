"""Who may enter a platform, and as what."""

import re
from typing import Annotated

from fastapi import Form, Response
from sqlmodel import Session

from controlplane.api.access import requires
from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.billing import team
from controlplane.core.errors import Conflict
from controlplane.web.portal import sessions
from controlplane.web.portal.frame import Frame, FrameDep, back_to
from controlplane.web.routing import Pages

router = Pages(group="own.read")


@router.get("/portal/t/{tenant_id}/team")
def show(tenant_id: str, frame: FrameDep, session: SessionDep) -> Response:
    return _page(frame, session, tenant_id)


@router.post("/portal/t/{tenant_id}/team", dependencies=[requires("own.people")])
def invite(
    tenant_id: str, frame: FrameDep, session: SessionDep, gateways: GatewaysDep, actor: ActorDep,
    email: Annotated[str, Form(max_length=320)], chosen: Annotated[str, Form(max_length=10)] = "reader",
) -> Response:  # fmt: skip
    tenant = frame.tenant(tenant_id)
    error = "" if re.match(team.ADDRESS, email.strip()) else "address"
    try:
        if not error:
            team.invite(session, gateways, tenant, email.strip(), chosen, actor=str(actor))
            return back_to(f"/portal/t/{tenant_id}/team")
    except Conflict as conflict:
        error = conflict.problem_code
    return _page(frame, session, tenant_id, error=error, typed=email)


@router.post("/portal/t/{tenant_id}/team/remove", dependencies=[requires("own.people")])
def remove(
    tenant_id: str, frame: FrameDep, session: SessionDep, gateways: GatewaysDep, actor: ActorDep,
    person: Annotated[str, Form(max_length=64)],
) -> Response:  # fmt: skip
    team.remove(session, gateways, frame.tenant(tenant_id), person, actor=str(actor))
    return back_to(f"/portal/t/{tenant_id}/team")


def _page(frame: Frame, session: Session, tenant_id: str, *, error: str = "", typed: str = "") -> Response:
    tenant = frame.tenant(tenant_id)
    return frame.page(
        "team", "team", tenant=tenant, people=team.of_tenant(session, tenant), roles=team.ROLES, error=error,
        typed=typed, sessions=sessions.of_person(session, frame), status=422 if error else 200,
    )  # fmt: skip
