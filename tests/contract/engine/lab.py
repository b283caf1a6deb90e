"""One backend, one cloud, one recording command: everything an operation did, as values to compare."""

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi import automation as auto
from pulumi.automation import _cmd

from tests.contract.engine.cloud import CallLog, Cloud, Rule, write_rules

OFFICIAL = os.environ.get("PULUMI_OFFICIAL", "")  # a directory with bin/pulumi: the same tests, the official engine
_QUIET = {
    "PULUMI_SKIP_UPDATE_CHECK": "true",
    "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
}
_NO_HISTORY = json.dumps(
    [
        {
            "kind": "update",
            "startTime": "2026-01-01T00:00:00.000Z",
            "message": "",
            "environment": {},
            "config": {},
            "result": "succeeded",
        }
    ]
)
_OPERATIONS = {"up", "refresh", "destroy", "preview"}


@dataclass
class Call:
    argv: list[str]
    exit: int
    stdout: str
    stderr: str


class RecordingCommand(auto.PulumiCommand):  # type: ignore[misc]
    """Runs like the original, in a session of its own; remembers every call and the running process."""

    def __init__(self, root: Path) -> None:
        super().__init__(root=str(root))
        self.calls: list[Call] = []
        self.process: subprocess.Popen[str] | None = None
        self.started = threading.Event()
        self.brief = False  # without the three calls for outputs and history that the SDK makes after an update

    def run(
        self, args: list[str], cwd: str, additional_env: Any, on_output: Any = None, on_error: Any = None
    ) -> _cmd.CommandResult:
        if self.brief and args[:2] in (["stack", "output"], ["stack", "history"]):
            return _cmd.CommandResult(stdout=_NO_HISTORY if args[1] == "history" else "{}", stderr="", code=0)
        if "--non-interactive" not in args:
            args.insert(0, "--non-interactive")
        environment = {**os.environ, **additional_env, "PULUMI_AUTOMATION_API": "true"}
        process = subprocess.Popen(
            [self.command, *args],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            cwd=cwd,
            text=True,
            env=environment,
            start_new_session=True,
        )
        if _OPERATIONS & set(args[:3]):
            self.process = process
            self.started.set()
        out, err = process.communicate()
        self.calls.append(Call(list(args), process.returncode, out, err))
        result = _cmd.CommandResult(stdout=out, stderr=err, code=process.returncode)
        if process.returncode:
            raise _cmd.create_command_error(result)
        return result


@dataclass
class Operation:
    """What one SDK call did."""

    calls: list[Call] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    exception: str = ""
    result: Any = None
    provider: list[dict[str, Any]] = field(default_factory=list)
    state: dict[str, Any] | None = None


class Lab:
    def __init__(self, folder: Path, *, root: Path, home: Path) -> None:
        self.folder, self.home = folder, home
        for name in ("work", "main", "backend", "cloud"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self.cloud = Cloud(folder / "cloud")
        self.log = CallLog(folder / "cloud" / "calls.jsonl")
        self.command = RecordingCommand(root)

    def rules(self, *rules: Rule) -> None:
        write_rules(self.folder / "cloud", rules)

    def options(
        self,
        *,
        work: str = "work",
        passphrase: str | None = "pass",
        env: dict[str, str] | None = None,
        config: dict[str, Any] | None = None,
        home: Path | None = None,
    ) -> auto.LocalWorkspaceOptions:
        (self.folder / work).mkdir(exist_ok=True)
        variables = {"PULUMI_BACKEND_URL": f"file://{self.folder}/backend", **_QUIET, **(env or {})}
        variables["TEST_CLOUD"] = str(self.folder / "cloud")
        if passphrase is not None:
            variables["PULUMI_CONFIG_PASSPHRASE"] = passphrase
        settings = auto.ProjectSettings(name="proj", runtime="python", main=str(self.folder / "main"), config=config)
        return auto.LocalWorkspaceOptions(
            work_dir=str(self.folder / work),
            pulumi_home=str(home or self.home),
            env_vars=variables,
            pulumi_command=self.command,
            project_settings=settings,
        )

    def stack(
        self, name: str, program: Callable[[], Any], how: Any = auto.create_or_select_stack, **options: Any
    ) -> auto.Stack:
        found: auto.Stack = how(name, project_name="proj", program=program, opts=self.options(**options))
        return found

    def checkpoint(self, stack: str = "dev") -> dict[str, Any] | None:
        path = self.folder / "backend/.pulumi/stacks/proj" / f"{stack}.json"
        if not path.exists():
            return None
        latest: dict[str, Any] = json.loads(path.read_text())["checkpoint"]["latest"]
        return latest

    def locks(self) -> list[Path]:
        return list((self.folder / "backend/.pulumi/locks").rglob("*.json"))

    def history(self, stack: str = "dev") -> list[dict[str, Any]]:
        folder = self.folder / "backend/.pulumi/history/proj" / stack
        return [json.loads(path.read_text()) for path in sorted(folder.glob("*.history.json"))]

    def run(
        self, action: Callable[[Callable[[Any], None]], Any], *, stack: str = "dev", brief: bool = True
    ) -> Operation:
        """Calls `action` with an event listener; failures are part of the result."""
        operation = Operation()
        self.command.brief = brief
        self.log.clear()
        self.command.calls = operation.calls
        with _raw_events(operation.events):
            try:
                operation.result = action(lambda _: None)
            except Exception as error:
                operation.exception = f"{type(error).__module__}.{type(error).__name__}"
        self.command.brief = False
        operation.provider = self.log.read()
        operation.state = self.checkpoint(stack)
        return operation

    def copy(self, name: str) -> "Lab":
        """The same backend and cloud once more, with its own work directory."""
        target = self.folder.parent / name
        shutil.copytree(self.folder, target)
        return Lab(target, root=Path(self.command.command).parents[1], home=self.home)


@contextmanager
def _raw_events(events: list[dict[str, Any]]) -> Iterator[None]:
    """The SDK hands out parsed events; the JSON itself is compared."""
    from pulumi.automation import _stack

    original = _stack.EngineEvent.from_json

    def keep(data: dict[str, Any]) -> Any:
        events.append(json.loads(json.dumps(data)))
        return original(data)

    _stack.EngineEvent.from_json = keep
    try:
        yield
    finally:
        _stack.EngineEvent.from_json = original
