"""Runs steps: not more at once than asked for, none after a failure, the state on disk before and after each."""

import asyncio
from collections.abc import Awaitable, Callable

from ..display.reporter import Reporter
from ..rpc.process import PluginFailed
from ..state.resource import Resource
from ..state.snapshot import Snapshot
from .answers import InitFailed, ProviderError
from .options import Options
from .steps import Step


class Aborted(Exception):
    """The update ends: whoever waits for this step waits for nothing."""


class StepFailed(Exception):
    """This step failed, others go on (`--continue-on-error`)."""


class Executor:
    def __init__(self, options: Options, snapshot: Snapshot, reporter: Reporter) -> None:
        self.options, self.snapshot, self.reporter = options, snapshot, reporter
        self.failed = self.step_failed = self.cancelled = self.terminated = False
        self.stopping = asyncio.Event()
        self._slots = asyncio.Semaphore(max(1, options.parallel))
        self._in_flight = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def check(self) -> None:
        if self.stopping.is_set():
            raise Aborted

    def fail(self, *, stop: bool = True) -> None:
        self.failed = True
        if stop:
            self.stopping.set()

    def refuse(self, message: str, *, urn: str = "") -> Aborted:
        """An error found before any step: reported, and the end."""
        if not self.stopping.is_set():
            self.reporter.error(message, urn=urn)
        self.fail()
        return Aborted(message)

    def cancel(self) -> None:
        self.cancelled = True
        self.fail()

    def terminate(self) -> None:
        """Does not wait for what is under way: its pending operations stay in the state."""
        self.terminated = True
        self.snapshot.freeze()
        self.fail()

    async def settle(self) -> None:
        """Until nothing is under way."""
        await self._idle.wait()

    async def run(
        self, step: Step, action: Callable[[], Awaitable[None]], *, pending: str = "", subject: Resource | None = None
    ) -> None:
        """`pending` names the operation that the state shows while the action runs."""
        async with self._slots:
            self.check()
            self._in_flight += 1
            self._idle.clear()
            try:
                await self._run(step, action, pending, subject or step.subject)
            finally:
                self._in_flight -= 1
                if not self._in_flight:
                    self._idle.set()

    async def _run(self, step: Step, action: Callable[[], Awaitable[None]], pending: str, subject: Resource) -> None:
        self.reporter.pre(step)
        operation = await self.snapshot.begin(pending, subject) if pending and not self.options.preview else None
        try:
            await action()
            self._check_alive()
        except (ProviderError, PluginFailed) as error:
            self._check_alive()
            self._failed(step, error)
            if operation:
                await self.snapshot.end(operation)
            raise (StepFailed if self.options.continue_on_error else Aborted)(str(error)) from error
        if operation:
            await self.snapshot.end(operation)
        self.reporter.count(step)
        self.reporter.outputs(step)

    def _check_alive(self) -> None:
        if self.terminated:
            raise Aborted

    def _failed(self, step: Step, error: Exception) -> None:
        self.reporter.failed(step, str(error), partial=isinstance(error, InitFailed))
        self.step_failed = True
        self.fail(stop=not self.options.continue_on_error)
