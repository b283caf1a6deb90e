"""The Automation API, as it runs inside one child process for one operation. The only importer of `pulumi`.

How the CLI itself is run: `pulumi_command`, which belongs to this file.
"""

import json
import resource
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pulumi import automation as auto
from pulumi.automation import errors
from pulumi.automation._cmd import CommandResult

from controlplane.vendors.pulumi_command import Command
from controlplane.vendors.pulumi_job import Job, Result, pending_in, split_outputs
from programs.registry import Program

Emit = Callable[[dict[str, Any]], None]
CREATES = frozenset({"create", "create-replacement"})
MARK = "CP_OPERATION"  # in the environment of all that an operation starts, so that leftovers can be found


class Unfinished(Exception):
    """An interrupted run left pending operations in the state."""


class Run:
    """One action on one stack."""

    def __init__(self, job: Job, program: Program, emit: Emit) -> None:
        self._job, self._program, self._emit = job, program, emit
        self._folder = Path(job.work_dir)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._entry = program.entry(program.read(job.spec), job.secrets) if job.spec else _nothing
        self.command = Command(job.root, self._folder)
        self._changes: dict[str, int] = {}
        self._diagnostics: list[str] = []

    def perform(self) -> Result:
        started = time.monotonic()
        try:
            result = self._act(self._stack())
        except errors.ConcurrentUpdateError as error:
            result = Result(False, error_class="locked", error=_last_line(str(error)))
        except Unfinished as error:
            result = Result(False, error_class="pending", error=str(error))
        except errors.InlineSourceRuntimeError as error:
            result = Result(False, error_class="program", error=self._why(error))
        except Exception as error:
            kind = "stopped" if self.command.stopped else "failed"
            result = Result(False, error_class=kind, error=self._why(error))
        result.changes = result.changes or self._changes
        result.seconds = time.monotonic() - started
        result.memory_mb = _peak_memory_mb()
        return result

    def _act(self, stack: auto.Stack) -> Result:
        action = getattr(self, f"_{self._job.action}")
        result: Result = action(stack)
        return result

    def _stack(self) -> auto.Stack:
        job = self._job
        settings = auto.ProjectSettings(
            name=job.project,
            runtime="python",
            main=str(self._folder),
        )
        stack_settings = auto.StackSettings(config={"pulumi:disable-default-providers": '["*"]'})
        workspace = auto.LocalWorkspaceOptions(
            work_dir=str(self._folder),
            pulumi_home=job.home or None,
            project_settings=settings,
            stack_settings={job.stack: stack_settings},
            secrets_provider=job.secrets_provider,
            env_vars={**_engine_environment(job), **job.environment, MARK: job.operation_id},
            pulumi_command=self.command,
        )
        named: Any = {"stack_name": job.stack, "project_name": job.project, "program": self._entry, "opts": workspace}
        if job.options.get("first"):
            return _made(named)
        make = auto.select_stack if job.action in {"forget", "export", "locks"} else auto.create_or_select_stack
        return make(**named)

    def _keep(self, stack: auto.Stack) -> None:
        """The state before the change leaves this process before the change begins."""
        state = self._exported(stack)
        if pending := pending_in(state):
            raise Unfinished("; ".join(pending))
        self._emit({"kind": "state", "state": state})

    def _up(self, stack: auto.Stack) -> Result:
        if not self._job.options.get("first"):
            self._keep(stack)
        stack.up(on_event=self._on_event, parallel=self._job.parallel, color="never", show_secrets=False)
        return self._finished(stack)

    def _preview(self, stack: auto.Stack) -> Result:
        stack.preview(on_event=self._on_event, parallel=self._job.parallel, color="never")
        return Result(True)

    def _refresh(self, stack: auto.Stack) -> Result:
        if not self._job.options.get("clear_pending_creates"):
            self._keep(stack)
        stack.refresh(
            on_event=self._on_event,
            parallel=self._job.parallel,
            color="never",
            run_program=True,
            clear_pending_creates=bool(self._job.options.get("clear_pending_creates")),
            show_secrets=False,
        )
        return Result(True, state=self._exported(stack))

    def _drift(self, stack: auto.Stack) -> Result:
        """Lock-free: what a refresh would find, without writing it down."""
        stack.preview_refresh(on_event=self._on_event, parallel=self._job.parallel, color="never", run_program=True)
        return Result(True)

    def _destroy(self, stack: auto.Stack) -> Result:
        self._keep(stack)
        stack.destroy(
            on_event=self._on_event, parallel=self._job.parallel, color="never", run_program=False, show_secrets=False
        )
        return Result(True, state=self._exported(stack))

    def _forget(self, stack: auto.Stack) -> Result:
        stack.workspace.remove_stack(self._job.stack)
        return Result(True)

    def _locks(self, _stack: auto.Stack) -> Result:
        """The CLI does not tell; files can be read, other backends answer `None`."""
        scheme, _, root = self._job.backend_url.partition("://")
        if scheme != "file":
            return Result(True, outputs={"locks": None})
        folder = Path(root, ".pulumi", "locks", "organization", self._job.project, self._job.stack)
        held = [json.loads(file.read_text()) for file in sorted(folder.glob("*.json"))]
        return Result(True, outputs={"locks": [f"pid {lock['pid']} since {lock['timestamp']}" for lock in held]})

    def _export(self, stack: auto.Stack) -> Result:
        return Result(True, state=self._exported(stack))

    def _import(self, stack: auto.Stack) -> Result:
        if self._job.options.get("unlock"):
            stack.cancel()
        if self._job.state is not None:
            file = self._folder / "import.json"
            file.write_text(json.dumps(self._job.state))
            self._cli(stack, "stack", "import", "--file", str(file))
        return Result(True, state=self._exported(stack))

    def _finished(self, stack: auto.Stack) -> Result:
        state = self._exported(stack)
        plain, hidden = split_outputs(state)
        secret: dict[str, Any] = {}
        if hidden:
            shown = json.loads(
                self._cli(stack, "--non-interactive", "stack", "output", "--json", "--show-secrets").stdout
            )
            secret = {name: shown[name] for name in hidden}
        return Result(True, outputs=plain, secret_outputs=secret, state=state)

    def _exported(self, stack: auto.Stack) -> dict[str, Any]:
        """The SDK's own export would decrypt: here the ciphertexts travel."""
        exported: dict[str, Any] = json.loads(self._cli(stack, "stack", "export").stdout)
        return exported

    def _cli(self, stack: auto.Stack, *arguments: str) -> CommandResult:
        environment = {**stack.workspace.env_vars, "PULUMI_HOME": self._job.home}
        return self.command.run([*arguments, "--stack", stack.name], str(self._folder), environment)

    def _on_event(self, event: auto.EngineEvent) -> None:
        if event.diagnostic_event and event.diagnostic_event.severity in {"warning", "error", "info#err"}:
            text = event.diagnostic_event.message.strip()
            self._diagnostics.append(text)
            self._emit({"kind": "diagnostic", "urn": event.diagnostic_event.urn or "", "text": text})
        for name in ("resource_pre_event", "res_outputs_event", "res_op_failed_event"):
            found = getattr(event, name)
            if found:
                metadata, op = found.metadata, found.metadata.op.value
                asked = {"asked": _asked_for(metadata.new)} if self._job.action == "preview" and op in CREATES else {}
                self._emit({"kind": name, "urn": metadata.urn, "op": op, "text": _detail(metadata), **asked})
        if event.summary_event:
            changes = event.summary_event.resource_changes
            self._changes = {getattr(op, "value", str(op)): count for op, count in changes.items()}

    def _why(self, error: Exception) -> str:
        text = [line for line in self._diagnostics if line and line != "update failed"]
        return "\n".join(text[-5:]) if text else _last_line(str(error))


def watch(run: Run, job: Job, control: Any) -> None:
    """Stop when told, when whoever started us is gone, or when it takes too long."""

    def listen() -> None:
        control.readline()  # a word, or the end of the pipe: both mean stop
        run.command.stop()

    threading.Thread(target=listen, daemon=True).start()
    timer = threading.Timer(job.deadline, run.command.stop)
    timer.daemon = True
    timer.start()


def _made(named: Any) -> auto.Stack:
    """To make it first and look for it only when it is there saves a process at each new stack."""
    try:
        return auto.create_stack(**named)
    except errors.StackAlreadyExistsError:
        return auto.select_stack(**named)


def _nothing() -> None:
    """The program of actions that need none."""


def _engine_environment(job: Job) -> dict[str, str]:
    return {
        "PULUMI_BACKEND_URL": job.backend_url,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
        "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true",
    }


def _detail(metadata: Any) -> str:
    return ", ".join(metadata.diffs or metadata.keys or [])[:500]


def _asked_for(new: Any) -> dict[str, Any]:
    """As the engine itself writes down what it is about to make."""
    asked = {"urn": new.urn, "custom": True, "type": new.type, "inputs": new.inputs or {}, "provider": new.provider}
    return asked | ({"parent": new.parent} if new.parent else {})


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    wanted = [line for line in lines if line.startswith("error:")] or lines
    return wanted[-1][:2000] if wanted else "the engine ended without a word"


def _peak_memory_mb() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    below = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    unit = 1024 if sys.platform == "linux" else 1024 * 1024
    return round((own + below) / unit, 1)
