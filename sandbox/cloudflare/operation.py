"""From a request to one operation: who asks, how often, with which right, about which account or zone."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.cloudflare.cloud import VENDOR, Cloud
from sandbox.cloudflare.envelope import ApiError, Result, answer, refusal
from sandbox.cloudflare.ratelimit import RateLimit
from sandbox.cloudflare.tokens import Token, identify
from sandbox.edge import EdgeDown
from sandbox.edge.client import StoreGone
from sandbox.kit import Fault

Doc = dict[str, Any]
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
NOT_READY = (503, 10001, "Service temporarily unavailable: the edge is not running")


@dataclass(frozen=True)
class Call:
    cloud: Cloud
    request: Request
    token: Token

    @property
    def params(self) -> dict[str, str]:
        return self.request.path_params

    @property
    def query(self) -> dict[str, str]:
        return dict(self.request.query_params)

    @property
    def zone(self) -> Doc:
        zone = self.cloud.store.get("zone", self.params["zone_id"])
        if zone is None or (self.token.zones is not None and zone["id"] not in self.token.zones):
            raise unroutable(self.request)
        return zone

    def fault(self, *kinds: str) -> Fault | None:
        return self.cloud.faults.take(VENDOR, f"{self.request.method} /client/v4{api_path(self.request)}", kinds)


Handler = Callable[[Call], Awaitable[Any]]


class Api:
    """Builds the routes; one rate limit for all of them."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self.limit = RateLimit()

    def route(self, path: str, area: str | None, **handlers: Handler) -> Route:
        """One path, its handlers by method; `area` None: any token may."""

        async def endpoint(request: Request) -> Response:
            grant = self.limit.take(request.headers.get("authorization", ""))
            if not grant.allowed:
                error = ApiError(429, 971, "Please wait and consider throttling your request speed")
                response: Response = refusal(error)
            else:
                response = await self._run(request, area, handlers)
            response.headers.update(grant.headers())
            return response

        return Route(path, endpoint, methods=METHODS)

    async def unknown(self, request: Request) -> Response:
        """Also for paths that are not there the token comes first."""
        try:
            identify(self._cloud, request.headers.get("authorization"))
        except ApiError as error:
            return refusal(error)
        return refusal(unroutable(request))

    async def _run(self, request: Request, area: str | None, handlers: dict[str, Handler]) -> Response:
        try:
            token = identify(self._cloud, request.headers.get("authorization"))
            call = Call(self._cloud, request, token)
            self._require(call, area)
            handler = handlers.get(request.method if request.method != "HEAD" else "GET")
            if handler is None:
                raise ApiError(405, 10405, "Method not allowed for this authentication scheme")
            if request.method == "POST" and call.fault("duplicate"):
                await handler(call)
            outcome = await handler(call)
            if call.fault("empty_body"):
                return Response()
        except ApiError as error:
            return refusal(error)
        except (EdgeDown, StoreGone):
            return refusal(ApiError(*NOT_READY))
        if isinstance(outcome, Response):
            return outcome
        return answer(outcome if isinstance(outcome, Result) else Result(outcome))

    def _require(self, call: Call, area: str | None) -> None:
        if area is None:
            return
        if call.token.status != "active" or not call.token.allows(
            area, write=call.request.method not in ("GET", "HEAD")
        ):
            raise ApiError(403, 10000, "Authentication error")
        if call.params.get("account_id", self._cloud.account) != self._cloud.account:
            raise unroutable(call.request)


def unroutable(request: Request) -> ApiError:
    return ApiError(404, 7003, f"Could not route to {api_path(request)}, perhaps your object identifier is invalid?")


def api_path(request: Request) -> str:
    return str(request.scope["path"]).partition("/client/v4")[2]
