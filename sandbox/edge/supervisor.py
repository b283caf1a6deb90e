"""Starts the Node process, keeps it alive, gives it its configuration again after each start."""

import asyncio
import contextlib
import json
import secrets
import shutil
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx

from sandbox.edge.client import StoreClient, store_connection
from sandbox.edge.install import HERE, NODE, NodeInstallation
from sandbox.edge.ports import HOST, free_port, is_free, public_port, publish
from sandbox.edge.processes import Child, end_leftovers

INSTALLED_IN = 300.0  # seconds, the first time only
STARTED_IN = 60.0  # seconds for Node to say its first line, on a busy machine
ENDED_IN = 5.0  # seconds for a clean end after its standard input was closed
PORT_FREE_IN = 5.0
RETRY = 0.5
WATCH = 0.05
MEMORY_CHECK = 10.0
LARGEST_LOG = 5_000_000
IDLE = 0.05  # share of a core
TOO_MUCH_MEMORY = 1_200_000_000  # workerd does not give memory back before the next reload


class EdgeDown(Exception):
    """No workerd now: it is starting, restarting or could not be installed."""


class ConfigRefused(Exception):
    """workerd does not start with this configuration; the earlier one serves on. The message is the runtime's."""


@dataclass(frozen=True)
class EdgeConfig:
    workers: list[dict[str, Any]] = field(default_factory=list)
    namespaces: list[str] = field(default_factory=list)
    buckets: list[str] = field(default_factory=list)


class Edge:
    def __init__(self, folder: Path, *, installation: NodeInstallation, port: int | None = None) -> None:
        """`port`: of the public side; None takes the one of the last start or the first free usual one."""
        self._folder = folder / "edge"
        self._address = folder / "edge.json"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._pid_file = self._folder / "pid.json"
        self._installation = installation
        self.port = public_port(self._address, port)
        publish(self._address, self.port)
        self._child: Child | None = None
        self._admin: httpx.AsyncClient | None = None
        self._data: httpx.AsyncClient | None = None
        self._stores = StoreClient(self._connection)
        self._config: EdgeConfig | None = None
        self._generation = 0
        self._applying = asyncio.Lock()
        self._up = asyncio.Event()
        self._installed = False
        self._failure: str | None = None
        self._used = 0.0
        self.starts = 0

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    async def start(self, config: EdgeConfig) -> None:
        self._config = self._config or config
        await asyncio.to_thread(self._installation.ensure)
        self._installed = True
        await asyncio.to_thread(end_leftovers, self._pid_file, executables=self._installation.executables)
        await self._launch()

    async def run(self, config: EdgeConfig) -> None:
        """Until cancelled: whatever ends the child, it comes back with the last configuration that worked."""
        self._failure = None
        try:
            while True:
                await self._once(config)
        except Exception as error:
            self._failure = f"{type(error).__name__}: {error}"
            raise
        finally:
            await self.stop()

    async def _once(self, config: EdgeConfig) -> None:
        try:
            await self.start(config)
            self._failure = None
            await self._watch()
        except EdgeDown as error:
            self._failure = str(error)
            await asyncio.sleep(RETRY)
        finally:
            await self._end_child()

    async def stop(self) -> None:
        await self._end_child()
        self._pid_file.unlink(missing_ok=True)

    async def apply(self, config: EdgeConfig) -> int:
        """Answers the milliseconds it took; a refused configuration leaves the earlier one in force."""
        async with self._applying:
            await self.until_up()
            took = await self._send(config)
            self._config = config
            return took

    async def inspect(self, worker: dict[str, Any]) -> dict[str, Any]:
        """Start one script alone and list what it exports."""
        await self.until_up()
        return await self._ask("POST", "/inspect", worker)

    async def stores(self) -> StoreClient:
        """Waits for the edge, so that who writes to it need not."""
        await self.until_up()
        return self._stores

    async def _connection(self) -> httpx.AsyncClient:
        await self.until_up()
        assert self._data is not None
        return self._data

    async def until_up(self) -> None:
        deadline = time.monotonic() + (STARTED_IN if self._installed else INSTALLED_IN)
        while not self._up.is_set():
            if self._failure is not None or time.monotonic() > deadline:
                raise EdgeDown(self._failure or "the edge is not running")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(WATCH):
                    await self._up.wait()

    async def health(self) -> dict[str, Any]:
        state: dict[str, Any] = {"state": "down", "url": self.url, "starts": self.starts, "failure": self._failure}
        if self._up.is_set():
            with contextlib.suppress(EdgeDown):
                state |= await self._ask("GET", "/health")
        return state

    async def _launch(self) -> None:
        await self._wait_for_port()
        token, data_port = secrets.token_urlsafe(32), free_port()
        self._child = self._spawn(token, data_port)
        hello = await self._hello(self._child)
        headers = {"authorization": f"Bearer {token}"}
        base = f"http://{HOST}:{hello['admin']}"
        self._admin = httpx.AsyncClient(base_url=base, headers=headers, timeout=60, trust_env=False)
        self._data = store_connection(data_port, token)
        assert self._config is not None
        await self._send(self._config)
        self.starts += 1
        self._up.set()

    def _spawn(self, token: str, data_port: int) -> Child:
        environment = {
            "SP_STATE": str(self._folder), "SP_MODULES": str(self._installation.folder), "SP_TOKEN": token,
            "SP_PUBLIC_PORT": str(self.port), "SP_DATA_PORT": str(data_port), "HOME": str(self._folder),
            "TMPDIR": str(self._fresh_folder("tmp")),
            "NODE_COMPILE_CACHE": str(self._installation.folder / ".compile-cache"),
        }  # fmt: skip
        command = [str(NODE), str(HERE / "sidecar.mjs")]
        return Child(command, environment=environment, log=self._log(), pid_file=self._pid_file)

    def _fresh_folder(self, name: str) -> Path:
        """A killed Node leaves its temporary files behind."""
        folder = self._folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def _log(self) -> Path:
        log = self._folder / "edge.log"
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".old"))
        return log

    async def _wait_for_port(self) -> None:
        """The kernel frees the port of a killed process a moment after the process is gone."""
        deadline = time.monotonic() + PORT_FREE_IN
        while not is_free(self.port):
            if time.monotonic() > deadline:
                raise EdgeDown(f"port {self.port} belongs to somebody else")
            await asyncio.sleep(WATCH)

    async def _hello(self, child: Child) -> dict[str, Any]:
        try:
            line = await asyncio.wait_for(asyncio.to_thread(child.first_line), STARTED_IN)
            hello: dict[str, Any] = json.loads(line)
        except (TimeoutError, ValueError) as error:
            await self._end_child()
            raise EdgeDown("Node did not start; see edge.log") from error
        return hello

    async def _send(self, config: EdgeConfig) -> int:
        self._generation += 1
        answer = await self._ask("PUT", "/config", {"generation": self._generation, **asdict(config)})
        return int(answer["ms"])

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        admin = self._admin
        if admin is None:
            raise EdgeDown("the edge is not running")
        try:
            response = await admin.request(method, path, json=body)
        except (httpx.TransportError, RuntimeError) as error:
            if isinstance(error, RuntimeError) and not admin.is_closed:
                raise
            raise EdgeDown("the edge ended during a call") from error
        answer: dict[str, Any] = response.json()
        if response.status_code != 200:
            raise ConfigRefused(answer["error"])
        return answer

    async def _watch(self) -> None:
        """Returns when the child has ended. workerd alone is brought back by miniflare itself."""
        checked = time.monotonic()
        while self._child is not None and self._child.alive:
            await asyncio.sleep(WATCH)
            if time.monotonic() - checked > MEMORY_CHECK:
                checked = time.monotonic()
                await self._slim()

    async def _slim(self) -> None:
        """A restart gives the memory back; it resets open requests, so it waits for a quiet moment."""
        with contextlib.suppress(EdgeDown, ConfigRefused):
            state = await self._ask("GET", "/health")
            used, self._used = state["cpu"] - self._used, state["cpu"]
            if state["workerd"] > TOO_MUCH_MEMORY and used < MEMORY_CHECK * IDLE and self._config is not None:
                await self.apply(self._config)

    async def _end_child(self) -> None:
        self._up.clear()
        for client in (self._admin, self._data):
            if client is not None:
                await client.aclose()
        self._admin = self._data = None
        child, self._child = self._child, None
        if child is not None:
            await asyncio.to_thread(child.end, patience=ENDED_IN, executables=self._installation.executables)
