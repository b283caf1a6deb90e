"""Many purchases while parts are killed and vendors misbehave; then the count: exactly what was paid, once, no more.

    controlplane sandbox chaos --sites 40 --seed 7

The seed decides what is broken and when. Ordinary processes are not deterministic, so a seed repeats the pressure, not
each interleaving; what was done is in `chaos.jsonl` of the sandbox's folder.
"""

import json
import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from rich.console import Console

from sandbox.cluster import Cluster
from sandbox.control.client import Control, ControlError
from sandbox.parts import Part
from sandbox.place import Place
from sandbox.purchase import Blocked, Buyer, Purchase

KILLED = ("api", "worker-quick", "worker-slow", "worker-slow", "redis", "postgres", "vendors")
FAULTS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("cloudflare", "*", "delay", {"seconds": 1.0, "times": 5}),
    ("cloudflare", "PUT *", "timeout_after", {"times": 2}),
    ("cloudflare", "POST *", "error", {"times": 2, "status": 500, "code": "10001"}),
    ("cloudflare", "*", "quota", {"seconds": 1, "times": 3}),
    ("resend", "POST /domains", "timeout_after", {"times": 1}),
    ("resend", "POST /api-keys", "timeout_after", {"times": 1}),
    ("resend", "*", "error", {"times": 2, "status": 500, "code": "internal_server_error"}),
    ("stripe", "GET *", "error", {"times": 2, "status": 500, "code": "api_error"}),
    ("stripe", "webhook:*", "duplicate", {"times": 5}),
    ("stripe", "webhook:*", "late", {"times": 5, "seconds": 3}),
)
BETWEEN = (2.0, 6.0)  # seconds from one act of chaos to the next
PATIENCE = 600.0


@dataclass
class Chaos:
    place: Place
    cluster: Cluster
    sites: int
    seed: int
    console: Console
    journal: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)
        self.purchases = [Purchase(self.place, Buyer(f"chaos-{self.seed}-{number}")) for number in range(self.sites)]

    def run(self) -> list[str]:
        """What is wrong in the end; empty when all is as it should be."""
        began = time.monotonic()
        next_act = began
        while not all(purchase.is_live for purchase in self.purchases):
            self._go_on()
            if time.monotonic() > next_act and self._is_stormy():
                self._act()
                next_act = time.monotonic() + self._dice.uniform(*BETWEEN)
            self.cluster.watch_once()
            if time.monotonic() - began > PATIENCE:
                return [
                    f"{purchase.buyer.slug} is {purchase.state}" for purchase in self.purchases if not purchase.is_live
                ]
        self._calm()
        return self._wrong()

    def _is_stormy(self) -> bool:
        """The storm ends when most of it is done; what is left must come to an end in peace."""
        if sum(purchase.is_live for purchase in self.purchases) * 2 < self.sites:
            return True
        self._calm()
        return False

    def _go_on(self) -> None:
        for purchase in self.purchases:
            try:
                purchase.advance()
            except (httpx.HTTPError, Blocked) as error:
                self._note("purchase.waits", slug=purchase.buyer.slug, why=str(error)[:200])
        time.sleep(0.2)

    def _act(self) -> None:
        if self._dice.random() < 0.5:
            self._kill(self._dice.choice(KILLED))
        else:
            self._break(*self._dice.choice(FAULTS))

    def _kill(self, name: str) -> None:
        part = next(part for part in self.cluster.parts if part.name == name)
        if part.process and part.alive:
            self._note("kill", part=name)
            _kill(part)

    def _break(self, vendor: str, operation: str, kind: str, options: dict[str, Any]) -> None:
        self._note("fault", vendor=vendor, operation=operation, kind=kind)
        self._control(lambda control: control.add_fault(vendor, operation, kind, **options))

    def _calm(self) -> None:
        self._control(lambda control: control.lift_all_faults())

    def _control(self, act: Callable[[Control], object]) -> None:
        with Control(self.place.url("vendors"), self.place.secrets["control_token"]) as control:
            try:
                act(control)
            except ControlError:
                self._note("control.unreachable")

    def _wrong(self) -> list[str]:
        from sandbox.verdict import verdict

        return verdict(self.place, [purchase.buyer for purchase in self.purchases])

    def _note(self, what: str, **facts: Any) -> None:
        entry = {"at": round(time.time(), 2), "what": what, **facts}
        self.journal.append(entry)
        with (self.place.folder / "chaos.jsonl").open("a") as file:
            file.write(json.dumps(entry) + "\n")


def _kill(part: Part) -> None:
    assert part.process
    os.kill(part.process.pid, signal.SIGKILL)
    part.process.wait()
