"""A provider plugin process: start, port, connection, output, orderly end."""

import asyncio
import os
import signal
from collections import deque
from collections.abc import Callable, Mapping

from .messages import LIMITS, empty_pb2, grpc, provider_pb2_grpc

_PORT_PATIENCE = 60.0  # the official engine waits for ever for a plugin that never prints its port
_STOP_PATIENCE = 5.0
_KEPT_LINES = 200


class PluginFailed(Exception):
    """The plugin could not be started."""


class Plugin:
    """One process (or one attached server) and the stub that talks to it."""

    def __init__(self, *, package: str, path: str, address: str, process: asyncio.subprocess.Process | None) -> None:
        self.package, self.path, self.process = package, path, process
        self.output: deque[str] = deque(maxlen=_KEPT_LINES)
        self._channel = grpc.aio.insecure_channel(address, options=LIMITS)
        self.stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        self._readers: list[asyncio.Task[None]] = []
        self.stopping = False

    @classmethod
    async def start(
        cls,
        *,
        package: str,
        path: str,
        engine: str,
        cwd: str,
        environment: Mapping[str, str],
        on_line: Callable[[str, str], None],
    ) -> "Plugin":
        process = await _spawn(path, engine, cwd, environment)
        try:
            port = await asyncio.wait_for(_read_port(process, package, path), _PORT_PATIENCE)
        except TimeoutError as error:
            await _kill(process)
            raise PluginFailed(f"could not read plugin [{path}]: no port after {_PORT_PATIENCE:.0f} seconds") from error
        except PluginFailed:
            await _kill(process)
            raise
        plugin = cls(package=package, path=path, address=f"127.0.0.1:{port}", process=process)
        plugin._readers = [
            asyncio.create_task(plugin._read(stream, name, on_line)) for stream, name in plugin._streams()
        ]
        return plugin

    def _streams(self) -> list[tuple[asyncio.StreamReader, str]]:
        assert self.process
        assert self.process.stdout
        assert self.process.stderr
        return [(self.process.stdout, "stdout"), (self.process.stderr, "stderr")]

    async def _read(self, stream: asyncio.StreamReader, name: str, on_line: Callable[[str, str], None]) -> None:
        while line := await _line(stream):
            text = line.decode(errors="replace").rstrip("\n")
            self.output.append(text)
            on_line(name, text)

    @property
    def exited(self) -> bool:
        return self.process is not None and self.process.returncode is not None

    async def cancel(self) -> None:
        """Advice to end what is in flight; answers are not needed."""
        try:
            await self.stub.Cancel(empty_pb2.Empty(), timeout=_STOP_PATIENCE)
        except grpc.aio.AioRpcError:
            pass

    async def stop(self) -> None:
        """Cancel, SIGINT, five seconds, SIGKILL."""
        self.stopping = True
        died_before = self.exited
        if not died_before:
            await self.cancel()
        await self._channel.close()
        if self.process is None or died_before:
            return
        _signal(self.process, signal.SIGINT)
        try:
            await asyncio.wait_for(self.process.wait(), _STOP_PATIENCE)
        except TimeoutError:
            await _kill(self.process)

    def kill(self) -> None:
        if self.process is not None:
            _signal(self.process, signal.SIGINT)


async def _spawn(path: str, engine: str, cwd: str, environment: Mapping[str, str]) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    try:
        return await asyncio.create_subprocess_exec(
            path, engine, cwd=cwd, env=dict(environment), stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe,
            process_group=0, limit=1 << 20,
        )  # fmt: skip
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise PluginFailed(f"failed to load plugin {path}: fork/exec {path}: {reason}") from error


async def _read_port(process: asyncio.subprocess.Process, package: str, path: str) -> int:
    assert process.stdout
    line = (await _line(process.stdout)).decode(errors="replace").strip()
    if line.isdigit():
        return int(line)
    if line:
        raise PluginFailed(
            f"{package} (resource) plugin [{path}] wrote an invalid port to stdout: could not parse port: "
            f'strconv.Atoi: parsing "{line}": invalid syntax'
        )
    code = await process.wait()
    raise PluginFailed(
        f"could not read plugin [{path}]: {f'exit status {code}' if code > 0 else 'EOF'}" + await _dump(process)
    )


async def _dump(process: asyncio.subprocess.Process) -> str:
    assert process.stderr
    text = (await process.stderr.read(4096)).decode(errors="replace").strip()
    return f"\n{text}" if text else ""


async def _line(stream: asyncio.StreamReader) -> bytes:
    try:
        return await stream.readline()
    except ValueError:  # a line beyond the limit: dropped, the plugin must not block on it
        return b"(a line too long to show)\n"


async def _kill(process: asyncio.subprocess.Process) -> None:
    _signal(process, signal.SIGKILL)
    await process.wait()


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    """To the whole group: a plugin may be a wrapper around the real one."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        pass


def attach(package: str, port: str) -> Plugin:
    return Plugin(package=package, path=f"127.0.0.1:{port}", address=f"127.0.0.1:{port}", process=None)
