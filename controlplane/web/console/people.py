"""Operators: who may do what; and what everybody does about their own second factor and sessions."""

from typing import Annotated, Any

from fastapi import Form, Response
from markupsafe import Markup
from sqlmodel import col, select

from controlplane.api import etag
from controlplane.api.access import requires
from controlplane.api.deps import ActorDep, GatewaysDep, LookDep
from controlplane.core.errors import Conflict, Invalid, NotFound
from controlplane.identity import operators, sign_ins
from controlplane.identity.models import Operator, Principal, Role
from controlplane.web.console.frame import Frame, FrameDep, back_to
from controlplane.web.routing import Pages

router = Pages(group="people.read")
own = Pages(group="session")
WRITE = [requires("people.write")]
FACTORS = [requires("factors")]
HOME, ME = "/console/operators", "/console/me"
Email = Annotated[str, Form(max_length=254)]
Password = Annotated[str, Form(max_length=256)]


@router.get(HOME)
def everybody(frame: FrameDep, session: LookDep) -> Response:
    return _list(frame, session)


@router.post(HOME, dependencies=WRITE)
def create(
    frame: FrameDep, session: LookDep, actor: ActorDep, email: Email, role: Annotated[Role, Form()],
    password: Password, name: Annotated[str, Form(max_length=120)] = "",
) -> Response:  # fmt: skip
    try:
        if "@" not in email:
            raise Invalid("This is not an e-mail address.", code="address")
        row = operators.create(session, email=email, password=password, role=role, name=name, by=str(actor))
    except (Invalid, Conflict) as error:
        return _list(frame, session, error=error.problem_code, typed={"email": email, "name": name})
    return back_to(f"{HOME}/{row.id}")


@router.get(f"{HOME}/{{operator_id}}")
def one(operator_id: str, frame: FrameDep, session: LookDep, gateways: GatewaysDep) -> Response:
    return _one(frame, session, gateways, operators.find(session, operator_id))


@router.post(f"{HOME}/{{operator_id}}", dependencies=WRITE)
def change(
    operator_id: str, frame: FrameDep, session: LookDep, gateways: GatewaysDep, actor: ActorDep,
    role: Annotated[Role | None, Form()] = None, password: Password = "",
    disabled: Annotated[bool | None, Form()] = None, version: Annotated[str, Form(max_length=80)] = "",
) -> Response:  # fmt: skip
    wanted = {"role": role, "password": password or None, "disabled": disabled}
    row = operators.find(session, operator_id)
    if version != _version(row):
        return _one(frame, session, gateways, row, error="moved", mine=wanted)
    try:
        with session.begin_nested():
            given = {key: value for key, value in wanted.items() if value is not None}
            operators.change(session, gateways, row, wanted=given, by=str(actor))
    except (Invalid, Conflict) as error:
        return _one(frame, session, gateways, row, error=error.problem_code)
    return back_to(f"{HOME}/{operator_id}")


@router.post(f"{HOME}/{{operator_id}}/sign-out", dependencies=WRITE)
def end_sessions(operator_id: str, session: LookDep, gateways: GatewaysDep) -> Response:
    operators.find(session, operator_id)
    sign_ins.end_all(session, Principal.OPERATOR, operator_id, now=gateways.now())
    return back_to(f"{HOME}/{operator_id}")


@router.post(f"{HOME}/{{operator_id}}/sessions/{{sign_in_id}}", dependencies=WRITE)
def end_session(operator_id: str, sign_in_id: str, session: LookDep, gateways: GatewaysDep) -> Response:
    sign_ins.end_own(session, Principal.OPERATOR, operator_id, sign_in_id, now=gateways.now())
    return back_to(f"{HOME}/{operator_id}")


@own.get(ME)
def myself(frame: FrameDep, session: LookDep, gateways: GatewaysDep) -> Response:
    return _me(frame, session, gateways)


@own.post(f"{ME}/factor", dependencies=FACTORS)
def begin(frame: FrameDep, session: LookDep, gateways: GatewaysDep) -> Response:
    """Shown once, as the answer to this request; it counts when its first code was right."""
    row = _self(frame, session)
    return _me(frame, session, gateways, begun=operators.begin_totp(session, gateways, row))


@own.post(f"{ME}/factor/confirm", dependencies=FACTORS)
def switch_on(
    frame: FrameDep, session: LookDep, gateways: GatewaysDep, actor: ActorDep,
    code: Annotated[str, Form(max_length=20)] = "",
) -> Response:  # fmt: skip
    row = _self(frame, session)
    try:
        codes = operators.confirm_totp(session, gateways, row, code.strip().replace(" ", ""), by=str(actor))
    except Invalid:
        return _me(frame, session, gateways, error="bad_code")
    return _me(frame, session, gateways, codes=codes)


@own.post(f"{ME}/factor/remove", dependencies=FACTORS)
def switch_off(frame: FrameDep, session: LookDep, actor: ActorDep) -> Response:
    operators.remove_totp(session, _self(frame, session), by=str(actor))
    return back_to(ME)


@own.post(f"{ME}/sessions/{{sign_in_id}}")
def end_one(sign_in_id: str, frame: FrameDep, session: LookDep, gateways: GatewaysDep) -> Response:
    sign_ins.end_own(session, Principal.OPERATOR, _self(frame, session).id, sign_in_id, now=gateways.now())
    return back_to(ME)


def _self(frame: Frame, session: LookDep) -> Operator:
    if session.get(Operator, frame.actor.id) is None:
        raise NotFound("These pages are for operators.")
    return operators.find(session, frame.actor.id)


def _me(frame: Frame, session: LookDep, gateways: GatewaysDep, **more: Any) -> Response:
    row = _self(frame, session)
    living = sign_ins.living(session, Principal.OPERATOR, row.id, now=gateways.now())
    begun, error = more.get("begun"), more.get("error", "")
    return frame.page(
        "me", "me", me=row, sessions=living, this=frame.actor.sign_in_id, codes=more.get("codes", ()), begun=begun,
        picture=Markup(begun["picture"]) if begun else "",  # noqa: S704 -- drawn here from what was made here
        error=error, status=422 if error else 200, rest="GET /v1/auth/session",
    )  # fmt: skip


def _list(frame: Frame, session: LookDep, *, error: str = "", typed: dict[str, str] | None = None) -> Response:
    rows = session.exec(select(Operator).order_by(col(Operator.disabled_at).is_not(None), Operator.email)).all()
    return frame.page(
        "operators", "operators", rows=rows, roles=[*Role], error=error, status=422 if error else 200,
        typed=typed or {"email": "", "name": ""}, rest="GET /v1/operators",
    )  # fmt: skip


def _version(row: Operator) -> str:
    """As over REST: of what can be changed here; a password counts by its hash."""
    return etag.tag_of(row.model_dump(include={"role", "name", "password", "disabled_at"}))


def _one(
    frame: Frame, session: LookDep, gateways: GatewaysDep, row: Operator, *, error: str = "",
    mine: dict[str, Any] | None = None,
) -> Response:  # fmt: skip
    """Who wanted what is not so any more sees both, with their own still chosen, and decides."""
    living = sign_ins.living(session, Principal.OPERATOR, row.id, now=gateways.now())
    return frame.page(
        "operators", "operator", one=row, sessions=living, roles=[*Role], error=error, version=_version(row),
        mine=mine or {}, status=(409 if mine else 422) if error else 200, rest=f"GET /v1/operators/{row.id}",
    )  # fmt: skip
