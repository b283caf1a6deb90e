"""Customers come in by letter: a link for the browser that asked, or a code typed into it."""

from typing import Annotated

from fastapi import Form, Query, Request, Response

from controlplane.api import auth, entrance
from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.api.entrance import LINK_PAGE, Entered
from controlplane.core.errors import Unauthenticated
from controlplane.gateways import Gateways
from controlplane.identity.paths import own_path
from controlplane.web.errors import language_of
from controlplane.web.portal.frame import back_to
from controlplane.web.routing import Pages
from controlplane.web.shell import Page, render

router = Pages(group="sign-in")
inside = Pages(group="session")
Short = Annotated[str, Form(max_length=500)]
HOME = "/portal"


@router.get("/sign-in")
def show(request: Request, back: Annotated[str, Query(max_length=2000)] = HOME) -> Response:
    return _page(request, "ask", back=own_path(back))


@router.post("/sign-in")
def ask(
    request: Request, gateways: GatewaysDep, email: Short, back: Annotated[str, Form(max_length=2000)] = HOME
) -> Response:
    answer = _page(request, "sent")
    entrance.ask_link(gateways, request, answer, email=email, back=back)
    return answer


@router.get(LINK_PAGE)
def show_link(request: Request, token: Annotated[str, Query(max_length=80)] = "") -> Response:
    """Only shows a button: programs that open every link of a letter use nothing up."""
    return _page(request, "link", token=token)


@router.post(LINK_PAGE)
def take_link(request: Request, gateways: GatewaysDep, token: Short) -> Response:
    try:
        return _in(gateways, entrance.take_link(gateways, request, token))
    except Unauthenticated:
        return _page(request, "refused", status=401)


@router.post("/sign-in/code")
def take_code(request: Request, gateways: GatewaysDep, code: Short) -> Response:
    try:
        return _in(gateways, entrance.take_code(gateways, request, code))
    except Unauthenticated:
        return _page(request, "refused", status=401)


@inside.post("/portal/sign-out")
def sign_out(actor: ActorDep, session: SessionDep, gateways: GatewaysDep) -> Response:
    answer = back_to("/sign-in")
    auth.sign_out(actor, session, gateways, answer)
    return answer


def _in(gateways: Gateways, entered: Entered) -> Response:
    answer = back_to(HOME if entered.back == "/" else entered.back)
    entrance.put_cookie(gateways, answer, entered)
    return answer


def _page(request: Request, step: str, *, status: int = 200, back: str = HOME, token: str = "") -> Response:
    gateways: Gateways = request.app.state.gateways
    # form-action covers the redirect after the form too, and that one may lead to the studio
    studio = gateways.edge.address(f"app.{gateways.settings.cloudflare.portal_zone}")
    values = {"step": step, "back": back, "token": token, "link_page": LINK_PAGE}
    return render(request, language_of(request), Page("portal/sign_in.html", values, status=status, forms_to=(studio,)))
