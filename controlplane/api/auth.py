"""Signing in and out, and what a person may do with their own sessions and factors."""

from typing import Annotated, Any

from fastapi import Path, Request, Response
from pydantic import BaseModel, ConfigDict, EmailStr, Field, SecretStr

from controlplane.api import cookies, entrance
from controlplane.api.access import Router, requires, secret_answer
from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.api.entrance import Entered
from controlplane.api.identify import by_cookie
from controlplane.audit.service import record
from controlplane.core.errors import Forbidden
from controlplane.gateways import Gateways
from controlplane.identity import oauth, operators, sign_ins
from controlplane.identity.actor import Actor, ActorKind
from controlplane.identity.models import Principal, SignIn

router = Router(prefix="/v1/auth", tags=["sign-in"], group="session")
Password = Annotated[SecretStr, Field(max_length=256)]
Code = Annotated[str, Field(max_length=80, description="Six digits of the second factor, or a recovery code.")]
ENTRY = [requires("sign-in")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignInAsked(Strict):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"email": "ops@example.com", "password": "…", "code": ""}]}
    )

    email: EmailStr
    password: Password
    code: Code = ""
    token: Annotated[bool, Field(description="Answer with a bearer token instead of a cookie.")] = False


class LinkAsked(Strict):
    email: EmailStr
    back: Annotated[str, Field(max_length=500)] = "/"


class LinkTaken(Strict):
    token: Annotated[str, Field(max_length=80)]


class CodeTaken(Strict):
    code: Annotated[str, Field(max_length=20)]


class Proof(Strict):
    password: Password = SecretStr("")
    code: Code = ""


@router.post("/sign-in", dependencies=ENTRY)
def sign_in(body: SignInAsked, request: Request, response: Response, gateways: GatewaysDep) -> dict[str, Any]:
    """For operators: password and second factor. 401 `code_needed` asks for the code."""
    entered = entrance.operator_in(
        gateways,
        request,
        email=body.email,
        password=body.password.get_secret_value(),
        code=body.code,
        for_cli=body.token,
    )
    return _entered(gateways, response, entered, as_token=body.token)


@router.post("/links", status_code=202, dependencies=ENTRY)
def ask_link(body: LinkAsked, request: Request, response: Response, gateways: GatewaysDep) -> dict[str, str]:
    """For customers: a letter with a link and a code. The answer is the same for every address."""
    entrance.ask_link(gateways, request, response, email=body.email, back=body.back)
    return {"sent": "If we know this address, a letter is on its way."}


@router.post("/links/take", dependencies=ENTRY)
def take_link(body: LinkTaken, request: Request, response: Response, gateways: GatewaysDep) -> dict[str, Any]:
    return _entered(gateways, response, entrance.take_link(gateways, request, body.token))


@router.post("/codes/take", dependencies=ENTRY)
def take_code(body: CodeTaken, request: Request, response: Response, gateways: GatewaysDep) -> dict[str, Any]:
    return _entered(gateways, response, entrance.take_code(gateways, request, body.code))


@router.get("/session")
def who_am_i(actor: ActorDep, gateways: GatewaysDep) -> dict[str, Any]:
    """With the token that a change by cookie must carry as X-CSRF-Token."""
    return {
        "kind": actor.kind,
        "id": actor.id,
        "roles": sorted(actor.roles),
        "scopes": sorted(actor.scopes),
        "factors": actor.factors,
        "auth_time": actor.auth_time,
        "csrf": sign_ins.csrf_token(gateways, actor.sign_in_id) if actor.sign_in_id else None,
    }


@router.get("/sessions")
def list_sessions(actor: ActorDep, session: SessionDep, gateways: GatewaysDep) -> dict[str, Any]:
    rows = sign_ins.living(session, Principal(actor.kind.value), actor.id, now=gateways.now())
    return {"sessions": [{**sign_ins.shown(row), "this": row.id == actor.sign_in_id} for row in rows]}


@router.delete("/sessions/{sign_in_id}", status_code=204)
def end_session(
    sign_in_id: Annotated[str, Path(max_length=40)], actor: ActorDep, session: SessionDep, gateways: GatewaysDep
) -> None:
    sign_ins.end_own(session, Principal(actor.kind.value), actor.id, sign_in_id, now=gateways.now())


@router.post("/sign-out", status_code=204)
def sign_out(actor: ActorDep, session: SessionDep, gateways: GatewaysDep, response: Response) -> None:
    row = session.get(SignIn, actor.sign_in_id)
    if row:
        sign_ins.end(session, row, now=gateways.now())
        if row.principal is Principal.CUSTOMER:
            oauth.end_edge_sessions(session, gateways, row.principal_id)
        record(
            session,
            actor=str(actor),
            action="identity.signed_out",
            object_type=actor.kind.value,
            object_id=actor.id,
            stream="identity",
        )
        cookies.drop(gateways, response, row.principal)


@router.post("/step-up", dependencies=[secret_answer()])
def step_up(
    body: Proof, actor: ActorDep, request: Request, response: Response, gateways: GatewaysDep
) -> dict[str, Any]:
    """A new proof that it is you, for what needs one; the session gets a new token. Customers: take a new code."""
    _require_operator(actor)
    entered = entrance.step_up(
        gateways, actor.sign_in_id or "", password=body.password.get_secret_value(), code=body.code
    )
    return _entered(gateways, response, entered, as_token=not by_cookie(request))


@router.post("/totp", dependencies=[requires("factors"), secret_answer()])
def begin_totp(actor: ActorDep, session: SessionDep, gateways: GatewaysDep) -> dict[str, str]:
    """A new second factor: scan the picture, then confirm with a first code."""
    return operators.begin_totp(session, gateways, operators.find(session, actor.id))


@router.post("/totp/confirm", dependencies=[requires("factors"), secret_answer()])
def confirm_totp(body: CodeTaken, actor: ActorDep, session: SessionDep, gateways: GatewaysDep) -> dict[str, Any]:
    """Switched on; the recovery codes are shown this once."""
    row = operators.find(session, actor.id)
    return {"recovery_codes": operators.confirm_totp(session, gateways, row, body.code, by=str(actor))}


@router.delete("/totp", status_code=204, dependencies=[requires("factors")])
def remove_totp(actor: ActorDep, session: SessionDep) -> None:
    operators.remove_totp(session, operators.find(session, actor.id), by=str(actor))


def _entered(gateways: Gateways, response: Response, entered: Entered, *, as_token: bool = False) -> dict[str, Any]:
    response.headers["cache-control"] = "no-store"
    shown = {
        "principal": entered.sign_in.principal,
        "expires_at": entered.sign_in.expires_at,
        "csrf": sign_ins.csrf_token(gateways, entered.sign_in.id),
        "back": entered.back,
    }
    if as_token:
        return {**shown, "token": entered.token}
    entrance.put_cookie(gateways, response, entered)
    return shown


def _require_operator(actor: Actor) -> None:
    if actor.kind is not ActorKind.OPERATOR or actor.sign_in_id is None:
        raise Forbidden("Ask for a new letter and type its code instead.", code="step_up_by_letter")
