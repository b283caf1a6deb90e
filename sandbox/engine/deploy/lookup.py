"""Finding provider plugins by the official rules, and starting them before anybody asked."""

import asyncio
import os
import shutil
import socket
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ..errors import CommandFailed
from ..project import Project
from ..rpc.process import PluginFailed, PluginProcess
from ..session import pulumi_home
from ..urns import is_provider, provider_package

Warn = Callable[[str], None]
Started = tuple[PluginProcess, int]


def attached_port(package: str) -> int:
    """Of a plugin that somebody runs already (PULUMI_DEBUG_PROVIDERS); 0 when there is none."""
    for entry in filter(None, os.environ.get("PULUMI_DEBUG_PROVIDERS", "").split(",")):
        name, colon, port = entry.partition(":")
        if not colon or not port.isdigit():
            raise CommandFailed(f"PULUMI_DEBUG_PROVIDERS: expected NAME:PORT, got {entry!r}")
        if name == package:
            return int(port)
    return 0


def find(project: Project, package: str, version: str, warn: Warn) -> str:
    for entry in project.plugins.get("providers") or ():
        if entry.get("name") == package and entry.get("version") in (None, version):
            path = Path(project.root, entry.get("path", "."))
            return str(path if path.is_file() else path / f"pulumi-resource-{package}")
    ambient = os.environ.get("PULUMI_IGNORE_AMBIENT_PLUGINS", "").lower() not in ("true", "1")
    found = shutil.which(f"pulumi-resource-{package}") if ambient else None
    if found:
        warn(f"using pulumi-resource-{package} from $PATH at {found}")
        return found
    return _installed(package, version)


def _installed(package: str, version: str) -> str:
    plugins = pulumi_home() / "plugins"
    folders = [plugins / f"resource-{package}-v{version}"] if version else _newest_first(plugins, package)
    for folder in folders:
        partial = folder.with_name(folder.name + ".partial")
        if folder.is_dir() and not folder.is_symlink() and not partial.exists():
            return str(folder / f"pulumi-resource-{package}")
    at = f" at version v{version}" if version else ""
    raise PluginFailed(f"no resource plugin 'pulumi-resource-{package}' found in the workspace{at}")


def _newest_first(plugins: Path, package: str) -> list[Path]:
    def version(path: Path) -> list[tuple[int, str]]:
        parts = path.name.rpartition("-v")[2].split(".")
        return [(int(part), "") if part.isdigit() else (0, part) for part in parts]

    return sorted(plugins.glob(f"resource-{package}-v*"), key=version, reverse=True)


class ReservedPort:
    """An address that can be told before the gRPC library that will listen there is loaded."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"

    def release(self) -> None:
        self._socket.close()


class EarlyStart:
    """Plugins of the providers in the state: they boot while the key is derived and the libraries are loaded."""

    def __init__(self, project: Project, engine: str) -> None:
        self.project, self.engine = project, engine
        self._starting: dict[tuple[str, str], list[asyncio.Task[Started]]] = {}

    @property
    def environment(self) -> dict[str, str]:
        ours = {"PULUMI_PROJECT": self.project.name, "PULUMI_CONFIG": "{}", "PULUMI_RUNTIME_ADDRESS": self.engine}
        return {**os.environ, **ours}

    def begin(self, resources: Iterable[dict[str, Any]]) -> None:
        for item in resources:
            package = provider_package(item["type"])
            if (
                is_provider(item["type"])
                and package != "pulumi"
                and not item.get("delete")
                and not attached_port(package)
            ):
                version = str((item.get("inputs") or {}).get("version", ""))
                task = asyncio.create_task(self._start(package, version, lambda _: None))
                self._starting.setdefault((package, version), []).append(task)

    async def take(self, package: str, version: str, warn: Warn) -> Started:
        """One that is starting already, or a new one."""
        waiting = self._starting.get((package, version))
        return await (waiting.pop(0) if waiting else self._start(package, version, warn))

    async def _start(self, package: str, version: str, warn: Warn) -> Started:
        process = PluginProcess(package, find(self.project, package, version, warn))
        cwd = self.project.program_directory
        return process, await process.start(engine=self.engine, cwd=cwd, environment=self.environment)

    async def stop(self) -> None:
        """Those that nobody needed."""
        for task in [task for tasks in self._starting.values() for task in tasks]:
            try:
                process, _ = await task
            except PluginFailed:
                continue
            await process.stop()
        self._starting = {}
