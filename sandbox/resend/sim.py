"""Control routes for tests: read the mailbox as JSON, rules for receivers, other teams, the rate limit."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.control.app import refuse
from sandbox.control.guard import ControlGuard
from sandbox.kit.store import Doc
from sandbox.resend.keys import Keys
from sandbox.resend.limits import Limits
from sandbox.resend.mailbox import Mailbox
from sandbox.resend.receivers import BEHAVIOURS, Receivers, Rule
from sandbox.resend.vendor import new_id


class NewRule(BaseModel):
    model_config = ConfigDict(extra="forbid")

    address: str = Field(min_length=1, max_length=320)
    behaviour: str = Field(pattern=f"^({'|'.join(BEHAVIOURS)})$")
    seconds: float = Field(default=3600, ge=0)


class NewLimit(BaseModel):
    model_config = ConfigDict(extra="forbid")

    per_second: int = Field(ge=1, le=1_000_000)


class Sim:
    def __init__(self, mailbox: Mailbox, receivers: Receivers, keys: Keys, limits: Limits) -> None:
        self._mailbox, self._receivers, self._keys, self._limits = mailbox, receivers, keys, limits

    def app(self, secrets: Mapping[str, str]) -> Starlette:
        routes = [
            Route("/mailbox", self.mails, methods=["GET"]),
            Route("/receivers", self.rules, methods=["GET"]),
            Route("/receivers", self.put_rule, methods=["POST"]),
            Route("/receivers/{address}", self.delete_rule, methods=["DELETE"]),
            Route("/teams", self.new_team, methods=["POST"]),
            Route("/limits", self.set_limit, methods=["POST"]),
        ]
        guard = Middleware(ControlGuard, secrets=secrets)
        return Starlette(routes=routes, middleware=[guard], exception_handlers={ValidationError: refuse})

    async def mails(self, request: Request) -> Response:
        found = self._mailbox.find(request.query_params.get("to", ""))
        return JSONResponse({"mails": [self._whole(mail) for mail in found]})

    async def rules(self, _: Request) -> Response:
        return JSONResponse({"rules": [vars(rule) for rule in self._receivers.rules()]})

    async def put_rule(self, request: Request) -> Response:
        rule = NewRule.model_validate_json(await request.body())
        self._receivers.put(Rule(**rule.model_dump()))
        return JSONResponse(rule.model_dump(), 201)

    async def delete_rule(self, request: Request) -> Response:
        return Response(status_code=204 if self._receivers.delete(request.path_params["address"]) else 404)

    async def new_team(self, _: Request) -> Response:
        """A team of somebody else, with a key of full access."""
        team = f"team_{new_id()}"
        _key, token = self._keys.issue(team, "Initial key", "full_access", None)
        return JSONResponse({"team": team, "token": token}, 201)

    async def set_limit(self, request: Request) -> Response:
        limit = NewLimit.model_validate_json(await request.body())
        self._limits.set(limit.per_second)
        return JSONResponse(limit.model_dump())

    def _whole(self, mail: Doc) -> dict[str, Any]:
        content = self._mailbox.content(mail)
        return {**mail, "html": content["html"], "text": content["text"]}
