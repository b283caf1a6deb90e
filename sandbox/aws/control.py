"""Routes for tests and the person at the console, under /_sim/: settings, faults, time, and a look inside."""

from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.aws.cloud import SETTINGS, Cloud
from sandbox.aws.special_faults import FAULTS
from sandbox.control.clock import ClockRoutes
from sandbox.control.faults import FaultRoutes
from sandbox.control.guard import ControlGuard


def build_control(cloud: Cloud, more: list[Route]) -> Starlette:
    async def show(_: Request) -> Response:
        return JSONResponse({name: cloud.setting(name) for name in SETTINGS})

    async def change(request: Request) -> Response:
        wanted: dict[str, Any] = await request.json()
        unknown = sorted(set(wanted) - set(SETTINGS))
        if unknown:
            return JSONResponse({"error": "unknown settings", "names": unknown}, 422)
        for name, value in wanted.items():
            cloud.store.put("setting", name, {"value": value})
        return await show(request)

    async def reset(request: Request) -> Response:
        for name in SETTINGS:
            cloud.store.delete("setting", name)
        return await show(request)

    return Starlette(
        routes=[
            Route("/settings", show, methods=["GET"]),
            Route("/settings", change, methods=["PATCH"]),
            Route("/settings", reset, methods=["DELETE"]),
            *FaultRoutes(cloud.home.faults, {"aws": FAULTS}).routes(),
            *ClockRoutes(cloud.home.clock).routes(),
            *more,
        ],
        middleware=[Middleware(ControlGuard, secrets=cloud.home.secrets)],
    )
