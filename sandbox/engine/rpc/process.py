"""The process of a provider plugin: start, port, output, orderly end. No gRPC: that loads while plugins boot."""

import asyncio
import os
import signal
from collections import deque
from collections.abc import Callable, Mapping

_PORT_PATIENCE = 60.0  # the official engine waits for ever for a plugin that never prints its port
_STOP_PATIENCE = 5.0
_KEPT_LINES = 200

Listener = Callable[[str, str], None]  # stream, line


class PluginFailed(Exception):
    """The plugin could not be started."""


class PluginProcess:
    def __init__(self, package: str, path: str) -> None:
        self.package, self.path = package, path
        self.output: deque[str] = deque(maxlen=_KEPT_LINES)
        self._listener: Listener | None = None
        self._early: list[tuple[str, str]] = []
        self._process: asyncio.subprocess.Process | None = None
        self._readers: list[asyncio.Task[None]] = []

    async def start(self, *, engine: str, cwd: str, environment: Mapping[str, str]) -> int:
        """The port it listens on."""
        pipe = asyncio.subprocess.PIPE
        try:
            self._process = await asyncio.create_subprocess_exec(
                self.path,
                engine,
                cwd=cwd,
                env=dict(environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=pipe,
                stderr=pipe,
                process_group=0,
                limit=1 << 20,
            )
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise PluginFailed(f"failed to load plugin {self.path}: fork/exec {self.path}: {reason}") from error
        return await self._settle(self._process)

    async def _settle(self, process: asyncio.subprocess.Process) -> int:
        assert process.stdout
        assert process.stderr
        try:
            port = await asyncio.wait_for(self._read_port(process), _PORT_PATIENCE)
        except TimeoutError as error:
            await self.kill()
            seconds = f"{_PORT_PATIENCE:.0f}"
            raise PluginFailed(f"could not read plugin [{self.path}]: no port after {seconds} seconds") from error
        except PluginFailed:
            await self.kill()
            raise
        streams = [(process.stdout, "stdout"), (process.stderr, "stderr")]
        self._readers = [asyncio.create_task(self._read(stream, name)) for stream, name in streams]
        return port

    async def _read_port(self, process: asyncio.subprocess.Process) -> int:
        assert process.stdout
        line = (await _line(process.stdout)).decode(errors="replace").strip()
        if line.isdigit():
            return int(line)
        if line:
            raise PluginFailed(
                f"{self.package} (resource) plugin [{self.path}] wrote an invalid port to stdout: could not parse "
                f'port: strconv.Atoi: parsing "{line}": invalid syntax'
            )
        code = await process.wait()
        status = f"exit status {code}" if code > 0 else "EOF"
        raise PluginFailed(f"could not read plugin [{self.path}]: {status}" + await _dump(process))

    async def _read(self, stream: asyncio.StreamReader, name: str) -> None:
        while line := await _line(stream):
            text = line.decode(errors="replace").rstrip("\n")
            self.output.append(text)
            if self._listener:
                self._listener(name, text)
            else:
                self._early.append((name, text))

    def listen(self, listener: Listener) -> None:
        """From now on; and what was said before."""
        self._listener = listener
        for name, text in self._early:
            listener(name, text)
        self._early = []

    @property
    def exited(self) -> bool:
        return self._process is not None and self._process.returncode is not None

    async def stop(self) -> None:
        """SIGINT, five seconds, SIGKILL."""
        if self._process is None or self.exited:
            return
        self.interrupt()
        try:
            await asyncio.wait_for(self._process.wait(), _STOP_PATIENCE)
        except TimeoutError:
            await self.kill()

    def interrupt(self) -> None:
        self._signal(signal.SIGINT)

    async def kill(self) -> None:
        self._signal(signal.SIGKILL)
        if self._process:
            await self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        """To the whole group: a plugin may be a wrapper around the real one."""
        try:
            if self._process and not self.exited:
                os.killpg(self._process.pid, number)
        except ProcessLookupError:
            pass


async def _dump(process: asyncio.subprocess.Process) -> str:
    assert process.stderr
    text = (await process.stderr.read(4096)).decode(errors="replace").strip()
    return f"\n{text}" if text else ""


async def _line(stream: asyncio.StreamReader) -> bytes:
    try:
        return await stream.readline()
    except ValueError:  # a line beyond the limit: dropped, the plugin must not block on it
        return b"(a line too long to show)\n"
