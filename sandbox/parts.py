"""One process of the sandbox: started with its log, found ready, restarted when it dies, stopped for good."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

Ready = Callable[[], bool]
Start = Callable[[], "subprocess.Popen[bytes]"]


@dataclass
class Part:
    name: str
    start: Start
    ready: Ready
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 12.0
    process: "subprocess.Popen[bytes] | None" = None
    restarts: int = 0
    started_at: float = 0.0
    _tries: list[float] = field(default_factory=list)

    def up(self) -> None:
        self.process = self.start()
        self.started_at = time.monotonic()

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def wait(self, *, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not (self.alive and self._is_ready()):
            if not self.alive or time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} did not become ready: see its log")
            time.sleep(0.03)

    def may_restart(self) -> bool:
        """Five deaths in half a minute is a fault that restarting does not mend."""
        now = time.monotonic()
        self._tries = [at for at in self._tries if now - at < 30] + [now]
        return len(self._tries) <= 5

    def ask_to_stop(self) -> None:
        if self.process and self.alive:
            with suppress(ProcessLookupError):
                self.process.send_signal(self.stop_signal)

    def finish(self) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(self.patience)
        except subprocess.TimeoutExpired:
            _kill_group(self.process.pid)
            self.process.wait()

    def _is_ready(self) -> bool:
        try:
            return self.ready()
        except OSError:
            return False


def spawn(command: list[str], *, log: Path, environment: dict[str, str], folder: Path) -> "subprocess.Popen[bytes]":
    """Own session, so that Ctrl-C reaches us alone and we stop the parts in order."""
    with log.open("ab") as out:
        return subprocess.Popen(
            command,
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            env=environment,
            cwd=folder,
            start_new_session=True,
        )


class Pids:
    """What runs, on disk: a start after a crash first ends what the crashed one left behind."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, parts: list[Part]) -> None:
        alive = {part.name: [part.process.pid, _birth(part.process.pid)] for part in parts if part.process}
        draft = self._path.with_suffix(".draft")
        draft.write_text(json.dumps(alive))
        draft.replace(self._path)

    def end_leftovers(self) -> list[str]:
        if not self._path.exists():
            return []
        ended = []
        for name, (pid, birth) in json.loads(self._path.read_text()).items():
            if birth and _birth(pid) == birth:
                _kill_group(pid)
                _await_end(pid, birth)
                ended.append(name)
        self._path.unlink()
        return ended


def _birth(pid: int) -> str:
    """When a process was born: a pid alone may by now be somebody else's."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
    except OSError:
        return ""


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _await_end(pid: int, birth: str) -> None:
    deadline = time.monotonic() + 5
    while _birth(pid) == birth and time.monotonic() < deadline:
        time.sleep(0.02)
