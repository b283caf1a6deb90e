"""One update from beginning to end: lock, providers, program, deletions, state, history, summary."""

import asyncio
import signal
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from .deploy.deletion import Deletion
from .deploy.deployment import Deployment
from .deploy.executor import Executor
from .deploy.lookup import EarlyStart, ReservedPort
from .deploy.options import Options
from .deploy.plugins import PluginHost
from .deploy.providers import Providers
from .deploy.references import StackReader
from .deploy.refreshing import Refresh
from .deploy.registration import Registrar
from .display.planned import Plan
from .display.reporter import Reporter
from .display.text import Text
from .errors import CommandFailed
from .program import RunningProgram
from .record import Record, pending_warning
from .rpc.events import EventLog, open_sink
from .rpc.language import LanguageHost
from .rpc.monitor import Engine, Monitor, Server
from .session import Session
from .state.backend import Lock
from .state.checkpoint import Checkpoint
from .state.secrets import SecretsManager
from .state.snapshot import Snapshot

_FAILED, _CHANGED, _TERMINATED = 1, 7, 8
_PROGRAM_PATIENCE = 0.5


@dataclass
class Opened:
    """Everything that needs no event loop."""

    session: Session
    checkpoint: Checkpoint
    secrets: SecretsManager  # new ciphertexts
    state_secrets: SecretsManager  # those of the state
    config: dict[str, str]
    secret_keys: list[str]
    early: EarlyStart
    port: ReservedPort


class Update:
    def __init__(self, opened: Opened, options: Options) -> None:
        self.opened, self.options, self.session = opened, options, opened.session
        self.host: PluginHost | None = None
        self.deployment: Deployment
        self.language: LanguageHost | None = None
        self._signals = 0
        self._task: asyncio.Task[None] | None = None

    async def run(self) -> int:
        self.record = Record(self.session, self.options, self.opened)
        self.server = Server(self.opened.port.address)
        self.reporter = self._reporter()
        self._catch_signals()
        with self._lock():
            try:
                return await self._locked()
            finally:
                if self.host:
                    self.host.interrupt()

    def _lock(self) -> AbstractContextManager[object]:
        return nullcontext() if self.options.preview else Lock(self.session.backend, self.session.stack)

    def _reporter(self) -> Reporter:
        text = Text(
            kind=self.options.kind, stack=self.session.stack.stack, project=self.session.stack.project,
            preview=self.options.preview, quiet=self.options.json,
        )  # fmt: skip
        text.suppress_outputs = self.options.suppress_outputs
        log = EventLog(open_sink(self.options.event_log))
        return Reporter(log, text, preview=self.options.preview, color=self.options.color)

    async def _locked(self) -> int:
        self._open_state()
        secret = self.opened.secret_keys
        shown = {key: "[secret]" if key in secret else value for key, value in self.opened.config.items()}
        self.reporter.plan = Plan(shown) if self.options.json else None
        self.reporter.prelude(shown)
        self._task = asyncio.create_task(self._work())
        await asyncio.wait({self._task})
        if not self._task.cancelled():
            self._task.result()
        return await self._end()

    def _open_state(self) -> None:
        """Read again now that nobody else writes: what was read before the lock only told which key to derive."""
        checkpoint, secrets = self.session.checkpoint(), self.opened.state_secrets
        if checkpoint.salt != self.opened.checkpoint.salt:
            raise CommandFailed("the stack got other secrets at this very moment: run the command again")
        self.opened.checkpoint = checkpoint
        backend, stack = self.session.backend, self.session.stack
        pending = [] if self.options.clear_pending_creates else checkpoint.open_pending(secrets)
        self.snapshot = Snapshot(
            stack=stack.full,
            secrets=self.opened.secrets,
            base=checkpoint.open_resources(secrets),
            pending=pending,
            write=None if self.options.preview else lambda content: backend.write(stack, content),
        )
        self.executor = Executor(self.options, self.snapshot, self.reporter)
        self._deploy()

    def _deploy(self) -> None:
        """A generation of plugins and what works with them."""
        self.host = PluginHost(
            self.opened.early, report=lambda severity, text: self.reporter.diagnostic(severity, text)
        )
        reader = StackReader(self.session, self.opened.state_secrets)
        self.deployment = Deployment(
            project=self.session.stack.project,
            stack=self.session.stack.stack,
            options=self.options,
            config=self.opened.config,
            secret_keys=self.opened.secret_keys,
            snapshot=self.snapshot,
            reporter=self.reporter,
            executor=self.executor,
            providers=Providers(self.host, lambda: self.snapshot.base, reader.provider()),
            root=str(self.session.project.root),
        )

    # --- the work -------------------------------------------------------------------------------------------------

    async def _work(self) -> None:
        if self.opened.checkpoint.pending and not (
            self.options.preview or self.options.refresh or self.options.kind == "refresh"
        ):
            self.reporter.diagnostic("warning", pending_warning(self.opened.checkpoint))
        if self.options.refresh and self.options.kind != "refresh":
            await self._refresh(final=False)
        if self.options.run_program:
            await self._run_program()
        elif self.options.kind == "refresh":
            await self.server.start()
            await self._refresh(final=True)
        else:
            await self.server.start()
            await self._delete(Deletion(self.deployment))

    async def _refresh(self, *, final: bool) -> None:
        if final and self._has_unknown_targets():
            return
        refresh = Refresh(self.deployment, final=final)
        await refresh.run()
        refresh.forget_missing()
        self.deployment.index()
        await self.snapshot.save()

    async def _run_program(self) -> None:
        deletion = Deletion(self.deployment)
        registrar = Registrar(self.deployment, deletion)
        program = RunningProgram(self.deployment, registrar, self.opened)
        engine = Engine(self.reporter)
        self.server.add_engine(engine)
        self.server.add_monitor(Monitor(program))
        await self.server.start()
        project = self.session.project
        self.language = LanguageHost(self.options.client, root=str(project.root), program=project.program_directory)
        if self.options.kind == "update":
            self.record.runtime = await self.language.about()
        await self.language.required_packages()
        run = asyncio.create_task(self._start_program())
        await self._follow(run, program)
        if self.executor.stopping.is_set() and not program.raised:
            engine.deaf = True
            program.closing.set()
            await self._let_end(run)
            return
        if not program.raised:
            await self._delete(deletion)
        await self.executor.settle()
        program.record_stack_outputs()
        program.release()
        await run

    async def _let_end(self, run: asyncio.Task[Any]) -> None:
        """The program is told by its calls; one that does not listen is left to itself."""
        assert self.language
        await asyncio.wait({run}, timeout=_PROGRAM_PATIENCE)
        self.language.cancel()
        await self.executor.settle()

    async def _start_program(self) -> Any:
        assert self.language
        return await self.language.run(
            project=self.session.stack.project, stack=self.session.stack.stack, monitor=self.server.address,
            config=self.opened.config, secret_keys=self.opened.secret_keys, preview=self.options.preview,
            parallel=self.options.parallel,
        )  # fmt: skip

    async def _follow(self, run: asyncio.Task[Any], program: RunningProgram) -> None:
        """Until the program has nothing more to ask for, has failed, or the update stops."""
        stop = asyncio.create_task(self.executor.stopping.wait())
        signalled = asyncio.create_task(program.done.wait())
        await asyncio.wait({run, stop, signalled}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        signalled.cancel()
        if not self.executor.stopping.is_set() and run.done() and (run.result().error or run.result().bailed):
            await self.executor.settle()
            program.raised = True
            if not run.result().bailed:
                self.reporter.error(f"an unhandled error occurred: {run.result().error}")
            self.executor.fail()

    async def _delete(self, deletion: Deletion) -> None:
        """Everything of the state before that nobody asked for again, except what is not targeted."""
        if self.options.kind == "refresh" or self._has_unknown_targets():
            return
        left = self.snapshot.resources() if self.options.kind == "destroy" else self.snapshot.remaining()
        await deletion.delete_all(self.deployment.doomed(left))

    def _has_unknown_targets(self) -> bool:
        unknown = self.deployment.unknown_targets()
        for urn in unknown:
            self.reporter.error(f"no resource named '{urn}' found")
        if unknown:
            self.executor.fail(stop=False)
        return bool(unknown)

    # --- the end --------------------------------------------------------------------------------------------------

    async def _end(self) -> int:
        if not self.executor.terminated:
            await self.executor.settle()
            await self.snapshot.save()
            self._say_what_failed()
        result = "canceled" if self.executor.terminated else "failed" if self.executor.failed else "succeeded"
        if not self.options.preview:
            self.record.write(
                self.snapshot.encode(), succeeded=result == "succeeded", changes=dict(self.reporter.changes)
            )
        self.reporter.summary(result)
        assert self.host
        for plugin in await self.host.stop():
            if plugin.process:
                self.reporter.error(_exited_text(plugin.path, list(plugin.process.output)))
        await self.server.stop(orderly=not self.executor.failed)
        await self.reporter.close()
        return self._exit_code()

    def _say_what_failed(self) -> None:
        if self.executor.cancelled:
            self.reporter.error("update canceled")
        elif self.executor.step_failed:
            self.reporter.error("update failed")

    def _exit_code(self) -> int:
        if self.executor.terminated:
            return _TERMINATED
        if self.executor.failed:
            return _FAILED
        changed = any(count for op, count in self.reporter.changes.items() if op != "same")
        return _CHANGED if self.options.expect_no_changes and changed else 0

    # --- signals --------------------------------------------------------------------------------------------------

    def _catch_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._signalled)

    def _signalled(self) -> None:
        """The first finishes what is under way, the second does not wait for it."""
        self._signals += 1
        if self._signals == 1:
            self.reporter.text.print(
                "^C received; cancelling. If you would like to terminate immediately, press ^C again.\n"
                "Note that terminating immediately may lead to orphaned resources and other inconsistencies.\n"
            )
            self.executor.cancel()
        elif self._signals == 2 and self._task:
            self.reporter.text.print("^C received; terminating")
            self.executor.terminate()
            self._task.cancel()
        if self.host and self._signals <= 2:
            self._cancelling = asyncio.create_task(self.host.cancel())


def _exited_text(path: str, output: list[str]) -> str:
    return (
        f"Detected that {path} exited prematurely. \n       This is *always* a bug in the provider. Please report the "
        "issue to the provider author as appropriate.\n       To assist with debugging we have dumped the STDOUT and "
        "STDERR streams of the plugin:" + "\n".join(output) + "\n"
    )
