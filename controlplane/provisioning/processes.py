"""Finding and ending what an operation started: its child, the CLI, and plugins in groups of their own."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

MARK = "CP_OPERATION"


def marked(operation_id: str) -> set[int]:
    """Every process whose environment says that this operation started it, however orphaned it is."""
    wanted = f"{MARK}={operation_id}".encode()
    return {pid for pid in _all() if wanted in _environment(pid).split(b"\0")}


def descendants(pid: int) -> set[int]:
    children: dict[int, list[int]] = {}
    for other in _all():
        children.setdefault(_parent(other), []).append(other)
    found, open_ = set(), [pid]
    while open_:
        for child in children.get(open_.pop(), []):
            found.add(child)
            open_.append(child)
    return found


def end(operation_id: str, *, child: int | None = None, seconds: float = 10) -> bool:
    """SIGKILL to all of them, found before the kill; True when none is left."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        alive = marked(operation_id) | ({child, *descendants(child)} if child and _alive(child) else set())
        if not alive:
            return True
        for pid in alive:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    return False


def _all() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _environment(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return b""


def _status(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return []


def _parent(pid: int) -> int:
    status = _status(pid)
    return int(status[1]) if status else 0


def _alive(pid: int) -> bool:
    status = _status(pid)
    return bool(status) and status[0] != "Z"
