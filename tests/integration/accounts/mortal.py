"""A process that can die at each effect that it has on the world: before a call that changes something at the vendor,
and before a transaction with changes is written. Between two effects nothing can be lost, so these are all its deaths.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

import pytest
from sqlalchemy import event
from sqlmodel import Session

from controlplane.accounts import factory
from controlplane.accounts.models import Account
from controlplane.vendors.aws import Answer, Caller

READS = ("get_", "list_", "describe_", "assume_")  # nothing is there afterwards that was not there before
Result = TypeVar("Result")


class Died(BaseException):
    """Not an error that anybody handles: the process is gone."""


class Effect(NamedTuple):
    stage: str
    after: str  # the one before it in this stage
    what: str


class Fate:
    """It has met these effects, in order. When mortal, it dies at each that no life has died at before."""

    def __init__(self, survived: set[Effect], *, mortal: bool = True) -> None:
        self.met: list[Effect] = []
        self.survived, self.mortal, self.is_dead = survived, mortal, False
        self._stage = self._last = ""

    def begin(self, stage: str) -> None:
        self._stage, self._last = stage, ""

    def meet(self, what: str) -> None:
        if self.is_dead:
            raise Died  # the dead clean up nothing
        effect = Effect(self._stage, self._last, what)
        self.met.append(effect)
        self._last = what
        if self.mortal and effect not in self.survived:
            self.survived.add(effect)
            self.is_dead = True
            raise Died

    def revive(self) -> None:
        self.is_dead = False
        self.begin("")


@contextmanager
def in_the_hands_of(fate: Fate) -> Iterator[None]:
    stage_of, call, pages = factory.stage_of, Caller.call, Caller.pages

    def entered(account: Account) -> factory.Stage | None:
        fate.begin(f"{account.state} to {account.wanted}" if account.wanted else account.state)
        return stage_of(account)

    def called(caller: Caller, service: str, operation: str, **more: str) -> Answer:
        if fate.is_dead or not operation.startswith(READS):
            fate.meet(f"{service}.{operation}")
        return call(caller, service, operation, **more)

    def listed(caller: Caller, service: str, operation: str, key: str, **more: str) -> Iterator[object]:
        assert operation.startswith(READS)
        return pages(caller, service, operation, key, **more)

    def written(session: Session, _context: object) -> None:
        changed = {type(row).__name__ for row in (*session.new, *session.dirty, *session.deleted)}
        fate.meet(" and ".join(sorted(changed)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(factory, "stage_of", entered)
        patch.setattr(Caller, "call", called)
        patch.setattr(Caller, "pages", listed)
        event.listen(Session, "after_flush", written)
        try:
            yield
        finally:
            event.remove(Session, "after_flush", written)


def survive(fate: Fate, act: Callable[[], Result], *, later: Callable[[], None]) -> Result:
    """By another process each time, once the leases of the dead one have run out."""
    while True:
        try:
            return act()
        except Died:
            fate.revive()
            later()
