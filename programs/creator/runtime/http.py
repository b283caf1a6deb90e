"""Requests of an HTTP API (payload 2.0), routed by the key of the route: the raw path differs between stages."""

import base64
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from programs.creator.runtime.aws import BUSY, BotoCoreError, ClientError, code_of
from programs.creator.runtime.errors import Problem, invalid
from programs.creator.runtime.fields import Form, identifier

MOST = 64 * 1024
_LOG = logging.getLogger("creator")


@dataclass(frozen=True)
class Caller:
    """Who the JWT authorizer let in."""

    user_id: str
    groups: frozenset[str]

    @property
    def is_admin(self) -> bool:
        return "admin" in self.groups


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()

    def event(self) -> dict[str, Any]:
        headers = {"cache-control": "no-store", **self.headers}
        found: dict[str, Any] = {"statusCode": self.status, "headers": headers, "cookies": list(self.cookies)}
        if self.body is None:
            return found | {"body": ""}
        headers.setdefault("content-type", "application/json")
        return found | {"body": json.dumps(self.body, ensure_ascii=False, separators=(",", ":"))}


@dataclass(frozen=True)
class Request:
    event: Mapping[str, Any]

    @property
    def route(self) -> str:
        return str(self.event["routeKey"])

    @property
    def raw(self) -> bytes:
        body = self.event.get("body") or ""
        found = base64.b64decode(body) if self.event.get("isBase64Encoded") else body.encode()
        if len(found) > MOST:
            raise invalid("", "the body is too large")
        return found

    @property
    def ip(self) -> str:
        """Of the visitor: behind the CDN, which appends it before its own. Good enough to count by, not to trust."""
        known = [each.strip() for each in self.header("x-forwarded-for").split(",")]
        return known[-2] if len(known) > 1 else str(self.event["requestContext"]["http"]["sourceIp"])

    @property
    def query(self) -> Mapping[str, str]:
        return self.event.get("queryStringParameters") or {}

    @property
    def caller(self) -> Caller:
        claims = self._claims()
        # The authorizer lets identity tokens through as well.
        if claims.get("token_use") != "access" or not claims.get("sub"):
            raise Problem("unauthorized", "an access token is needed")
        return Caller(str(claims["sub"]), _groups(claims.get("cognito:groups", "")))

    @property
    def token(self) -> str:
        """Of the caller, who was let in with it: for what the pool does only for its owner."""
        return self.header("authorization").removeprefix("Bearer ").strip()

    @property
    def admin(self) -> Caller:
        caller = self.caller
        if not caller.is_admin:
            raise Problem("forbidden", "only the creator may do this")
        return caller

    def form(self, wanted: Form) -> dict[str, Any]:
        try:
            data = json.loads(self.raw or b"{}")
        except ValueError:
            raise invalid("", "the body is not JSON") from None
        return wanted.read(data)

    def id(self, name: str) -> str:
        return str(identifier(name, (self.event.get("pathParameters") or {}).get(name)))

    def header(self, name: str) -> str:
        return str((self.event.get("headers") or {}).get(name, ""))

    def cookie(self, name: str) -> str:
        cookies = self.event.get("cookies") or self.header("cookie").split("; ")
        pairs = (each.partition("=") for each in cookies)
        return next((value for key, _, value in pairs if key == name), "")

    def _claims(self) -> Mapping[str, Any]:
        authorizer = self.event["requestContext"].get("authorizer") or {}
        found: Mapping[str, Any] = (authorizer.get("jwt") or {}).get("claims") or {}
        return found


Handler = Callable[[Request], Answer]


class Routes:
    """The routes of one function; it is also its entry point."""

    def __init__(self) -> None:
        self.handlers: dict[str, Handler] = {}

    def add(self, key: str) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            self.handlers[key] = handler
            return handler

        return register

    def __call__(self, event: Mapping[str, Any], _context: object = None) -> dict[str, Any]:
        try:
            handler = self.handlers.get(str(event.get("routeKey")))
            if handler is None:
                raise Problem("not_found", "there is no such route")
            return handler(Request(event)).event()
        except Exception as error:
            return _refusal(error, str(event.get("routeKey")))


def _refusal(error: Exception, route: str) -> dict[str, Any]:
    problem = _problem(error)
    if problem.status >= 500:
        # Only the kind of the error: its text may hold personal data.
        kind = code_of(error) if isinstance(error, ClientError) else type(error).__name__
        _LOG.error("%s failed: %s", route, kind)
    return Answer(problem.status, problem.body()).event()


def _problem(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, BotoCoreError) or (isinstance(error, ClientError) and code_of(error) in BUSY):
        return Problem("unavailable", "please try again in a moment")
    return Problem("internal", "something went wrong")


def _groups(claim: object) -> frozenset[str]:
    """Lists arrive as text: [admin member]."""
    return frozenset(str(claim).strip("[]").replace(",", " ").split())
