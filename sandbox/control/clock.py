"""The emulated time by HTTP: show, advance, reset."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.kit import Clock


class Advance(BaseModel):
    model_config = ConfigDict(extra="forbid")

    seconds: float = Field(gt=0, le=20 * 366 * 86400)


class ClockRoutes:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def routes(self) -> list[Route]:
        return [
            Route("/clock", self.show, methods=["GET"]),
            Route("/clock/advance", self.advance, methods=["POST"]),
            Route("/clock/reset", self.reset, methods=["POST"]),
        ]

    async def show(self, _: Request) -> Response:
        return self._answer()

    async def advance(self, request: Request) -> Response:
        wanted = Advance.model_validate_json(await request.body())
        self._clock.advance(timedelta(seconds=wanted.seconds))
        return self._answer()

    async def reset(self, _: Request) -> Response:
        self._clock.reset()
        return self._answer()

    def _answer(self) -> Response:
        return JSONResponse({"now": self._clock.now().isoformat()})
