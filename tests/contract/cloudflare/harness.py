"""A running emulator and the plain client that the contract tests speak to it with."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import httpx

from sandbox.control.home import open_home
from sandbox.dns.table import Record
from sandbox.edge.ports import free_port
from sandbox.kit.faults import Fault
from sandbox.kit.home import Home

ROOT = Path(__file__).parents[3]
NODE = ROOT / ".sandbox" / "node"
SECONDS = 40.0


T = TypeVar("T")
EU = {"cf-r2-jurisdiction": "eu"}


def unique(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


def until(ask: Callable[[], T], *, within: float = SECONDS, what: str = "the condition") -> T:
    deadline = time.monotonic() + within
    while not (found := ask()):
        assert time.monotonic() < deadline, f"{what} did not come true within {within} s"
        time.sleep(0.03)
    return found


@dataclass
class Emulator:
    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Emulator":
        self.folder.mkdir(parents=True, exist_ok=True)
        self._write_secrets()
        command = [
            sys.executable,
            str(Path(__file__).with_name("server.py")),
            str(self.folder),
            str(self.port),
            str(NODE),
        ]
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=log)
        try:
            until(self._answers, within=60, what="the emulator")
        except BaseException:
            self.kill()
            raise
        return self

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/cloudflare"

    @property
    def edge(self) -> str:
        return str(json.loads((self.folder / "edge.json").read_text())["url"])

    @property
    def secrets(self) -> dict[str, str]:
        known: dict[str, str] = json.loads((self.folder / "secrets.json").read_text())
        return known

    def home(self) -> Home:
        """The same files from this process: clock, faults and DNS are shared."""
        return open_home(self.folder, url=f"http://127.0.0.1:{self.port}")

    def _write_secrets(self) -> None:
        path = self.folder / "secrets.json"
        if not path.exists():
            path.touch(0o600)
            names = ("cloudflare_api_token", "control_token")
            path.write_text(json.dumps({name: secrets.token_urlsafe(24) for name in names}))

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "server.log").read_text()[-3000:]
        try:
            answer = httpx.get(f"{self.url}/client/v4/user/tokens/verify", headers=self.headers(), trust_env=False)
        except httpx.TransportError:
            return False
        return answer.status_code == 200

    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.secrets['cloudflare_api_token']}"}


class Client:
    """Speaks the API and checks the envelope of every answer."""

    def __init__(self, emulator: Emulator, token: str | None = None) -> None:
        self.emulator = emulator
        headers = {"authorization": f"Bearer {token}"} if token else emulator.headers()
        self.http = httpx.Client(base_url=f"{emulator.url}/client/v4", headers=headers, timeout=150, trust_env=False)
        self.visitor = httpx.Client(timeout=30, trust_env=False)
        self.home = emulator.home()

    def close(self) -> None:
        self.http.close()
        self.visitor.close()

    def ok(self, method: str, path: str, status: int = 200, **options: Any) -> Any:
        """The result of a call that has to succeed."""
        return self.envelope(method, path, status, **options)["result"]

    def envelope(self, method: str, path: str, status: int = 200, **options: Any) -> dict[str, Any]:
        response = self.http.request(method, path, **options)
        assert response.status_code == status, f"{response.status_code} {response.text[:800]}"
        body: dict[str, Any] = response.json()
        assert body["success"] is True, body
        assert body["errors"] == []
        return body

    def refused(self, method: str, path: str, status: int, code: int, **options: Any) -> str:
        """The message of a call that has to fail in exactly this way."""
        response = self.http.request(method, path, **options)
        body = response.json()
        assert (response.status_code, body["success"], body["errors"][0]["code"]) == (status, False, code), (
            response.text
        )
        assert body["result"] is None
        return str(body["errors"][0]["message"])

    @cached_property
    def account(self) -> str:
        return f"/accounts/{self.ok('GET', '/accounts')[0]['id']}"

    @cached_property
    def zone(self) -> str:
        """The sites zone."""
        return f"/zones/{self.ok('GET', '/zones', params={'name': 'localhost'})[0]['id']}"

    def namespace(self, title: str) -> str:
        """The path of a new namespace."""
        base = f"{self.account}/storage/kv/namespaces"
        return f"{base}/{self.ok('POST', base, json={'title': title})['id']}"

    def bucket(self, name: str, **options: Any) -> str:
        """The path of a new bucket."""
        self.ok("POST", f"{self.account}/r2/buckets", json={"name": name}, **options)
        return f"{self.account}/r2/buckets/{name}"

    def serve(self, host: str, script: str) -> None:
        record = {"name": host, "type": "AAAA", "content": "100::", "proxied": True}
        self.ok("POST", f"{self.zone}/dns_records", json=record)
        self.ok("POST", f"{self.zone}/workers/routes", json={"pattern": f"{host}/*", "script": script})

    def control(self, method: str, path: str, **options: Any) -> httpx.Response:
        token = {"authorization": f"Bearer {self.emulator.secrets['control_token']}"}
        headers = {**token, **options.pop("headers", {})}
        return self.visitor.request(method, f"{self.emulator.url}/_sim{path}", headers=headers, **options)

    def with_rights(self, *groups: str, **options: Any) -> "Client":
        made = self.control("POST", "/tokens", json={"groups": list(groups), **options})
        assert made.status_code == 201, made.text
        return Client(self.emulator, made.json()["value"])

    def upload(
        self, name: str, source: str, *, bindings: list[dict[str, Any]] | None = None, **extra: Any
    ) -> httpx.Response:
        metadata = {"main_module": "index.mjs", "compatibility_date": "2026-07-01", "bindings": bindings or [], **extra}
        files = {
            "metadata": (None, json.dumps(metadata), "application/json"),
            "index.mjs": ("index.mjs", source, "application/javascript+module"),
        }
        return self.http.put(f"{self.account}/workers/scripts/{name}", files=files)

    def visit(self, host: str, path: str = "/", **options: Any) -> httpx.Response:
        headers = {"host": host, **options.pop("headers", {})}
        return self.visitor.request(
            options.pop("method", "GET"), f"{self.emulator.edge}{path}", headers=headers, **options
        )

    def shows(self, host: str, text: str, path: str = "/") -> httpx.Response:
        """Visit until the page is there: the front reads its table ten times a second."""
        until(lambda: text in self._text(host, path), what=text)
        return self.visit(host, path)

    def _text(self, host: str, path: str) -> str:
        try:
            return self.visit(host, path).text
        except httpx.TransportError:
            return ""  # workerd is being replaced

    def advance(self, **by: float) -> None:
        self.home.clock.advance(timedelta(**by))

    def fault(self, operation: str, kind: str, **options: Any) -> Fault:
        return self.home.faults.add(Fault("cloudflare", operation, kind, **options))

    def registrar(self, name: str, kind: str, value: str) -> Record:
        record = Record(name, kind, value)
        self.home.dns.publish(record)
        return record
