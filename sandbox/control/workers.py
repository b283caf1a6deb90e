"""Keeps the emulators' background work alive: a crash is logged, shown in /control/health and restarted."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

Work = Callable[[], Awaitable[None]]

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0  # seconds
STEADY = 60.0  # a worker that lived that long starts again with the first pause


@dataclass
class Worker:
    name: str
    work: Work
    state: str = "waiting"
    restarts: int = 0
    last_error: str | None = None

    def health(self) -> dict[str, Any]:
        return {"state": self.state, "restarts": self.restarts, "last_error": self.last_error}

    async def run(self, log: logging.Logger) -> None:
        pause, clock = FIRST_PAUSE, asyncio.get_running_loop().time
        while True:
            started, self.state = clock(), "running"
            await self._once(log)
            pause = FIRST_PAUSE if clock() - started > STEADY else pause
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            self.restarts += 1

    async def _once(self, log: logging.Logger) -> None:
        try:
            await self.work()
            self.last_error = "ended"
        except Exception as error:
            self.last_error = type(error).__name__
            log.exception("worker %s failed", self.name)
        self.state = "restarting"
