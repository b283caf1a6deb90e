"""What is due when: one document per timer, carried out in the order of time, each in a transaction of its own."""

import time
from collections.abc import Callable
from contextlib import nullcontext

from sandbox.stripe.books import HOME, Books, at
from sandbox.stripe.errors import Doc

Due = Callable[[Books, str], None]
_actions: dict[str, Due] = {}
WALL = "wall"  # real seconds


def action(what: str) -> Callable[[Due], Due]:
    def register(run: Due) -> Due:
        _actions[what] = run
        return run

    return register


def start(books: Books, what: str, id: str, due: float, clock: str | None) -> None:
    """Replaces an earlier timer of the same action and object."""
    assert what in _actions, what
    key = f"{what}:{id}"
    books.store.put("timer", key, {"id": key, "what": what, "object": id, "due": due, "clock": clock or HOME})


def stop(books: Books, what: str, id: str) -> None:
    books.store.delete("timer", f"{what}:{id}")


def run_due(books: Books, clock: str, until: float) -> int:
    """Carry out everything due on one clock, earliest first; what it starts may be due as well."""
    count = 0
    while (timer := _next(books, clock, until)) is not None:
        moment = nullcontext() if clock == WALL else at(clock, int(timer["due"]))
        with books.store.transaction(), moment:
            if books.store.delete("timer", timer["id"]):  # else another thread was faster
                _actions[timer["what"]](books, timer["object"])
                count += 1
    return count


def wall_now() -> float:
    return time.time()


def _next(books: Books, clock: str, until: float) -> Doc | None:
    due = [timer for timer in books.store.all("timer", clock=clock) if timer["due"] <= until]
    return min(due, key=lambda timer: timer["due"], default=None)
