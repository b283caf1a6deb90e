"""Where the time of an answer went: waiting for the database, making HTML, and all of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import Engine, event

_spent: ContextVar[dict[str, float] | None] = ContextVar("spent", default=None)
_BEGAN = "began"


def begin() -> dict[str, float]:
    """One for each request; whatever thread works on it adds to the same."""
    found = {"db": 0.0, "render": 0.0}
    _spent.set(found)
    return found


def header(found: dict[str, float], began: float) -> str:
    all_of_it = {**found, "total": time.perf_counter() - began}
    return ", ".join(f"{name};dur={seconds * 1000:.1f}" for name, seconds in all_of_it.items())


@contextmanager
def part(name: str) -> Iterator[None]:
    began = time.perf_counter()
    try:
        yield
    finally:
        _add(name, time.perf_counter() - began)


def watch(engine: Engine) -> None:
    @event.listens_for(engine, "before_cursor_execute")
    def _before(connection: Any, *_rest: Any) -> None:
        connection.info[_BEGAN] = time.perf_counter()

    @event.listens_for(engine, "after_cursor_execute")
    def _after(connection: Any, *_rest: Any) -> None:
        _add("db", time.perf_counter() - connection.info[_BEGAN])


def _add(name: str, seconds: float) -> None:
    found = _spent.get()
    if found is not None:
        found[name] += seconds
