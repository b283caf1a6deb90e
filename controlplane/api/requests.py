"""What happens around every request: a correlation id, security headers, one line of log, one metric."""

import re
import time

import structlog
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from controlplane.api import problems
from controlplane.core.errors import TooLarge
from controlplane.core.ids import new_id
from controlplane.core.telemetry import REQUEST_SECONDS, REQUESTS, correlation

log = structlog.get_logger(__name__)

_UPLOADS = re.compile(r"^(/v1/tenants|/portal/t)/[0-9a-z]{1,40}/releases$")
_REQUEST_ID = re.compile(r"^[A-Za-z0-9_-]{8,64}$")
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def install(app: FastAPI, *, body_bytes: int, upload_bytes: int) -> None:
    app.add_middleware(Requests, body_bytes=body_bytes, upload_bytes=upload_bytes)


class Requests:
    def __init__(self, app: ASGIApp, *, body_bytes: int, upload_bytes: int) -> None:
        self._app, self._body_bytes, self._upload_bytes = app, body_bytes, upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _given(scope) or new_id()
        token = correlation.set(request_id)
        structlog.contextvars.bind_contextvars(correlation=request_id)
        began, status, started = time.perf_counter(), 500, False

        async def answer(message: Message) -> None:
            nonlocal status, started
            if message["type"] == "http.response.start":
                status, started = message["status"], True
                _add_headers(message, request_id)
            await send(message)

        try:
            await self._app(scope, self._bounded(receive, self._most(scope)), answer)
        except Exception as error:  # here the request still has its id; further out it has none
            if started:
                raise
            await problems.bug(scope["path"], error)(scope, receive, answer)
        finally:
            _count(scope, status, time.perf_counter() - began)
            structlog.contextvars.unbind_contextvars("correlation")
            correlation.reset(token)

    def _most(self, scope: Scope) -> int:
        """Whole sites come in by one door, and only from somebody who shows who they are."""
        names = {name for name, _value in scope["headers"]}
        known = b"authorization" in names or b"cookie" in names
        is_upload = scope["method"] == "POST" and _UPLOADS.match(scope["path"])
        return self._upload_bytes if known and is_upload else self._body_bytes

    def _bounded(self, receive: Receive, most: int) -> Receive:
        """Counted as it arrives: what a header promises is not believed."""
        left = most

        async def bounded() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise HTTPException(413, TooLarge.title)
            return message

        return bounded


def _given(scope: Scope) -> str:
    value = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"").decode("latin-1")
    return value if _REQUEST_ID.match(value) else ""


def _add_headers(message: Message, request_id: str) -> None:
    present = {name.lower() for name, _value in message["headers"]}
    extra = {**HEADERS, "x-request-id": request_id}
    message["headers"] = [
        *message["headers"],
        *((name.encode(), value.encode()) for name, value in extra.items() if name.encode() not in present),
    ]


def _count(scope: Scope, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", "unknown")
    REQUESTS.labels(scope["method"], route, status).inc()
    REQUEST_SECONDS.labels(scope["method"], route).observe(seconds)
    log.info("request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1))
