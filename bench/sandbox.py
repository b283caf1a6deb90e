"""The whole sandbox, started for the second time: how long until everything answers, and what it costs to have it."""

import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from sandbox.cluster import Cluster
from sandbox.place import Place

Row = dict[str, Any]
VENDORS = ("vendors", "aws")
CALM = 5.0  # seconds of rest before memory is read


class _Started:
    """A cluster, and the second after its start at which each part said that it was ready."""

    def __init__(self, place: Place) -> None:
        self.at: dict[str, float] = {}
        self.cluster = Cluster(place, say=self._heard)
        self._began = time.monotonic()
        self.cluster.start()
        self.seconds = time.monotonic() - self._began

    def _heard(self, text: str) -> None:
        self.at.setdefault(text.partition(" is ready")[0], time.monotonic() - self._began)

    def memory(self, *names: str) -> float:
        """MiB of these parts and all their children; what they share is counted once."""
        found = [psutil.Process(part.process.pid) for part in self.cluster.parts if part.name in names and part.process]
        family = [process for parent in found for process in (parent, *parent.children(recursive=True))]
        return sum(float(process.memory_full_info().pss) for process in family) / 2**20


def run() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="controlplane-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        place = Place.open(folder, recognisable=False)
        _Started(place).cluster.stop()
        again = _Started(place)
        try:
            time.sleep(CALM)
            return [
                _row("sandbox: second start of everything (s)", again.seconds, 15),
                _row("sandbox: vendors answer after (s)", max(again.at[name] for name in VENDORS), 10),
                _row("sandbox: idle memory of all vendors (MiB)", again.memory(*VENDORS), 700),
                _row("sandbox: idle memory of the API (MiB)", again.memory("api"), 120),
            ]
        finally:
            again.cluster.stop()
            again.cluster.postgres.remove()


def _row(name: str, value: float, goal: float) -> Row:
    return {"name": name, "value": round(value, 2), "goal": goal, "met": value < goal}
