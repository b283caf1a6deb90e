"""The sandbox as its supervisor runs it, all parts being processes: what is killed with -9 is said and started again,
and the work goes on; then a small storm, and the count. Size and seed are in the environment for longer runs."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from sandbox.chaos import Chaos
from sandbox.cluster import Cluster
from sandbox.place import Place
from sandbox.purchase import Blocked, Buyer, Purchase

SITES, SEED = int(os.environ.get("CHAOS_SITES", "3")), int(os.environ.get("CHAOS_SEED", "7"))
PATIENCE = 240.0


class Supervised:
    """A cluster, and what it said."""

    def __init__(self, folder: Path) -> None:
        self.said: list[str] = []
        self.place = Place.open(folder, recognisable=False)
        self.cluster = Cluster(self.place, say=self.said.append)

    def kill(self, name: str) -> None:
        part = next(part for part in self.cluster.parts if part.name == name)
        assert part.process
        assert part.alive
        os.kill(part.process.pid, signal.SIGKILL)
        part.process.wait(60)

    def until(self, purchase: Purchase, state: str) -> None:
        """As a patient customer, who tries again; the supervisor looks after its parts meanwhile."""
        deadline, last = time.monotonic() + PATIENCE, ""
        while purchase.state != state:
            assert time.monotonic() < deadline, f"still {purchase.state}: {last}; {self.said[-5:]}"
            try:
                purchase.advance()
            except (Blocked, httpx.HTTPError) as error:
                last = str(error)
            self.cluster.watch_once()
            time.sleep(0.2)


@pytest.fixture(scope="module")
def supervised(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supervised]:
    running = Supervised(tmp_path_factory.mktemp("storm"))
    try:
        running.cluster.start()
        yield running
    finally:
        running.cluster.stop()
        running.cluster.postgres.remove()


@pytest.mark.timeout(600)
def test_what_is_killed_is_said_and_started_again_and_every_purchase_arrives(supervised: Supervised) -> None:
    first = Purchase(supervised.place, Buyer("killed-on-the-way"))
    killed = {"ordered": "redis", "paid": "postgres"}
    for state in ("quoted", "ordered", "paid"):
        supervised.until(first, state)
        if state in killed:
            supervised.kill(killed[state])
    for name in ("worker-quick", "worker-slow"):
        supervised.kill(name)
    supervised.until(first, "live")
    assert first.page().status_code == 200
    for name in ("redis", "postgres", "worker-quick", "worker-slow"):
        assert f"{name} died (exit -9); restarting it" in supervised.said
        assert f"{name} is back" in supervised.said

    chaos = Chaos(supervised.place, supervised.cluster, SITES, SEED, Console(quiet=True))
    chaos.purchases.append(first)  # it is counted, too
    wrong = chaos.run()
    for purchase in chaos.purchases:
        purchase.close()
    assert wrong == []
    assert chaos.acts.total() > 0
