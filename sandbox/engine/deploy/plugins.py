"""Finding provider plugins by the official rules, starting and ending them."""

import asyncio
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from ..errors import CommandFailed
from ..project import Project
from ..rpc.plugin import Plugin, PluginFailed, attach
from ..session import pulumi_home

Report = Callable[[str, str], None]  # severity, text


class PluginHost:
    def __init__(self, *, project: Project, engine_address: str, config: dict[str, str], report: Report) -> None:
        self.project, self.engine, self.report = project, engine_address, report
        self._environment = {
            **os.environ,
            "PULUMI_PROJECT": project.name,
            "PULUMI_CONFIG": json.dumps(config),
            "PULUMI_RUNTIME_ADDRESS": engine_address,
        }
        self.running: list[Plugin] = []

    async def start(self, package: str, version: str) -> Plugin:
        """A process of its own for every provider instance."""
        port = _attached(package)
        if port:
            plugin = attach(package, port)
        else:
            plugin = await Plugin.start(
                package=package,
                path=self._find(package, version),
                engine=self.engine,
                cwd=self.project.program_directory,
                environment=self._environment,
                on_line=lambda stream, text: self.report("info#err" if stream == "stderr" else "info", text),
            )
        self.running.append(plugin)
        return plugin

    def _find(self, package: str, version: str) -> str:
        for entry in self.project.plugins.get("providers") or ():
            if entry.get("name") == package and entry.get("version") in (None, version):
                return _executable(Path(self.project.root, entry.get("path", ".")), package)
        ambient = os.environ.get("PULUMI_IGNORE_AMBIENT_PLUGINS", "").lower() not in ("true", "1")
        found = shutil.which(f"pulumi-resource-{package}") if ambient else None
        if found:
            self.report("warning", f"using pulumi-resource-{package} from $PATH at {found}")
            return found
        return self._installed(package, version)

    def _installed(self, package: str, version: str) -> str:
        plugins = pulumi_home() / "plugins"
        folders = [plugins / f"resource-{package}-v{version}"] if version else _newest_first(plugins, package)
        for folder in folders:
            partial = folder.with_name(folder.name + ".partial")
            if folder.is_dir() and not folder.is_symlink() and not partial.exists():
                return str(folder / f"pulumi-resource-{package}")
        at = f" at version v{version}" if version else ""
        raise PluginFailed(f"no resource plugin 'pulumi-resource-{package}' found in the workspace{at}")

    async def cancel(self) -> None:
        await asyncio.gather(*(plugin.cancel() for plugin in self.running if not plugin.exited))

    async def stop(self) -> list[Plugin]:
        """Ends all; returns those that had ended by themselves."""
        died = [plugin for plugin in self.running if plugin.exited]
        await asyncio.gather(*(plugin.stop() for plugin in self.running))
        self.running = []
        return died

    def kill(self) -> None:
        for plugin in self.running:
            plugin.kill()


def _attached(package: str) -> str:
    for entry in filter(None, os.environ.get("PULUMI_DEBUG_PROVIDERS", "").split(",")):
        name, colon, port = entry.partition(":")
        if not colon or not port.isdigit():
            raise CommandFailed(f"PULUMI_DEBUG_PROVIDERS: expected NAME:PORT, got {entry!r}")
        if name == package:
            return port
    return ""


def _executable(path: Path, package: str) -> str:
    return str(path if path.is_file() else path / f"pulumi-resource-{package}")


def _newest_first(plugins: Path, package: str) -> list[Path]:
    def version(path: Path) -> list[tuple[int, str]]:
        parts = path.name.rpartition("-v")[2].split(".")
        return [(int(part), "") if part.isdigit() else (0, part) for part in parts]

    return sorted(plugins.glob(f"resource-{package}-v*"), key=version, reverse=True)
