"""Operators come in: password and second factor; once more before what needs a fresh proof."""

from typing import Annotated

from fastapi import Form, Query, Request, Response

from controlplane.api import auth, entrance
from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.core.errors import Problem, RateLimited, Unauthenticated
from controlplane.gateways import Gateways
from controlplane.identity import federation
from controlplane.identity.models import Operator
from controlplane.identity.paths import own_path
from controlplane.web.console.frame import back_to
from controlplane.web.errors import language_of
from controlplane.web.routing import Pages
from controlplane.web.shell import Page, render

router = Pages(group="sign-in")
inside = Pages(group="session")
Short = Annotated[str, Form(max_length=256)]
Back = Annotated[str, Form(max_length=500)]


@router.get("/console/sign-in")
def show(request: Request, gateways: GatewaysDep, back: Annotated[str, Query(max_length=500)] = "/console") -> Response:
    return form(request, gateways, back=back)


@router.post("/console/sign-in")
def sign_in(
    request: Request, gateways: GatewaysDep, email: Short, password: Short, code: Short = "", back: Back = "/console"
) -> Response:
    try:
        entered = entrance.operator_in(gateways, request, email=email, password=password, code=code, for_cli=False)
    except (Unauthenticated, RateLimited) as error:
        return form(request, gateways, back=back, email=email, error=error)
    answer = back_to(own(back))
    entrance.put_cookie(gateways, answer, entered)
    return answer


@inside.get("/console/confirm")
def ask_again(
    request: Request, session: SessionDep, actor: ActorDep, back: Annotated[str, Query(max_length=500)] = "/console"
) -> Response:
    return _confirm(request, session, actor.id, back)


@inside.post("/console/confirm")
def confirm(
    request: Request,
    gateways: GatewaysDep,
    session: SessionDep,
    actor: ActorDep,
    password: Short = "",
    code: Short = "",
    back: Back = "/console",
) -> Response:
    try:
        entered = entrance.step_up(gateways, actor.sign_in_id or "", password=password, code=code)
    except (Unauthenticated, RateLimited) as error:
        return _confirm(request, session, actor.id, back, error=error)
    answer = back_to(own(back))
    entrance.put_cookie(gateways, answer, entered)
    return answer


@inside.post("/console/sign-out")
def sign_out(actor: ActorDep, session: SessionDep, gateways: GatewaysDep) -> Response:
    answer = back_to("/console/sign-in")
    auth.sign_out(actor, session, gateways, answer)
    return answer


def own(back: str) -> str:
    found = own_path(back)
    return found if found.startswith("/console") else "/console"


def form(request: Request, gateways: Gateways, *, back: str, email: str = "", error: Problem | None = None) -> Response:
    code = error.problem_code if error else ""
    values = {
        "back": own(back),
        "email": email,
        "error": code,
        "needs_code": code == "code_needed",
        "issuer": gateways.issuer.is_set_up,
    }
    status = error.status if error else 200
    return render(request, language_of(request), Page("console/sign_in.html", values, status=status))


def _confirm(
    request: Request, session: SessionDep, operator_id: str, back: str, *, error: Problem | None = None
) -> Response:
    row = session.get(Operator, operator_id)
    values = {
        "back": own(back),
        "by_code": bool(row and row.totp_since),
        "by_issuer": bool(federation.identities(session, operator_id)),
        "error": error.problem_code if error else "",
    }
    status = error.status if error else 200
    return render(request, language_of(request), Page("console/confirm.html", values, status=status))
