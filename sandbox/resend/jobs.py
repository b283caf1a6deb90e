"""What is to be done later, by the emulated time: deliveries, verifications, webhooks. Survives kill -9.

There is one job per task and subject; adding it again moves it. A handler removes or moves its job in the transaction
that records its effect.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from sandbox.kit import Clock, Store
from sandbox.kit.store import Doc

Handler = Callable[[Doc], Awaitable[None]]

LOG = logging.getLogger("sandbox.resend")
TICK = 0.1  # seconds between looks at the clock, which another process may have advanced
LONGEST_PAUSE = 60.0  # seconds before a job whose handler crashed is tried again


class Jobs:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._wake = asyncio.Event()
        self._running: dict[str, asyncio.Task[None]] = {}
        clock.on_advance(self._wake.set)

    def add(self, task: str, subject: str, *, after: float = 0, at: datetime | None = None) -> None:
        due = at or self._clock.now() + timedelta(seconds=after)
        id = f"{task}:{subject}"
        job = {"id": id, "task": task, "subject": subject, "due": due.timestamp(), "crashes": 0}
        self._store.put("job", id, job)
        self._wake.set()

    def done(self, task: str, subject: str) -> None:
        self._store.delete("job", f"{task}:{subject}")

    def when(self, task: str, subject: str) -> datetime | None:
        job = self._store.get("job", f"{task}:{subject}")
        return datetime.fromtimestamp(job["due"], UTC) if job else None

    async def run(self, handlers: Mapping[str, Handler]) -> None:
        while True:
            self._wake.clear()
            now, pause = self._clock.now().timestamp(), TICK
            for job in self._store.all("job"):
                if job["id"] in self._running:
                    continue
                if job["due"] <= now:
                    self._start(job, handlers[job["task"]])
                else:
                    pause = min(pause, job["due"] - now)
            await self._sleep(pause)

    async def _sleep(self, seconds: float) -> None:
        # Not `wait_for`: woken and cancelled at once, it forgets that it was cancelled, and the process never ends.
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()

    def _start(self, job: Doc, handler: Handler) -> None:
        task = asyncio.create_task(self._do(job, handler))
        self._running[job["id"]] = task
        task.add_done_callback(lambda _: self._running.pop(job["id"], None))

    async def _do(self, job: Doc, handler: Handler) -> None:
        try:
            await handler(job)
        except Exception:
            LOG.exception("job %s failed", job["id"])
            self._store.update("job", job["id"], self._put_off)

    def _put_off(self, job: Doc) -> None:
        job["crashes"] += 1
        job["due"] = self._clock.now().timestamp() + min(2.0 ** job["crashes"], LONGEST_PAUSE)
