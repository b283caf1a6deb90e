"""Carrying out one operation: step after step, each result stored before the next begins."""

import random
import threading
import time
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlmodel import Session, select

from controlplane.core.errors import Conflict, NeedsPerson, Problem, Refused, TryLater
from controlplane.core.log import scrub
from controlplane.core.telemetry import continued
from controlplane.gateways import Gateways
from controlplane.provisioning import lease as leases
from controlplane.provisioning import outcome, places
from controlplane.provisioning.lease import Lease, LeaseLost
from controlplane.provisioning.models import Kind, Operation, Phase, Step
from controlplane.provisioning.plans import steps_of
from controlplane.provisioning.runner import Crashed
from controlplane.provisioning.work import Cancelled, Facts, StepPlan, Stopped, Work
from tenants.models import Tenant

log = structlog.get_logger(__name__)

FAILURES = (
    8  # unforeseen errors in one step, with back-off between 5 s and 15 min: about an hour until a person is called
)
LOOKS = 3  # of a check for drift
stopping = threading.Event()  # this worker is to end: hand over instead of going on


def run(gateways: Gateways, operation_id: str) -> None:
    operation = None if stopping.is_set() else leases.claim(gateways, operation_id)
    if operation is None:
        return
    try:
        _run(gateways, operation)
    finally:
        places.wake(gateways)  # there is a place for the next one


def _run(gateways: Gateways, operation: Operation) -> None:
    with continued(f"operation.{operation.kind}", operation.correlation), Lease(gateways, operation) as lease:
        try:
            work = _work(gateways, operation, lease)
            _go_through(work)
            outcome.finish(work)
        except LeaseLost as error:
            log.warning("operation.lost", operation=operation.id, error=str(error))
        except Exception as error:
            _end(gateways, lease, operation, error)


def _work(gateways: Gateways, operation: Operation, lease: Lease) -> Work:
    with gateways.db.transaction() as session:
        tenant = session.get_one(Tenant, operation.tenant_id)
        done = {step.name: step.result or {} for step in _finished(session, operation.id)}
    should_stop = lambda: stopping.is_set() or lease.lost or lease.cancelled  # noqa: E731
    return Work(gateways, operation, tenant, lease, results=done, should_stop=should_stop)


def _finished(session: Session, operation_id: str) -> list[Step]:
    query = select(Step).where(Step.operation_id == operation_id).order_by(Step.position)  # type: ignore[arg-type]
    return [step for step in session.exec(query).all() if step.finished_at]


def _go_through(work: Work) -> None:
    for position, plan in enumerate(steps_of(work.tenant.product, work.kind, work.operation.wanted)):
        if plan.name in work.results:
            continue
        if work.lease.cancelled:
            raise Cancelled
        if work.should_stop():
            raise Stopped
        work.lease.require()
        _take(work, position, plan)


def _take(work: Work, position: int, plan: StepPlan) -> None:
    work.step = plan.name
    _begin(work, position, plan)
    started = time.monotonic()
    log.info("step.started", operation=work.operation.id, step=plan.name)
    facts = plan.run(work) or {}
    _settle(work, plan, facts, time.monotonic() - started)
    work.results[plan.name] = facts
    log.info("step.done", operation=work.operation.id, step=plan.name, seconds=round(time.monotonic() - started, 2))


def _begin(work: Work, position: int, plan: StepPlan) -> None:
    with work.gateways.db.transaction() as session:
        work.lease.settle(session)
        step = _row(session, work.operation.id, plan.name)
        if step is None:
            step = Step(operation_id=work.operation.id, position=position, name=plan.name)
        step.attempts += 1
        step.started_at, step.error = work.now, ""
        session.add(step)


def _settle(work: Work, plan: StepPlan, facts: Facts, seconds: float) -> None:
    with work.gateways.db.transaction() as session:
        operation = work.lease.settle(session)
        operation.crashes = operation.failures = 0  # it gets on
        session.add(operation)
        step = _row(session, work.operation.id, plan.name)
        assert step is not None
        step.result, step.finished_at, step.seconds = facts, work.now, round(seconds, 3)
        step.memory_mb = float(facts.get("memory_mb", 0.0))
        session.add(step)


def _row(session: Session, operation_id: str, name: str) -> Step | None:
    return session.exec(select(Step).where(Step.operation_id == operation_id, Step.name == name)).first()


def _end(gateways: Gateways, lease: Lease, operation: Operation, error: Exception) -> None:
    """The operation did not get through: write down why, and who or what goes on when."""
    if isinstance(error, Stopped) and lease.cancelled:
        error = Cancelled()
    try:
        with gateways.db.transaction() as session:
            row = lease.settle(session)
            _write_down(row, _decide(row, error), now=gateways.now())
            session.add(row)
            _note_on_step(session, row)
            outcome.show(session, gateways, row)
    except LeaseLost:
        log.warning("operation.lost", operation=operation.id)
        return
    if row.phase is Phase.PARKED or not isinstance(error, (TryLater, Stopped, Cancelled)):
        log.error("operation.stopped", operation=operation.id, kind=operation.kind, exc_info=error)


def _write_down(row: Operation, change: dict[str, Any], *, now: datetime) -> None:
    wait = change.pop("wait", timedelta())
    for name, value in change.items():
        setattr(row, name, value)
    row.lease_owner = row.lease_until = None
    if row.phase is Phase.WAITING:
        row.next_attempt_at = now + wait
    if row.phase is Phase.CANCELLED:
        row.finished_at, row.next_attempt_at = now, None


def _note_on_step(session: Session, operation: Operation) -> None:
    query = select(Step).where(Step.operation_id == operation.id, Step.finished_at == None)  # noqa: E711
    for step in session.exec(query).all():
        step.error = operation.error
        session.add(step)


def _decide(operation: Operation, error: Exception) -> dict[str, Any]:
    text = scrub(str(error))[:2000]
    if isinstance(error, Stopped):
        return {"phase": Phase.WAITING, "wait": timedelta(), "error_class": "handed_over", "error": ""}
    if isinstance(error, Cancelled):
        return {"phase": Phase.CANCELLED, "error_class": "cancelled", "error": "cancelled by a person"}
    if isinstance(error, TryLater):
        return {"phase": Phase.WAITING, "wait": error.after, "error_class": "waiting", "error": text}
    if isinstance(error, outcome.NeedsApproval):
        return {"phase": Phase.APPROVAL, "error_class": "approval", "error": text, "who": "operator"}
    if isinstance(error, NeedsPerson):
        return _parked("needs_person", text, error.who, error.next_action)
    if isinstance(error, (Refused, Conflict, Problem)):
        return _parked("refused", text, "operator", "correct the cause, then retry")
    return _unforeseen(operation, "crashed" if isinstance(error, Crashed) else type(error).__name__, text)


def _unforeseen(operation: Operation, name: str, text: str) -> dict[str, Any]:
    failures = operation.failures + 1
    again = {"phase": Phase.WAITING, "wait": _backoff(failures), "error_class": name, "error": text}
    if failures >= FAILURES:
        again = _parked(name, text, "operator", "read the log, then retry")
    elif operation.kind is Kind.DRIFT and failures >= LOOKS:
        again |= {"phase": Phase.CANCELLED}  # not knowing is not a reason to call somebody: tomorrow it looks again
    return {**again, "failures": failures}


def _parked(error_class: str, text: str, who: str, next_action: str) -> dict[str, Any]:
    return {
        "phase": Phase.PARKED,
        "error_class": error_class,
        "error": text,
        "who": who,
        "next_action": next_action,
    }


def _backoff(failures: int) -> timedelta:
    return timedelta(seconds=min(900.0, 5.0 * 2.0 ** (failures - 1)) * random.uniform(0.7, 1.3))  # noqa: S311
