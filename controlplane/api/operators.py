"""Operators: who they are, what they may do, ending their sessions."""

from typing import Annotated, Any

from fastapi import Path, Response
from pydantic import BaseModel, ConfigDict, EmailStr, Field, SecretStr
from sqlmodel import select

from controlplane.api import etag
from controlplane.api.access import Router, requires
from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.api.etag import IfMatch
from controlplane.api.paging import CursorDep, Page, newest
from controlplane.identity import operators, sign_ins
from controlplane.identity.models import Operator, Principal, Role

router = Router(prefix="/v1/operators", tags=["operators"], group="people.read")
WRITE = [requires("people.write")]
OperatorId = Annotated[str, Path(max_length=40)]
Name = Annotated[str, Field(max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")]
NewPassword = Annotated[SecretStr, Field(min_length=12, max_length=256)]


class NewOperator(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: EmailStr
    name: Name = ""
    role: Role
    password: NewPassword


class OperatorChange(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    role: Role | None = None
    password: NewPassword | None = None
    disabled: bool | None = None


@router.get("")
def list_operators(session: SessionDep, cursor: CursorDep) -> Page:
    return newest(session, select(Operator), Operator, cursor, _shown)


@router.post("", status_code=201, dependencies=WRITE)
def create_operator(body: NewOperator, session: SessionDep, actor: ActorDep) -> dict[str, Any]:
    row = operators.create(
        session,
        email=body.email,
        name=body.name,
        role=body.role,
        password=body.password.get_secret_value(),
        by=str(actor),
    )
    return _shown(row)


@router.get("/{operator_id}")
def show_operator(operator_id: OperatorId, session: SessionDep, response: Response) -> dict[str, Any]:
    row = operators.find(session, operator_id)
    shown = etag.tagged(response, _shown(row))
    return {**shown, "last_seen": operators.last_seen(session, operator_id)}


@router.patch("/{operator_id}", dependencies=WRITE)
def change_operator(
    operator_id: OperatorId,
    body: OperatorChange,
    session: SessionDep,
    gateways: GatewaysDep,
    actor: ActorDep,
    if_match: IfMatch,
    response: Response,
) -> dict[str, Any]:
    row = operators.find(session, operator_id)
    etag.check(if_match, _shown(row))
    wanted = body.model_dump(exclude_none=True)
    if body.password:
        wanted["password"] = body.password.get_secret_value()
    operators.change(session, gateways, row, wanted=wanted, by=str(actor))
    return etag.tagged(response, _shown(row))


@router.get("/{operator_id}/sessions")
def list_sessions(operator_id: OperatorId, session: SessionDep, gateways: GatewaysDep) -> dict[str, Any]:
    operators.find(session, operator_id)
    rows = sign_ins.living(session, Principal.OPERATOR, operator_id, now=gateways.now())
    return {"sessions": [sign_ins.shown(row) for row in rows]}


@router.delete("/{operator_id}/sessions/{sign_in_id}", status_code=204, dependencies=WRITE)
def end_session(
    operator_id: OperatorId, sign_in_id: Annotated[str, Path(max_length=40)], session: SessionDep,
    gateways: GatewaysDep,
) -> None:  # fmt: skip
    sign_ins.end_own(session, Principal.OPERATOR, operator_id, sign_in_id, now=gateways.now())


@router.post("/{operator_id}/sign-out", dependencies=WRITE)
def end_sessions(operator_id: OperatorId, session: SessionDep, gateways: GatewaysDep) -> dict[str, int]:
    operators.find(session, operator_id)
    return {"ended": sign_ins.end_all(session, Principal.OPERATOR, operator_id, now=gateways.now())}


def _shown(row: Operator) -> dict[str, Any]:
    shown = row.model_dump(include={"id", "email", "name", "role", "created_at", "disabled_at"})
    return {**shown, "second_factor": row.totp_since is not None}
