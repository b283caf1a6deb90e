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


def kill_one(cluster: Cluster, dice: random.Random) -> str | None:
    """The name of what was killed with SIGKILL; None when there is nothing of that kind just now."""
    name = dice.choice(PARTS + INNER)
    return _kill_inner(cluster, name, dice) if name in INNER else _kill_part(cluster, name)


def _kill_part(cluster: Cluster, name: str) -> str | None:
    part = next(part for part in cluster.parts if part.name == name)
    if not part.process or not part.alive:
        return None
    os.kill(part.process.pid, signal.SIGKILL)
    part.process.wait()
    return name


def _kill_inner(cluster: Cluster, kind: str, dice: random.Random) -> str | None:
    found = sorted(_inner(cluster)[kind])
    if not found:
        return None
    with suppress(ProcessLookupError):
        os.kill(dice.choice(found), signal.SIGKILL)
    return kind


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
