"""The way of every API call: key, rate limit, rights, JSON, the endpoint, and errors in Resend's shape."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.kit.store import Doc
from sandbox.resend.errors import ApiError
from sandbox.resend.keys import Keys
from sandbox.resend.limits import Limits

LARGEST_BODY = 60 * 1024 * 1024  # 40 MB of attachments in Base64 and the rest


@dataclass(frozen=True)
class Call:
    key: Doc
    body: Any = None
    query: Mapping[str, str] = field(default_factory=dict)
    path: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    url: str = ""  # path of the endpoint, as the vendor's documentation writes it

    @property
    def team(self) -> str:
        return str(self.key["team"])

    @property
    def id(self) -> str:
        return self.path["id"]

    @property
    def fields(self) -> dict[str, Any]:
        if not isinstance(self.body, dict):
            raise ApiError(422, "validation_error", "The request body must be a JSON object.")
        return self.body


Endpoint = Callable[[Call], Awaitable[dict[str, Any]]]


class Api:
    def __init__(self, keys: Keys, limits: Limits) -> None:
        self._keys, self._limits = keys, limits

    def route(self, method: str, path: str, endpoint: Endpoint, *, status: int = 200, sending: bool = False) -> Route:
        """`sending`: keys that may only send are let in."""

        async def handle(request: Request) -> Response:
            headers: dict[str, str] = {}
            try:
                key = self._admit(request, headers)
                if not sending:
                    self._keys.require_full_access(key)
                answer = await endpoint(await _call(request, key, path))
            except ApiError as error:
                return JSONResponse(error.body(), error.status, headers)
            return JSONResponse(answer, status, headers)

        return Route(path, handle, methods=[method])

    def _admit(self, request: Request, headers: dict[str, str]) -> Doc:
        if not request.headers.get("user-agent"):
            raise ApiError(403, "invalid_access", "Requests need a User-Agent header (error code: 1010).")
        key = self._keys.authenticate(request.headers.get("authorization"))
        passes, allowance = self._limits.take(key["team"])
        headers.update(allowance)
        if not passes:
            limit = allowance["ratelimit-limit"]
            text = f"Too many requests. You can only make {limit} requests per second. See the rate limit headers."
            raise ApiError(429, "rate_limit_exceeded", text)
        return key


async def _call(request: Request, key: Doc, path: str) -> Call:
    return Call(key, await _json(request), request.query_params, request.path_params, request.headers, path)


async def _json(request: Request) -> Any:
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > LARGEST_BODY:
            raise ApiError(413, "validation_error", "The request body is too large.")
    try:
        return json.loads(raw) if raw else {}
    except ValueError:
        raise ApiError(400, "validation_error", "The request body is not valid JSON.") from None


async def no_such_endpoint(_: Request, __: Exception) -> Response:
    return JSONResponse(ApiError(404, "not_found", "The requested endpoint does not exist.").body(), 404)


async def wrong_method(_: Request, __: Exception) -> Response:
    return JSONResponse(
        ApiError(405, "method_not_allowed", "Method is not allowed for the requested path.").body(), 405
    )
