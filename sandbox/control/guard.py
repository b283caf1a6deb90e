"""Who may use the control routes: a program that holds the token, never a page in a browser."""

import hmac
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send


def require_token(request: Request, secrets: Mapping[str, str]) -> None:
    if "origin" in request.headers:
        raise HTTPException(403, "control routes are not for browsers")
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    known = secrets["control_token"].encode()
    if scheme.lower() != "bearer" or not hmac.compare_digest(token.encode(), known):
        raise HTTPException(401, "a bearer control token is needed")


class ControlGuard:
    def __init__(self, app: ASGIApp, *, secrets: Mapping[str, str]) -> None:
        self._app, self._secrets = app, secrets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                require_token(Request(scope), self._secrets)
            except HTTPException as refusal:
                answer = JSONResponse({"error": refusal.detail}, refusal.status_code)
                return await answer(scope, receive, send)
        return await self._app(scope, receive, send)
