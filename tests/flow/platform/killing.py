"""kill -9 of the engine and of all that is below it, in the middle of what it asks the vendor for."""

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from controlplane.provisioning import processes, states
from controlplane.provisioning.models import Operation
from controlplane.vendors.aws_finders import FINDERS
from controlplane.vendors.aws_lookups import repeatable
from tenants.models import Tenant
from tests.flow.platform.conftest import Creators

CALLS = ("*:Create*", "*:Get*", "iam:*", "lambda:*", "apigatewayv2:*", "dynamodb:*")  # before an effect, and after it
OFTEN = 0.15  # of the calls are struck: the seed says which is the first


class Killer:
    def __init__(self, creators: Creators, *, seed: int, count: int) -> None:
        self.creators, self.count, self.deaths = creators, count, 0
        self._dice = random.Random(seed)

    @contextmanager
    def lurking(self, operation: Operation) -> Iterator[None]:
        """Until the first `up` is through or all kills are done."""
        over = threading.Event()
        thread = threading.Thread(target=self._lurk, args=(operation, over))
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(30)

    def _lurk(self, operation: Operation, over: threading.Event) -> None:
        """One death for each attempt. After the first, our own look-ups are struck as well: they are let go."""
        while not (over.is_set() or self._has_begun(operation)):
            time.sleep(0.1)
        dead = set[int]()
        while not (dead or over.is_set() or self.deaths >= self.count):
            dead = self._strike(operation, over)
        self.deaths += bool(dead)

    def _strike(self, operation: Operation, over: threading.Event) -> set[int]:
        fault = self._trap()
        while not (over.is_set() or self._has_struck(fault)):
            time.sleep(0.05)
        found = set() if over.is_set() else processes.marked(operation.id)
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.creators.sim("DELETE", f"/faults/{fault}")
        return found

    def _has_begun(self, operation: Operation) -> bool:
        step = self.creators.world.steps(operation).get("stack")
        return step is not None and step.finished_at is None

    def _has_struck(self, fault: str) -> bool:
        return any(entry["fault"] == fault for entry in self.creators.sim("GET", "/faults/log").json()["injections"])

    def _trap(self) -> str:
        """A call that hangs until it is let go: its effect then comes after the death of who asked for it."""
        fault = {"vendor": "aws", "operation": self._dice.choice(CALLS), "kind": "hang", "times": 1}
        fault |= {"probability": OFTEN, "seed": self._dice.randrange(1000)}
        made = self.creators.sim("POST", "/faults", json=fault)
        assert made.status_code < 300, made.text
        return str(made.json()["id"])


def nothing_twice_and_nothing_left(creators: Creators, tenant: Tenant) -> None:
    """Whatever AWS lists under the name of an object of the stack is that object."""
    gateways = creators.world.gateways
    member = gateways.aws.member(creators.account(tenant))
    wrong = []
    for each in in_stack(creators, tenant):
        look = FINDERS[each["type"].removeprefix("aws:")]
        if look is not repeatable and (found := list(look(member, each["inputs"]))) != [each["id"]]:
            wrong.append((each["urn"], each["id"], found))
    assert not wrong


def in_stack(creators: Creators, tenant: Tenant) -> list[dict[str, Any]]:
    gateways = creators.world.gateways
    with gateways.db.transaction() as session:
        row = states.latest(session, tenant.id, f"{gateways.settings.name}-{tenant.id}")
        assert row is not None
        state = states.open_state(gateways, row)
    assert not state["deployment"].get("pending_operations")
    resources = state["deployment"]["resources"]
    return [each for each in resources if each.get("custom") and each["type"].startswith("aws:")]
