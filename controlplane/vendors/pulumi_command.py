"""The CLI below the Automation API: its output in files, its end in our hands.

It writes to files, not pipes: it would die of SIGPIPE with its reader and leave a lock, pending operations and a
working plugin behind. It has a session of its own; whoever stops us sends it one SIGINT and gives it time.
"""

import json
import signal
import subprocess
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pulumi import automation as auto
from pulumi.automation import errors
from pulumi.automation._cmd import CommandResult, OnOutput

from controlplane.settings import process_environment

# What the SDK asks after each update although the exported state already says it: three processes less each time.
_HISTORY: dict[str, Any] = {
    "kind": "update",
    "startTime": "2000-01-01T00:00:00.000Z",
    "endTime": "2000-01-01T00:00:00.000Z",
}
_HISTORY |= {"message": "", "environment": {}, "config": {}, "result": "succeeded", "version": 0}
UNREAD = {("stack", "output"): "{}", ("stack", "history"): json.dumps([_HISTORY])}


@cache
def installed(root: str) -> tuple[str, Any]:
    """Found and checked once per process; the server that children are forked from does it for all of them."""
    found = auto.PulumiCommand(root=root or None)
    return found.command, found.version


class Command(auto.PulumiCommand):
    """Runs the CLI with its output in files and remembers which process to ask to stop."""

    def __init__(self, root: str, folder: Path) -> None:
        self.command, self.version = installed(root)
        self._folder, self._count = folder, 0
        self._lock = threading.Lock()
        self._running: subprocess.Popen[bytes] | None = None
        self.stopped = False

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: OnOutput | None = None,
        on_error: OnOutput | None = None,
    ) -> CommandResult:
        del on_output, on_error  # nobody reads along: the files are read when the command has ended
        if tuple(args[:2]) in UNREAD:
            return CommandResult(stdout=UNREAD[args[0], args[1]], stderr="", code=0)
        arguments = args if "--non-interactive" in args else ["--non-interactive", *args]
        environment = {**process_environment(), **additional_env, "PULUMI_AUTOMATION_API": "true"}
        self._count += 1
        out, err = self._folder / f"{self._count}.out", self._folder / f"{self._count}.err"
        with out.open("wb") as stdout, err.open("wb") as stderr:
            code = self._wait(arguments, cwd, environment, stdout, stderr)
        result = CommandResult(stdout=out.read_text(), stderr=err.read_text(), code=code)
        if code != 0:
            raise errors.create_command_error(result)
        return result

    def stop(self) -> None:
        """One SIGINT: what is in flight is finished, the state saved, the lock removed. A second would abandon it."""
        with self._lock:
            first, self.stopped = not self.stopped, True
            if first and self._running and self._running.poll() is None:
                self._running.send_signal(signal.SIGINT)

    def _wait(self, arguments: list[str], cwd: str, environment: Mapping[str, str], stdout: Any, stderr: Any) -> int:
        with self._lock:
            if self.stopped:
                return -signal.SIGINT
            process = subprocess.Popen(
                [self.command, *arguments],
                cwd=cwd,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
            self._running = process
        return process.wait()
