"""ministack, hosted inside this process: no second server, no proxy, and its state within reach of the keeper.

It believes that an access key of 12 digits is the account; the edge has checked the real credentials before, and
hands every call over under the account that it is about.
"""

import asyncio
import importlib
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from starlette.types import Message, Receive, Scope, Send

from sandbox.aws.call import Call
from sandbox.aws.errors import Answer

HOP = {"connection", "transfer-encoding", "date", "server"}
PRESIGNING = re.compile(
    r"(?:^|&)X-Amz-(?:Algorithm|Credential|Date|Expires|SignedHeaders|Security-Token|Signature)=[^&]*"
)


@dataclass(frozen=True)
class Backend:
    folder: Path
    port: int

    def load(self) -> None:
        """Set its environment before the first import: it reads it only then."""
        shutil.rmtree(self.folder / "tmp", ignore_errors=True)  # unpacked functions of a process that was killed
        (self.folder / "tmp").mkdir(parents=True)
        os.environ.update(self._environment())
        importlib.import_module("ministack.app")

    def _environment(self) -> dict[str, str]:
        folder = self.folder
        return {
            "GATEWAY_PORT": str(self.port), "MINISTACK_HOST": "localhost", "MINISTACK_REGION": "eu-central-1",
            "BIND_HOST": "127.0.0.1", "LOG_LEVEL": "ERROR", "AUTH": "false",
            "PERSIST_STATE": "0", "STATE_DIR": str(folder / "state"),  # the keeper saves, entry by entry
            "S3_PERSIST": "1", "S3_DATA_DIR": str(folder / "objects"), "TMPDIR": str(folder / "tmp"),
            "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0", "DOCKER_HOST": "unix:///nonexistent",
            "LAMBDA_WARM_TTL_SECONDS": "20",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}", "NO_PROXY": "*",
        }  # fmt: skip

    def module(self, name: str) -> Any:
        """One of its service modules, imported at first use."""
        return importlib.import_module("ministack.app")._get_module(name)

    def has(self, name: str) -> bool:
        """Whether a module was used in this process: only then can it have changed."""
        return f"ministack.services.{name}" in sys.modules

    async def lifespan(self, started: asyncio.Event, stop: asyncio.Event) -> None:
        async def receive() -> Message:
            if not started.is_set():
                return {"type": "lifespan.startup"}
            await stop.wait()
            return {"type": "lifespan.shutdown"}

        async def send(message: Message) -> None:
            if message["type"].startswith("lifespan.startup"):
                started.set()

        await importlib.import_module("ministack.app").app({"type": "lifespan"}, receive, send)

    @contextmanager
    def scope(self, account: str, region: str) -> Iterator[None]:
        """Look into its stores as this account."""
        with importlib.import_module("ministack.core.responses").request_scope(account, region):
            yield

    async def forward(self, call: Call) -> Answer:
        headers = {**call.headers, "authorization": _authorization(call)}
        headers.pop("x-amz-security-token", None)
        query = PRESIGNING.sub("", call.query).lstrip("&")
        return await self.request(call.method, call.raw_path, query, headers, call.body, account=call.account)

    async def invoke(self, account: str, region: str, service: str, **request: Any) -> Answer:
        """A call of our own, as the account itself: method, path, headers, body."""
        headers = {"host": f"127.0.0.1:{self.port}", **request.get("headers", {})}
        headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={account}/20260101/{region}/{service}/aws4_request"
        method, path, query = request.get("method", "POST"), request.get("path", "/"), request.get("query", "")
        return await self.request(method, path, query, headers, request.get("body", b""), account=account)

    async def request(
        self, method: str, path: str, query: str, headers: dict[str, str], body: bytes, *, account: str
    ) -> Answer:
        """Any request, answered by its ASGI application within this process."""
        importlib.import_module("ministack.core.responses").set_request_account_id(account)
        raw = quote(path, safe="/%:@!$&'()*+,;=~-._")
        collected = _Collector(body)
        await importlib.import_module("ministack.app").app(
            _scope(method, path, raw, query, headers), collected.receive, collected.send
        )
        return collected.answer()

    async def websocket(self, scope: Scope, receive: Receive, send: Send, *, account: str) -> None:
        importlib.import_module("ministack.core.responses").set_request_account_id(account)
        await importlib.import_module("ministack.app").app(scope, receive, send)


def _scope(method: str, path: str, raw: str, query: str, headers: dict[str, str]) -> Scope:
    return {
        "type": "http", "http_version": "1.1", "method": method, "scheme": "http", "path": unquote(path),
        "raw_path": raw.encode(), "query_string": query.encode(), "client": ("127.0.0.1", 0),
        "headers": [(name.encode(), value.encode("utf-8", "replace")) for name, value in headers.items()],
    }  # fmt: skip


def _authorization(call: Call) -> str:
    credential = call.credential
    region, service = (credential.region, credential.service) if credential else (call.region, call.service)
    return f"AWS4-HMAC-SHA256 Credential={call.account}/20260101/{region}/{service}/aws4_request, SignedHeaders=host"


class _Collector:
    """The two ends of an ASGI request: hands in the body once, keeps what comes back."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self._status, self._headers, self._chunks = 500, [("content-type", "text/plain")], [b""]
        self._done = asyncio.Event()

    async def receive(self) -> Message:
        if self._body is None:
            await self._done.wait()
            return {"type": "http.disconnect"}
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = [(n.decode().lower(), v.decode("utf-8", "replace")) for n, v in message["headers"]]
        else:
            self._chunks.append(message.get("body", b""))
            if not message.get("more_body"):
                self._done.set()

    def answer(self) -> Answer:
        kept = [(name, value) for name, value in self._headers if name not in HOP]
        return Answer(self._status, kept, b"".join(self._chunks))
