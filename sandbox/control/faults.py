"""Faults by HTTP: list, add, lift, and what was injected so far."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.kit import Fault, Faults

KINDS = {
    "delay": "wait `seconds`, then go on",
    "error": "answer `status` and `code` in the vendor's error shape; no effect",
    "timeout_after": "let the effect happen, then close the connection without an answer",
    "drop": "close the connection before any effect",
    "hang": "do not answer until the fault is lifted",
    "garbage": "let the effect happen, answer 200 with a body that is no JSON",
    "flap": "every second call fails like `error`",
    "quota": "answer the vendor's rate-limit error with Retry-After `seconds`",
}


# A name server has no quota and no effects, and the edge is no API.
UNKNOWN_TO = {"dns": frozenset({"timeout_after", "quota"}), "edge": frozenset(KINDS)}


class NewFault(BaseModel):
    model_config = ConfigDict(extra="forbid")

    vendor: Literal["stripe", "resend", "cloudflare", "dns", "aws", "edge"]
    operation: str = Field(default="*", min_length=1, max_length=300)
    kind: str = Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")
    times: int | None = Field(default=None, ge=1)
    probability: float = Field(default=1.0, gt=0, le=1)
    seed: int = 0
    seconds: float = Field(default=1.0, ge=0, le=86400)
    status: int = Field(default=500, ge=400, le=599)
    code: str = Field(default="internal_error", max_length=100)
    message: str = Field(default="injected fault", max_length=500)
    detail: dict[str, Any] = Field(default_factory=dict)


class FaultRoutes:
    def __init__(self, faults: Faults, special: dict[str, dict[str, str]]) -> None:
        self._faults, self._special = faults, special

    def routes(self) -> list[Route]:
        return [
            Route("/faults", self.show, methods=["GET"]),
            Route("/faults", self.add, methods=["POST"]),
            Route("/faults", self.lift_all, methods=["DELETE"]),
            Route("/faults/kinds", self.kinds, methods=["GET"]),
            Route("/faults/log", self.log, methods=["GET"]),
            Route("/faults/{id}", self.lift, methods=["DELETE"]),
        ]

    def _kinds(self, vendor: str) -> set[str]:
        return (set(KINDS) - UNKNOWN_TO.get(vendor, frozenset())) | set(self._special.get(vendor, {}))

    async def show(self, _: Request) -> Response:
        return JSONResponse({"faults": [vars(fault) for fault in self._faults.active()]})

    async def add(self, request: Request) -> Response:
        wanted = NewFault.model_validate_json(await request.body())
        if wanted.kind not in self._kinds(wanted.vendor):
            known = ", ".join(sorted(self._kinds(wanted.vendor)))
            return JSONResponse({"error": f"{wanted.vendor} has no fault {wanted.kind}", "known": known}, 422)
        fault = self._faults.add(Fault(**wanted.model_dump()))
        return JSONResponse(vars(fault), 201)

    async def lift(self, request: Request) -> Response:
        lifted = self._faults.lift(request.path_params["id"])
        return Response(status_code=204) if lifted else JSONResponse({"error": "no such fault"}, 404)

    async def lift_all(self, _: Request) -> Response:
        self._faults.lift_all()
        return Response(status_code=204)

    async def kinds(self, _: Request) -> Response:
        return JSONResponse({"generic": KINDS, **self._special})

    async def log(self, _: Request) -> Response:
        return JSONResponse({"injections": self._faults.log()})
