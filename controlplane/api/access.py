"""Every route names its group; nothing runs before the guard has let the actor in.

router = Router(prefix="/v1/things", group="things.read")                        # all routes of it
@router.post("", dependencies=[requires("things.act")])                          # but this one
@router.post("/{kind}", dependencies=[requires_by("kind", {"a": "things.act"})]) # decided by the path
@router.post("", dependencies=[secret_answer()])                                 # shown once: sealed when kept
"""

from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.params import Depends as DependsParam
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope

from controlplane.api import guard
from controlplane.identity.policy import RULES

OPEN = frozenset({"/openapi.json", "/docs", "/docs/oauth2-redirect"})  # what the framework itself serves


class NotGuarded(Exception):
    """The application does not start like this."""


@dataclass(frozen=True)
class Requires:
    group: str
    param: str = ""
    cases: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        unknown = {self.group, *self.cases.values()} - RULES.keys()
        if unknown:
            raise NotGuarded(f"the policy table has no {', '.join(sorted(unknown))}")

    def of(self, path_params: Mapping[str, str]) -> str:
        return self.cases.get(path_params.get(self.param, ""), self.group)

    async def __call__(self, request: Request) -> None:  # async: else each request would change threads for it
        """Nothing to do, unless somebody built the route without its guard."""
        if not hasattr(request.state, "actor"):
            raise NotGuarded(request.url.path)


class SecretAnswer:
    async def __call__(self, request: Request) -> None:
        request.state.secret_answer = True


def requires(group: str) -> Any:
    return Depends(Requires(group))


def requires_by(param: str, cases: Mapping[str, str], *, otherwise: str) -> Any:
    return Depends(Requires(otherwise, param, cases))


def secret_answer() -> Any:
    return Depends(SecretAnswer())


class GuardedRoute(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        work, required = super().get_route_handler(), self.required

        async def handle(request: Request) -> Response:
            if required is None:
                raise NotGuarded(request.url.path)
            return await guard.around(request, required.of(request.path_params), work)

        return handle

    @property
    def required(self) -> Requires | None:
        """The one that stands nearest to the route."""
        found = [call for call in map(_call, self.dependencies) if isinstance(call, Requires)]
        return found[-1] if found else None


class Router(APIRouter):
    def __init__(self, *, group: str = "", **rest: Any) -> None:
        own = [requires(group)] if group else []
        super().__init__(route_class=GuardedRoute, dependencies=[*own, *rest.pop("dependencies", [])], **rest)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The framework tries every pattern of every router in turn: most can be told by how the path begins."""
        start = tuple(scope["path"].split("/", 3)[1:3])
        if self._starts.isdisjoint((start, start[:1], ())):
            return Match.NONE, {}
        return super().matches(scope)

    @cached_property
    def _starts(self) -> frozenset[tuple[str, ...]]:
        """The first two parts of each path, as far as they are fixed."""
        return frozenset(_start(route.path) if isinstance(route, APIRoute) else () for route in self.routes)


def check(app: FastAPI) -> None:
    """A route without a group is a hole: there is no application then."""
    bare = [path for path, required in groups(app) if required is None]
    if bare:
        raise NotGuarded(f"no group in the policy table for: {', '.join(sorted(bare))}")


def groups(app: FastAPI) -> Iterator[tuple[str, Requires | None]]:
    for route in _routes(app):
        required = route.required if isinstance(route, GuardedRoute) else None
        for method in sorted(getattr(route, "methods", ()) or {"*"}):
            yield f"{method} {route.path}", required


def _routes(app: FastAPI) -> Iterator[Any]:
    """As they were written. What the framework makes of all of them, once one is asked for, takes megabytes."""
    for route in app.routes:
        included: Any = getattr(route, "original_router", None)
        found: list[Any] = included.routes if included else [route]
        yield from (each for each in found if each.path not in OPEN)


def _start(path: str) -> tuple[str, ...]:
    parts = path.split("/", 3)[1:3]
    return tuple(parts[: next((n for n, part in enumerate(parts) if "{" in part), len(parts))])


def _call(dependency: DependsParam) -> Any:
    return dependency.dependency
