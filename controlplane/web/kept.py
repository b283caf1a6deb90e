"""Public pages are made once: whoever asks again gets what was kept, or hears that nothing changed."""

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from controlplane.api import etag
from controlplane.settings import Settings
from controlplane.web import paths
from controlplane.web.shell import PUBLIC_CACHE, kept_query

NAMES = ("home", "site", "creator", *paths.LEGAL)
ADDRESSES = frozenset(paths.path(name, code) for name in NAMES for code in ("de", "en"))
MOST = 200  # campaigns have marks of their own, and anybody can make some up
LONGEST = 600.0  # seconds: how quick we lately were is said on them
FOR_ONE = frozenset({b"cookie", b"authorization", b"if-none-match"})  # what is kept was made for nobody
LASTING = frozenset({b"content-type", b"etag", b"vary", b"cache-control", b"content-language"})
ROUTE = SimpleNamespace(path="public page")  # for the count of requests


@dataclass
class Answer:
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    good: bool = False
    at: float = field(default_factory=time.monotonic)

    @property
    def tag(self) -> bytes:
        return dict(self.headers).get(b"etag", b"")


class KeptPages:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: OrderedDict[str, Answer] = OrderedDict()
        self._settings: Settings | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in ADDRESSES or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        self._forget_what_other_settings_made(scope["app"].state.gateways.settings)
        request = Request(scope)
        key = f"{scope['path']}?{sorted(kept_query(request).items()) if scope['query_string'] else ''}"
        found = self._kept.get(key)
        if found and time.monotonic() - found.at < LONGEST:
            scope["route"] = ROUTE
            await _say(found, request.headers.get("if-none-match", ""), send)
        elif FOR_ONE.isdisjoint(name for name, _value in scope["headers"]):
            await self._make(key, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _forget_what_other_settings_made(self, settings: Settings) -> None:
        if settings is not self._settings:
            self._settings = settings
            self._kept.clear()

    async def _make(self, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        made = Answer()

        async def note(message: Message) -> None:
            _note(made, message)
            await send(message)

        await self._app(scope, receive, note)
        if made.good:
            self._kept[key] = made
            if len(self._kept) > MOST:
                self._kept.popitem(last=False)


def _note(made: Answer, message: Message) -> None:
    if message["type"] == "http.response.start":
        headers: list[tuple[bytes, bytes]] = list(message["headers"])
        made.good = message["status"] == 200 and dict(headers).get(b"cache-control") == PUBLIC_CACHE.encode()
        made.headers = [(name, value) for name, value in headers if not name.startswith(b"ratelimit-")]
    else:
        made.body += message.get("body", b"")


async def _say(found: Answer, known: str, send: Send) -> None:
    unchanged = etag.names(known, found.tag.decode())
    headers: Any = found.headers
    if unchanged:
        headers = [(name, value) for name, value in headers if name in LASTING]
    await send({"type": "http.response.start", "status": 304 if unchanged else 200, "headers": list(headers)})
    await send({"type": "http.response.body", "body": b"" if unchanged else found.body})
