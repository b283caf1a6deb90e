"""Inspection and switches for tests and for the sandbox itself, under `/_sim`: the control token, never a browser."""

import secrets
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.cloudflare.cloud import Cloud
from sandbox.cloudflare.lifecycle import Lifecycle
from sandbox.cloudflare.operation import Api
from sandbox.cloudflare.tokens import add_token, revoke_token
from sandbox.control.guard import ControlGuard


class NewToken(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = "test"
    groups: list[str]
    zones: list[str] | None = None
    expires_on: str | None = None


class Switches(BaseModel):
    model_config = ConfigDict(extra="forbid")
    initializing: float | None = Field(default=None, ge=0)
    issuance: float | None = Field(default=None, ge=0)
    deployment: float | None = Field(default=None, ge=0)
    hostname_quota: int | None = Field(default=None, ge=0)
    rate_limit: int | None = Field(default=None, ge=1)


class Control:
    def __init__(self, cloud: Cloud, api: Api) -> None:
        self._cloud, self._api = cloud, api

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/state", self.state, methods=["GET"]),
                Route("/objects/{jurisdiction}/{bucket}", self.objects, methods=["GET"]),
                Route("/lifecycle", self.lifecycle, methods=["POST"]),
                Route("/tokens", self.add_token, methods=["POST"]),
                Route("/tokens/{id}", self.revoke_token, methods=["DELETE"]),
                Route("/switches", self.switch, methods=["PUT"]),
                Route("/rate-limit", self.forget_limit, methods=["DELETE"]),
            ],
            middleware=[Middleware(ControlGuard, secrets=self._cloud.home.secrets)],
            exception_handlers={ValidationError: _invalid, ValueError: _invalid},
        )

    async def state(self, _: Request) -> Response:
        deployer = self._cloud.deployer
        counts = {kind: len(self._cloud.store.all(kind)) for kind in ("script", "bucket", "custom_hostname", "kv_held")}
        edge = await self._cloud.edge.health()
        return JSONResponse(
            {"edge": edge, "deployments": deployer.count, "error": deployer.last_error, "counts": counts}
        )

    async def objects(self, request: Request) -> Response:
        params = request.path_params
        bucket = self._cloud.store.get("bucket", f"{params['jurisdiction']}/{params['bucket']}")
        if bucket is None:
            return JSONResponse({"error": "no such bucket"}, 404)
        place = await self._cloud.deployer.bucket_place(bucket)
        query = place.list_query(request.query_params.get("prefix", ""))
        page = (await (await self._cloud.stores()).call("GET", "/r2/list", query=query)).json()
        return JSONResponse({"keys": [place.outside(item["key"]) for item in page["objects"]], "store": place.store})

    async def lifecycle(self, _: Request) -> Response:
        return JSONResponse({"deleted": await Lifecycle(self._cloud).sweep()})

    async def add_token(self, request: Request) -> Response:
        wanted, value = NewToken.model_validate_json(await request.body()), secrets.token_urlsafe(30)
        doc = add_token(self._cloud.store, value, **wanted.model_dump())
        return JSONResponse({**doc, "value": value}, 201)

    async def revoke_token(self, request: Request) -> Response:
        known = revoke_token(self._cloud.store, request.path_params["id"])
        return Response(status_code=204 if known else 404)

    async def switch(self, request: Request) -> Response:
        """Until the process ends."""
        wanted: dict[str, Any] = Switches.model_validate_json(await request.body()).model_dump(exclude_none=True)
        self._cloud.hostname_quota = wanted.pop("hostname_quota", self._cloud.hostname_quota)
        self._api.limit.quota = wanted.pop("rate_limit", self._api.limit.quota)
        for name, seconds in wanted.items():
            setattr(self._cloud.delays, name, seconds)
        limits = {"hostname_quota": self._cloud.hostname_quota, "rate_limit": self._api.limit.quota}
        return JSONResponse({**vars(self._cloud.delays), **limits})

    async def forget_limit(self, _: Request) -> Response:
        self._api.limit.forget()
        return Response(status_code=204)


async def _invalid(_: Request, error: Exception) -> Response:
    fields = error.errors(include_url=False, include_context=False) if isinstance(error, ValidationError) else []
    return JSONResponse({"error": "invalid" if fields else str(error), "fields": fields}, 422)
