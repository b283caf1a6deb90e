"""One child in a session of its own, and the proof that what is left of an earlier one is really ours."""

import contextlib
import json
import os
import signal
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path

PATIENCE = 5.0  # seconds that killed processes get to disappear


@dataclass(frozen=True)
class Identity:
    """A pid says nothing once its process has gone; with the start time and the boot it does."""

    pid: int
    started: int  # clock ticks since boot
    boot: str

    @classmethod
    def of(cls, pid: int) -> "Identity":
        return cls(pid=pid, started=_stat(pid).started, boot=_boot())


@dataclass(frozen=True)
class _Stat:
    session: int
    started: int
    state: str


class Child:
    """Leader of its own session; its standard input is the rope that it hangs on."""

    def __init__(self, command: list[str], *, environment: dict[str, str], log: Path, pid_file: Path) -> None:
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                start_new_session=True,
            )  # fmt: skip
        # Taken now: once the process has been waited for, nothing tells when it was started.
        self.identity = Identity.of(self._process.pid)
        pid_file.write_text(json.dumps(asdict(self.identity)))

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def first_line(self) -> bytes:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def end(self, *, patience: float, executables: list[Path]) -> None:
        """Blocking: asks by closing the pipe, then ends whatever of the session is left."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
        end_session(self.identity, executables=executables)
        self._process.wait()
        self._process.stdout.close()


def end_leftovers(file: Path, *, executables: list[Path]) -> int:
    """End what an earlier owner left running; answers how many processes that were."""
    try:
        earlier = Identity(**json.loads(file.read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return 0
    ended = end_session(earlier, executables=executables)
    file.unlink(missing_ok=True)
    return ended


def end_session(leader: Identity, *, executables: list[Path]) -> int:
    if leader.boot != _boot():
        return 0
    deadline, ended = time.monotonic() + PATIENCE, set[int]()
    while (members := _members(leader, executables)) and time.monotonic() < deadline:
        for pid in members:
            ended.add(pid)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)
    return len(ended)


def _members(leader: Identity, executables: list[Path]) -> list[int]:
    """Alive processes of the leader's session that run one of our executables and are not older than it."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _belongs(int(entry.name), leader, executables):
            found.append(int(entry.name))
    return found


def _belongs(pid: int, leader: Identity, executables: list[Path]) -> bool:
    try:
        stat, executable = _stat(pid), Path(os.readlink(f"/proc/{pid}/exe"))
    except OSError:
        return False
    ours = stat.session == leader.pid and stat.started >= leader.started and stat.state not in "ZX"
    if pid == leader.pid and stat.started != leader.started:
        return False
    return ours and any(executable == known or known in executable.parents for known in executables)


def _stat(pid: int) -> _Stat:
    # The second field is the name in brackets and may hold anything, brackets included.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return _Stat(state=fields[0], session=int(fields[3]), started=int(fields[19]))


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
