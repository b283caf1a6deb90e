"""Every refusal is a problem document (RFC 9457) with a code, a next step and the request's id; never a trace."""

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, OperationalError
from starlette.exceptions import HTTPException

from controlplane.core.errors import Conflict, Invalid, NeedsPerson, Problem, Refused, TryLater, Unavailable
from controlplane.core.telemetry import correlation

log = structlog.get_logger(__name__)

NEXT_STEPS = {
    400: "Correct the request and send it again.",
    401: "Sign in, or send a valid token in the Authorization header.",
    403: "Ask an administrator for the right, or sign in again to confirm that it is you.",
    404: "Check the address; lists show what there is.",
    405: "Use one of the methods in the Allow header.",
    409: "Read the present state and decide again.",
    412: "Read it again and repeat the change with the new ETag.",
    413: "Send less.",
    415: "Send application/json.",
    422: "Correct the named fields and send it again.",
    429: "Wait as long as Retry-After says.",
    500: "Try again; if it stays, tell the operator the request id.",
    503: "Try again after Retry-After.",
}


class ProblemResponse(JSONResponse):
    media_type = "application/problem+json"


def problem(
    status: int, title: str, *, code: str, detail: str = "", next_step: str = "", headers: Any = None, **extra: Any
) -> ProblemResponse:
    body = {
        "type": f"urn:controlplane:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail or title,
        "next_step": next_step or NEXT_STEPS.get(status, ""),
        "request_id": correlation.get(),
        **extra,
    }
    return ProblemResponse(body, status_code=status, headers={"Cache-Control": "no-store", **(headers or {})})


def install(app: FastAPI) -> None:
    app.add_exception_handler(Problem, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(TryLater, _outcome)
    app.add_exception_handler(NeedsPerson, _outcome)
    app.add_exception_handler(Refused, _outcome)
    app.add_exception_handler(OperationalError, _database_down)
    app.add_exception_handler(DataError, _unstorable)
    app.add_exception_handler(UnicodeEncodeError, _unstorable)


def of(error: Problem) -> ProblemResponse:
    return problem(
        error.status,
        error.title,
        code=error.problem_code,
        detail=error.detail,
        next_step=error.next_step,
        headers=error.headers,
        **error.extra,
    )


async def _ours(_request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, Problem)
    return of(error)


async def _outcome(_request: Request, error: Exception) -> ProblemResponse:
    """A vendor or rule said no in the words of a job; the caller gets the same in the words of HTTP."""
    if isinstance(error, TryLater):
        return of(Unavailable(error.reason, after=error.after))
    if isinstance(error, NeedsPerson):
        return of(Conflict(error.reason, next_step=error.next_action))
    assert isinstance(error, Refused)
    return of(Invalid(error.reason))


async def _invalid(_request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, RequestValidationError)
    fields = [{"field": ".".join(str(part) for part in item["loc"]), "problem": item["msg"]} for item in error.errors()]
    return problem(422, Invalid.title, code="invalid", fields=fields)


async def _http(_request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, HTTPException)
    codes = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "unsupported_media_type"}
    code = codes.get(error.status_code, f"http_{error.status_code}")
    return problem(error.status_code, str(error.detail), code=code, headers=error.headers)


async def _database_down(_request: Request, error: Exception) -> ProblemResponse:
    log.error("database.unavailable", error=type(error).__name__)
    return of(Unavailable("The database does not answer."))


async def _unstorable(_request: Request, error: Exception) -> ProblemResponse:
    """What no column can hold and so nothing can be found by: a zero byte, half a character, a number without end."""
    log.warning("request.unstorable", error=type(error).__name__)
    return of(Invalid("It contains a character or number that cannot be stored.", code="unstorable"))


def bug(path: str, error: Exception) -> ProblemResponse:
    log.error("request.failed", path=path, exc_info=error)
    return problem(500, "Something went wrong on our side", code="internal")
