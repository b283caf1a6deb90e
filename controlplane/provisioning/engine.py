"""Engine actions of a step: recover first if the last run ended badly, keep the state around every change."""

import json
import shutil
from datetime import timedelta
from functools import cache
from typing import Any

import structlog

from controlplane.core.clock import Deadline
from controlplane.core.errors import NeedsPerson, Refused, TryLater
from controlplane.core.log import scrub
from controlplane.provisioning import approvals, recovery, runner, states
from controlplane.provisioning.models import OperationEvent
from controlplane.provisioning.stack import Stack, job
from controlplane.provisioning.work import Stopped, Work
from controlplane.settings import Pulumi as PulumiSettings

log = structlog.get_logger(__name__)

BATCH, PROMPT = 50, 1.0  # lines together, and seconds that one of them waits: people watch


Answer = dict[str, Any]


@cache
def nursery(root: str) -> runner.Nursery:
    """One fork server for each engine, as long as this process lives."""
    return runner.Nursery(root)


def up(work: Work, stack: Stack) -> Answer:
    if recovery.require_clean(work, stack, act):
        _review(work, stack)
    with work.gateways.db.transaction() as session:
        unseen = states.latest(session, work.tenant.id, stack.name) is None
    first = unseen and work.operation.attempt == 1  # nothing to export, nothing that could be left over
    answer = _change(work, stack, "up", options={"first": first})
    states.keep(work, stack, answer.get("state"), moment="after")
    return answer


def refresh(work: Work, stack: Stack) -> Answer:
    recovery.require_clean(work, stack, act)
    answer = _change(work, stack, "refresh")
    states.keep(work, stack, answer.get("state"), moment="after")
    return answer


def preview(work: Work, stack: Stack) -> list[dict[str, Any]]:
    """What an `up` would do: one entry for each resource that changes."""
    seen: list[dict[str, Any]] = []
    act(work, stack, "preview", note=seen.append)
    return [entry for entry in seen if entry["kind"] == "resource_pre_event" and entry["op"] not in {"same", "read"}]


def destroy(work: Work, stack: Stack) -> Answer:
    recovery.require_clean(work, stack, act)
    answer = _change(work, stack, "destroy")
    states.keep(work, stack, answer.get("state"), moment="after")
    act(work, stack, "forget")
    return answer


def locks(work: Work, stack: Stack) -> list[str] | None:
    """Who holds the engine's own lock; None where the backend cannot be asked."""
    found: list[str] | None = act(work, stack, "locks")["outputs"]["locks"]
    return found


def _change(work: Work, stack: Stack, action: str, *, options: dict[str, Any] | None = None) -> Answer:
    """A state that somebody else left unfinished is recovered first, whatever our rows say about the last run."""
    try:
        return act(work, stack, action, options=options)
    except Unfinished:
        recovery.recover(work, stack, act)
        if action == "up":
            _review(work, stack)
        return act(work, stack, action, options=options)


def _review(work: Work, stack: Stack) -> None:
    """What will happen now is looked at as if it were asked for now, once nothing of it has happened already."""
    planned = preview(work, stack)
    while recovery.take_in(work, stack, act, planned):
        planned = preview(work, stack)
    approvals.require(work, planned, stack)


def act(
    work: Work, stack: Stack, action: str, *, options: dict[str, Any] | None = None, note: Any = None, state: Any = None
) -> Answer:
    """One action in a child process of its own."""
    work.lease.require()
    told = job(
        _settings(work),
        stack,
        action,
        operation_id=work.operation.id,
        folder=f"{work.operation.id}-{work.operation.fence}",
        options=options or {},
        state=state,
    )
    events = _Events(work, stack, note)
    try:
        answer = runner.run(
            nursery(str(_settings(work).root or "")),
            told,
            on_event=events.add,
            on_silence=events.flush,
            should_stop=work.should_stop,
        )
    finally:
        events.flush()
        shutil.rmtree(told.work_dir, ignore_errors=True)
    if not answer["ok"]:
        _raise(work, answer)
    return answer


def _settings(work: Work) -> PulumiSettings:
    return work.gateways.settings.pulumi


def _raise(work: Work, answer: Answer) -> None:
    kind, text = answer["error_class"], scrub(answer.get("error", ""))
    if work.should_stop() and kind in {"stopped", "failed"}:
        raise Stopped(text)
    if kind == "locked":
        raise TryLater(f"{recovery.LOCKED}: {text}", after=timedelta(seconds=2))
    if kind == "pending":
        raise Unfinished(text)
    if kind == "release":
        raise Refused(f"another release is installed than the operation names: {text}")
    if kind == "program":
        raise NeedsPerson(text, next_action="mend the program or the spec, then retry")
    raise EngineFailed(text)


class Unfinished(Exception):
    """The state has pending operations: nothing was changed."""


class EngineFailed(Exception):
    """The engine could not do all of it; what it did is in its state. Worth another attempt."""


class _Events:
    """Stored in batches; what the engine says is text from outside."""

    def __init__(self, work: Work, stack: Stack, note: Any) -> None:
        self._work, self._stack, self._note = work, stack, note
        self._pending: list[OperationEvent] = []
        self._sequence = 0
        self._due = Deadline(PROMPT)

    def add(self, event: dict[str, Any]) -> None:
        if event["kind"] == "state":
            states.keep(self._work, self._stack, event["state"], moment="before")
            return
        if self._note:
            self._note(event)
        self._sequence += 1
        self._due = self._due if self._pending else Deadline(PROMPT)
        self._pending.append(
            OperationEvent(
                operation_id=self._work.operation.id,
                sequence=self._work.operation.fence * 100_000 + self._sequence,
                step=self._work.step,
                kind=event["kind"],
                urn=event.get("urn", "")[:500],
                op=event.get("op", ""),
                text=scrub(event.get("text", ""))[:4096],
            )
        )
        if len(self._pending) >= BATCH or self._due.passed:
            self.flush()

    def flush(self) -> None:
        if not self._pending:
            return
        with self._work.gateways.db.transaction() as session:
            session.add_all(self._pending)
        self._publish()
        self._pending = []

    def _publish(self) -> None:
        lines = [{"step": row.step, "kind": row.kind, "urn": row.urn, "op": row.op} for row in self._pending]
        self._work.gateways.queue.publish(f"operation:{self._work.operation.id}", json.dumps(lines))
