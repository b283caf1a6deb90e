"""The control routes of the sandbox."""

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.control.clock import ClockRoutes
from sandbox.control.faults import FaultRoutes
from sandbox.control.guard import ControlGuard
from sandbox.control.workers import Worker
from sandbox.kit.home import Home


def build_control(home: Home, workers: list[Worker], special_faults: dict[str, dict[str, str]]) -> Starlette:
    async def health(_: Request) -> Response:
        states = {worker.name: worker.health() for worker in workers}
        well = all(worker.state == "running" for worker in workers)
        return JSONResponse({"status": "ok" if well else "degraded", "workers": states}, 200 if well else 503)

    return Starlette(
        routes=[
            Route("/health", health, methods=["GET"]),
            *FaultRoutes(home.faults, special_faults).routes(),
            *ClockRoutes(home.clock).routes(),
        ],
        middleware=[Middleware(ControlGuard, secrets=home.secrets)],
        exception_handlers={ValidationError: refuse},
    )


async def refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, ValidationError)
    return JSONResponse({"error": "invalid", "fields": error.errors(include_url=False, include_context=False)}, 422)
