"""A story step by step, each with its time."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.operator_seat import Seat
from sandbox.place import Place
from sandbox.purchase import Blocked

PATIENCE = 240.0


@dataclass
class Story:
    place: Place
    watch: Callable[[], None]
    ended: Callable[[], bool]
    steps: list[tuple[str, float, str]] = field(default_factory=list)

    def step(self, name: str, act: Callable[[], str | None]) -> None:
        began = time.monotonic()
        said = act()
        self.steps.append((name, time.monotonic() - began, said or ""))

    def wait(self, ask: Callable[[], str | None], what: str) -> str:
        """Until it answers something; parts that die meanwhile are restarted."""
        deadline = time.monotonic() + PATIENCE
        while True:
            self.watch()
            answer = ask()
            if answer is not None:
                return answer
            if self.ended():
                raise Blocked("stopped by hand")
            if time.monotonic() > deadline:
                raise Blocked(f"{what} did not happen within {PATIENCE:.0f} s")
            time.sleep(0.2)


def operated(story: Story, operator: Seat, engineer: Seat, tenant: str, kind: str) -> str:
    operation = operator.ask(tenant, kind, second=engineer)

    def ended() -> str | None:
        found = operator.operation(operation)
        if found["phase"] in {"parked", "cancelled", "approval"}:
            raise Blocked(f"{kind} is {found['phase']}: {found['error']} ({found['who']}: {found['next_action']})")
        return f"{len(found['steps'])} steps" if found["phase"] == "done" else None

    return story.wait(ended, kind)
