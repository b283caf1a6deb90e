"""Who can be killed: the parts themselves, and what the workers started below them."""

import os
import random
import signal
from contextlib import suppress
from pathlib import Path

from sandbox.cluster import Cluster
from sandbox.parts import Part

# Workers and what is below them more often than the rest: that is where the work is.
PARTS = ("api", "worker-quick", "worker-slow", "worker-slow", "redis", "postgres", "vendors")
INNER = ("nursery", "child", "child", "engine", "engine", "plugin")


def kill(cluster: Cluster, name: str, dice: random.Random) -> bool:
    """With SIGKILL; False when there is nothing of that kind just now."""
    pids = _inner(cluster)[name] if name in INNER else _living(cluster, name)
    if not pids:
        return False
    with suppress(ProcessLookupError):
        os.kill(dice.choice(sorted(pids)), signal.SIGKILL)
    _bury(cluster, name)
    return True


def pause(cluster: Cluster, name: str) -> int | None:
    """It stands still with all it holds, as on a machine that sleeps; `os.kill(pid, SIGCONT)` wakes it."""
    pids = _living(cluster, name)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    return next(iter(pids), None)


def left(cluster: Cluster) -> list[str]:
    """What an operation started and what is there although none runs."""
    found = _inner(cluster)
    return [f"a {kind} is left: {pid}" for kind in ("child", "engine", "plugin") for pid in sorted(found[kind])]


def _living(cluster: Cluster, name: str) -> set[int]:
    part = _part(cluster, name)
    return {part.process.pid} if part.process and part.alive else set()


def _bury(cluster: Cluster, name: str) -> None:
    if name in PARTS and (process := _part(cluster, name).process):
        process.wait()


def _part(cluster: Cluster, name: str) -> Part:
    return next(part for part in cluster.parts if part.name == name)


def _inner(cluster: Cluster) -> dict[str, set[int]]:
    """By what they run: whatever died above them, they are still found."""
    found: dict[str, set[int]] = {kind: set() for kind in INNER}
    engine = str(cluster.place.folder / "engine")
    workers = {part.process.pid for part in cluster.parts if _is_worker(part) and part.process}
    table = {pid: (_command(pid), _parent(pid)) for pid in _all()}
    nurseries = {pid for pid, (command, parent) in table.items() if "provisioning.nursery" in command}
    for pid, (command, parent) in table.items():
        if pid in nurseries:
            if parent in workers:
                found["nursery"].add(pid)
            elif parent in nurseries and table[parent][1] in workers:
                found["child"].add(pid)
        elif engine in command:
            found["plugin" if "/plugins/" in command else "engine"].add(pid)
    return found


def _is_worker(part: Part) -> bool:
    return part.name.startswith("worker-")


def _all() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except (OSError, IndexError):
        return 0
