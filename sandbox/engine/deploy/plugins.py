"""The plugins of one update: one process for every provider instance."""

import asyncio
from collections.abc import Callable

from ..rpc.plugin import Plugin
from .lookup import EarlyStart, attached_port

Report = Callable[[str, str], None]  # severity, text


class PluginHost:
    def __init__(self, early: EarlyStart, report: Report) -> None:
        self.early, self.report = early, report
        self.running: list[Plugin] = []

    @property
    def engine(self) -> str:
        return self.early.engine

    async def start(self, package: str, version: str) -> Plugin:
        port = attached_port(package)
        if port:
            plugin = Plugin(package, f"127.0.0.1:{port}", port=port, process=None)
        else:
            process, port = await self.early.take(package, version, lambda text: self.report("warning", text))
            process.listen(lambda stream, text: self.report("info#err" if stream == "stderr" else "info", text))
            plugin = Plugin(package, process.path, port=port, process=process)
        self.running.append(plugin)
        return plugin

    async def cancel(self) -> None:
        await asyncio.gather(*(plugin.cancel() for plugin in self.running if not plugin.exited))

    async def stop(self) -> list[Plugin]:
        """Ends all; returns those that had ended by themselves."""
        died = [plugin for plugin in self.running if plugin.exited]
        await asyncio.gather(self.early.stop(), *(plugin.stop() for plugin in self.running))
        self.running = []
        return died

    def interrupt(self) -> None:
        for plugin in self.running:
            plugin.interrupt()
