"""Refusals and faults as pages: what happened, what to do, the request's id, the way home."""

from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from controlplane.api import problems
from controlplane.core.errors import Problem
from controlplane.identity.paths import own_path
from controlplane.web.language import LANGUAGES, Language, preferred
from controlplane.web.shell import Page, environment, fragment_answer, render, wants_fragment

MACHINES = ("/v1/", "/webhooks", "/edge/", "/oauth/", "/health", "/metrics", "/static/", "/openapi", "/docs")
SAID = frozenset({401, 403, 404, 405, 409, 410, 422, 428, 429, 500, 503})
# Where somebody signs in, and where they prove once more that it is they.
DOORS = {"portal": ("/sign-in", "/sign-in"), "console": ("/console/sign-in", "/console/confirm")}


def language_of(request: Request) -> Language:
    first = request.url.path.split("/")[1] if request.url.path.count("/") else ""
    if first in {"de", "en"}:
        return Language(first)
    chosen = request.cookies.get("lang", "")
    return Language(chosen if chosen in LANGUAGES else preferred(request.headers.get("accept-language", "")))


def page_of(request: Request, status: int, *, detail: str = "", retry_after: str = "") -> Response:
    language = language_of(request)
    said = status if status in SAID else (500 if status >= 500 else 422)
    values = {"status": status, "said": said, "detail": detail, "again_at": _again_at(request, retry_after)}
    values |= {"way": _way_on(request, status)}
    return render(request, language, Page("error.html", values, status=status))


def _again_at(request: Request, retry_after: str) -> datetime | None:
    """A time of day: nobody counts seconds."""
    now: datetime = request.app.state.gateways.now()
    return now + timedelta(seconds=int(retry_after)) if retry_after.isdecimal() else None


def is_at_the_door(request: Request, error: Problem) -> bool:
    in_area = request.url.path.split("/")[1] in DOORS
    return in_area and (error.status == 401 or error.problem_code == "step_up_required")


def of_problem(request: Request, error: Problem, *, draft: str = "") -> Response:
    if is_at_the_door(request, error) and request.method == "GET" and wants_fragment(request):
        return _ended(request)
    if is_at_the_door(request, error):
        door = DOORS[request.url.path.split("/")[1]][error.status != 401]
        page = _page_before(request)
        back = urlencode({"back": f"{page}?draft={draft}" if draft else page})
        return RedirectResponse(f"{door}?{back}", 303, {"cache-control": "no-store"})
    answer = page_of(
        request, error.status, detail=_known(request, error), retry_after=error.headers.get("Retry-After", "")
    )
    for name, value in error.headers.items():
        answer.headers.setdefault(name, value)
    return answer


def _ended(request: Request) -> Response:
    """What a page asks for by itself is part of it: there the way in is a link, not a page within the page."""
    door = f"{DOORS[request.url.path.split('/')[1]][0]}?{urlencode({'back': request.url.path})}"
    text = environment().get_template("ended.html").render(t=language_of(request), door=door)
    return fragment_answer(text, status=401)


def of_http(request: Request, error: HTTPException | RequestValidationError) -> Response:
    return page_of(request, error.status_code if isinstance(error, HTTPException) else 422)


def of_bug(request: Request, error: Exception) -> Response:
    problems.bug(request.url.path, error)
    return page_of(request, 500)


def install(app: FastAPI) -> None:
    """Whoever asked for a page that does not exist gets a page; machines keep their problem documents."""
    before = app.exception_handlers[HTTPException]

    async def handler(request: Request, error: Exception) -> Response:
        answer: Response = await before(request, error)  # type: ignore[misc]
        if request.url.path.startswith(MACHINES) or "text/html" not in request.headers.get("accept", ""):
            return answer
        return page_of(request, answer.status_code)

    app.add_exception_handler(HTTPException, handler)


def _way_on(request: Request, status: int) -> tuple[str, str]:
    """Back into the area where it happened; what waits for somebody else is listed there."""
    area = request.url.path.split("/")[1]
    if area == "console":
        return ("/console/approvals", "error.approvals") if status == 428 else ("/console", "error.console")
    return ("/portal", "error.portal") if area == "portal" else ("", "error.home")


def _page_before(request: Request) -> str:
    """A form comes back to the page it was on; nothing typed is sent by itself afterwards."""
    if request.method == "GET":
        return request.url.path
    return own_path(urlsplit(request.headers.get("referer", "")).path or request.url.path)


def _known(request: Request, error: Problem) -> str:
    """Codes with a sentence of their own; others keep the one of their status."""
    code = "operator_buys" if error.problem_code == "role" and _is_checkout(request) else error.problem_code
    key, language = f"problem.{code}", language_of(request)
    return language(key) if language.has(key) else ""


def _is_checkout(request: Request) -> bool:
    """Whoever is signed in for us buys nothing by accident, and is told how to."""
    return str(getattr(request.state, "group", "")) == "checkout"
