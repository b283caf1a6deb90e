"""Who was refused, for the trail. Anonymous ones are summed, so that nobody can flood it."""

import threading
import time
from collections import Counter
from typing import Any

from fastapi import FastAPI, Request
from sqlalchemy.exc import SQLAlchemyError

from controlplane.api.hosts import network_of
from controlplane.audit.service import record
from controlplane.core.errors import Forbidden, NotFound, Problem, Unauthenticated
from controlplane.gateways import Gateways
from controlplane.identity.actor import ANONYMOUS, Actor, ActorKind

NOTED = (Unauthenticated, Forbidden, NotFound)
_MOST = 10_000


class Refusals:
    """Anonymous refusals of this process, by network, group and minute."""

    def __init__(self, gateways: Gateways) -> None:
        self._gateways, self._lock = gateways, threading.Lock()
        self._counts: Counter[tuple[int, str, str]] = Counter()

    def count(self, network: str, group: str) -> None:
        minute = int(time.monotonic() // 60)
        with self._lock:
            if len(self._counts) < _MOST:
                self._counts[minute, network, group] += 1
            done = {key: number for key, number in self._counts.items() if key[0] < minute}
            for key in done:
                del self._counts[key]
        self._write(done)

    def close(self) -> None:
        with self._lock:
            rest, self._counts = dict(self._counts), Counter()
        try:
            self._write(rest)
        except SQLAlchemyError:
            return  # the database went first: the numbers are in the metrics too

    def _write(self, counts: dict[tuple[int, str, str], int]) -> None:
        if not counts:
            return
        with self._gateways.db.transaction() as session:
            for (_minute, network, group), number in counts.items():
                record(
                    session,
                    actor=str(ANONYMOUS),
                    action="access.refused",
                    object_type="group",
                    object_id=group,
                    stream="identity",
                    outcome="refused",
                    reason=f"{number} times in a minute",
                    address=network,
                )


def note(app: FastAPI, request: Request, group: str, error: Problem) -> None:
    if not isinstance(error, NOTED):
        return
    actor: Actor = request.state.actor
    if actor.kind is ActorKind.ANONYMOUS:
        refusals: Refusals = app.state.refusals
        refusals.count(network_of(request.state.address), group)
        return
    gateways: Gateways = app.state.gateways
    with gateways.db.transaction() as session:
        record(
            session,
            actor=str(actor),
            action="access.refused",
            object_type="route",
            object_id=f"{request.method} {request.url.path}"[:200],
            stream="identity",
            outcome="refused",
            reason=f"{group}: {error.problem_code}",
        )


def note_call(gateways: Gateways, request: Request, actor: Actor, status: int) -> None:
    """In the transaction of the work itself where there is one: no change without an entry."""
    values: dict[str, Any] = {
        "actor": str(actor),
        "action": "api.called",
        "object_type": "route",
        "object_id": f"{request.method} {request.url.path}"[:200],
        "outcome": "done" if status < 400 else "failed",
    }
    session = getattr(request.state, "session", None)
    if session is not None and session.is_active:
        record(session, **values)
        return
    with gateways.db.transaction() as own:
        record(own, **values)
