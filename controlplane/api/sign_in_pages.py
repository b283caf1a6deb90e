"""The plain pages of signing in by letter: they work without a script and in any browser."""

from html import escape
from typing import Annotated

from fastapi import Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from controlplane.api import entrance
from controlplane.api.access import Router
from controlplane.api.deps import GatewaysDep
from controlplane.api.entrance import LINK_PAGE, Entered
from controlplane.core.errors import Unauthenticated
from controlplane.gateways import Gateways
from controlplane.identity.paths import own_path

router = Router(tags=["sign-in"], group="sign-in", include_in_schema=False)
HEADERS = {
    "cache-control": "no-store",
    # form-action covers the redirect after the form too, and that one may lead to the studio
    "content-security-policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action {forms}",
    "referrer-policy": "same-origin",
}
WORDS = {
    "de": {
        "title": "Anmelden",
        "email": "E-Mail-Adresse",
        "send": "Link schicken",
        "sent": "Wenn wir diese Adresse kennen, ist ein Brief unterwegs. Öffnen Sie den Link in diesem Browser"
        " oder geben Sie den Code ein.",
        "code": "Code aus dem Brief",
        "enter": "Anmelden",
        "refused": "Link oder Code gelten nicht mehr oder wurden in einem anderen Browser angefordert.",
        "again": "Neuen Link anfordern",
    },
    "en": {
        "title": "Sign in",
        "email": "E-mail address",
        "send": "Send me a link",
        "sent": "If we know this address, a letter is on its way. Open its link in this browser, or type its code.",
        "code": "Code from the letter",
        "enter": "Sign in",
        "refused": "The link or code is not valid any more, or was asked for in another browser.",
        "again": "Ask for a new link",
    },
}
Short = Annotated[str, Form(max_length=500)]


@router.get("/sign-in")
def show_form(
    request: Request, gateways: GatewaysDep, back: Annotated[str, Query(max_length=2000)] = "/"
) -> HTMLResponse:
    words = _words(request)
    field = f'<label>{words["email"]} <input name="email" type="email" required autocomplete="email"></label>'
    return _page(request, gateways, _form("/sign-in", field + _hidden("back", own_path(back)), words["send"]))


@router.post("/sign-in")
def ask(
    request: Request, gateways: GatewaysDep, email: Short, back: Annotated[str, Form(max_length=2000)] = "/"
) -> HTMLResponse:
    words = _words(request)
    field = f'<label>{words["code"]} <input name="code" required autocomplete="one-time-code"></label>'
    answer = _page(request, gateways, f"<p>{words['sent']}</p>" + _form("/sign-in/code", field, words["enter"]))
    entrance.ask_link(gateways, request, answer, email=email, back=back)
    return answer


@router.get(LINK_PAGE)
def show_link(
    request: Request, gateways: GatewaysDep, token: Annotated[str, Query(max_length=80)] = ""
) -> HTMLResponse:
    """Only shows a button: programs that open every link of a letter use nothing up."""
    return _page(request, gateways, _form(LINK_PAGE, _hidden("token", token), _words(request)["enter"]))


@router.post(LINK_PAGE)
def take_link(request: Request, gateways: GatewaysDep, token: Short) -> Response:
    try:
        return _in(gateways, entrance.take_link(gateways, request, token))
    except Unauthenticated:
        return _refused(request, gateways)


@router.post("/sign-in/code")
def take_code(request: Request, gateways: GatewaysDep, code: Short) -> Response:
    try:
        return _in(gateways, entrance.take_code(gateways, request, code))
    except Unauthenticated:
        return _refused(request, gateways)


def _in(gateways: Gateways, entered: Entered) -> Response:
    answer = RedirectResponse(entered.back, 303, {"cache-control": "no-store"})
    entrance.put_cookie(gateways, answer, entered)
    return answer


def _refused(request: Request, gateways: Gateways) -> HTMLResponse:
    words = _words(request)
    link = f'<p>{words["refused"]}</p><p><a href="/sign-in">{words["again"]}</a></p>'
    return _page(request, gateways, link, status=401)


def _words(request: Request) -> dict[str, str]:
    return WORDS["en" if request.headers.get("accept-language", "").lower().startswith("en") else "de"]


def _form(action: str, fields: str, button: str) -> str:
    return f'<form method="post" action="{action}">{fields}<button>{button}</button></form>'


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'


def _page(request: Request, gateways: Gateways, body: str, *, status: int = 200) -> HTMLResponse:
    words = _words(request)
    studio = gateways.edge.address(f"app.{gateways.settings.cloudflare.portal_zone}")
    headers = {
        **HEADERS,
        "content-security-policy": HEADERS["content-security-policy"].format(forms=f"'self' {studio}"),
    }
    html = (
        f'<!doctype html><html lang="{"en" if words is WORDS["en"] else "de"}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{words["title"]}</title>'
        f"<main><h1>{words['title']}</h1>{body}</main></html>"
    )
    return HTMLResponse(html, status, headers)
