"""Many purchases while parts are killed and vendors misbehave; then the count: exactly what was paid, once, no more.

    controlplane sandbox chaos --sites 40 --creators 3 --seed 7

The seed decides what is broken and when. Ordinary processes are not deterministic, so a seed repeats the pressure, not
each interleaving; what was done is in `chaos.jsonl` of the sandbox's folder.
"""

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
from rich.console import Console

from sandbox.cluster import Cluster
from sandbox.control.client import Control, ControlError
from sandbox.creator_story import SmallPurchase
from sandbox.place import Place
from sandbox.purchase import Blocked, Buyer, Purchase
from sandbox.verdict import verdict
from sandbox.victims import INNER, PARTS, kill, left, pause

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
AWS_FAULTS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("aws", "lambda:CreateFunction", "timeout_after", {"times": 2}),
    ("aws", "*:Create*", "drop", {"times": 2}),
    ("aws", "apigatewayv2:*", "quota", {"seconds": 1, "times": 3}),
    ("aws", "dynamodb:*", "error", {"times": 2}),
    ("aws", "*", "delay", {"seconds": 1.0, "times": 5}),
)
BETWEEN = (2.0, 6.0)  # seconds from one act of chaos to the next
BETWEEN_CREATORS = (15.0, 40.0)  # who dies four times in one step is held for a loop, and one step takes a minute here
PAUSED = "worker-slow"  # stands still for longer than its lease, then wakes and finds that others went on
SLEEP = 38.0
MANY = 10  # sites: a smaller storm would be over before it wakes
LOOK = 1.0  # seconds from one look of a buyer to the next
PATIENCE = 300.0  # and what each site may take on top of it
EACH = 30.0
EACH_CREATOR = 180.0


class Deck:
    """Everything once in an order by chance before anything comes again: no long storm leaves one of them out."""

    def __init__(self, cards: Sequence[Any], dice: random.Random) -> None:
        self._cards, self._dice = list(cards), dice
        self._left: list[Any] = []

    def draw(self, is_possible: Callable[[Any], bool]) -> Any | None:
        """The next that can be played now; the others keep their place."""
        self._left = self._left or self._dice.sample(self._cards, len(self._cards))
        chosen = next((number for number, card in enumerate(self._left) if is_possible(card)), None)
        return None if chosen is None else self._left.pop(chosen)


@dataclass
class Chaos:
    place: Place
    cluster: Cluster
    sites: int
    seed: int
    console: Console
    creators: int = 0
    acts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)
        self._victims = Deck([*PARTS, *INNER, *(["pause"] if self.sites >= MANY else [])], self._dice)
        self._faults = Deck([*FAULTS, *(AWS_FAULTS if self.creators else ())], self._dice)
        self._asleep: list[tuple[int, float]] = []  # process, until when
        self._began = time.monotonic()
        self._patience = PATIENCE + EACH * self.sites + EACH_CREATOR * self.creators
        self._live_after: list[float] = []
        self.purchases = [Purchase(self.place, Buyer(f"chaos-{self.seed}-{number}")) for number in range(self.sites)]
        people = [Buyer(f"chaos-{self.seed}-c{number}") for number in range(self.creators)]
        self.platforms: list[Purchase] = [SmallPurchase(self.place, buyer) for buyer in people]

    def run(self) -> list[str]:
        """What is wrong in the end; empty when all is as it should be."""
        next_act = self._began
        while not all(purchase.is_live for purchase in self._all):
            self._go_on()
            if time.monotonic() > next_act and self._is_stormy():
                self._act()
                next_act = time.monotonic() + self._dice.uniform(*(BETWEEN_CREATORS if self.creators else BETWEEN))
            self._wake(time.monotonic())
            self.cluster.watch_once()
            if self._elapsed > self._patience:
                return [f"{one.buyer.slug} is {one.state}" for one in self._all if not one.is_live]
        self._calm()
        self._say()
        sites, creators = ([one.buyer for one in some] for some in (self.purchases, self.platforms))
        wrong = verdict(self.place, sites, creators, watch=self.cluster.watch_once)
        return [*wrong, *left(self.cluster), *self._trail()]

    @property
    def _all(self) -> list[Purchase]:
        return [*self.purchases, *self.platforms]

    @property
    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    def _is_stormy(self) -> bool:
        """The storm ends when most of it is done; what is left must come to an end in peace."""
        if sum(purchase.is_live for purchase in self._all) * 4 < len(self._all) * 3:
            return True
        self._calm()
        return False

    def _go_on(self) -> None:
        began = time.monotonic()
        for purchase in self._all:
            before = purchase.is_live
            try:
                purchase.advance()
            except (httpx.HTTPError, Blocked) as error:
                self._note("purchase.waits", slug=purchase.buyer.slug, why=str(error)[:200])
            if purchase.is_live and not before:
                self._live_after.append(self._elapsed)
        time.sleep(max(0.05, LOOK - (time.monotonic() - began)))

    def _act(self) -> None:
        if self._dice.random() < 0.6:
            name = self._victims.draw(self._strike)
            if name:
                self._count("pause" if name == "pause" else "kill", part=PAUSED if name == "pause" else name)
        else:
            self._break(*self._faults.draw(lambda _fault: True) or FAULTS[0])

    def _strike(self, name: str) -> bool:
        if name != "pause":
            return kill(self.cluster, name, self._dice)
        pid = None if self._asleep else pause(self.cluster, PAUSED)
        if pid:
            self._asleep.append((pid, time.monotonic() + SLEEP))
        return pid is not None

    def _wake(self, now: float) -> None:
        for pid, _until in [entry for entry in self._asleep if entry[1] <= now]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        self._asleep = [entry for entry in self._asleep if entry[1] > now]

    def _trail(self) -> list[str]:
        """The audit trail verifies, whatever died while it was written."""
        try:
            self.cluster.verb("audit", "verify")
        except RuntimeError as error:
            return [str(error)]
        return []

    def _break(self, vendor: str, operation: str, kind: str, options: dict[str, Any]) -> None:
        self._count("fault", part=kind, vendor=vendor, operation=operation)
        if vendor == "aws":
            self._cloud("POST", json={"vendor": vendor, "operation": operation, "kind": kind, **options})
        else:
            self._control(lambda control: control.add_fault(vendor, operation, kind, **options))

    def _calm(self) -> None:
        self._wake(float("inf"))
        self._control(lambda control: control.lift_all_faults())
        if self.creators:
            self._cloud("DELETE")

    def _control(self, act: Callable[[Control], object]) -> None:
        with Control(self.place.url("vendors"), self.place.secrets["control_token"]) as control:
            try:
                act(control)
            except ControlError:
                self._note("control.unreachable")

    def _cloud(self, method: str, **more: Any) -> None:
        headers = {"authorization": f"Bearer {self.place.secrets['control_token']}"}
        url = f"{self.place.url('aws')}/_sim/faults"
        try:
            httpx.request(method, url, headers=headers, trust_env=False, timeout=10, **more).raise_for_status()
        except httpx.HTTPError:
            self._note("control.unreachable")

    def _count(self, what: str, *, part: str, **facts: Any) -> None:
        self.acts[f"{what} {part}"] += 1
        self._note(what, part=part, **facts)

    def _say(self) -> None:
        done = ", ".join(f"{count} x {name}" for name, count in sorted(self.acts.items()))
        last = self._live_after[-1] if self._live_after else 0.0
        what = f"{self.sites} sites and {self.creators} creators"
        self.console.log(f"{what} live after {last:.0f} s, in spite of {done}")

    def _note(self, what: str, **facts: Any) -> None:
        entry = {"at": round(time.time(), 2), "what": what, **facts}
        with (self.place.folder / "chaos.jsonl").open("a") as file:
            file.write(json.dumps(entry) + "\n")
