"""What an operator may do by hand to an operation: guarded, and written down."""

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from controlplane.audit.service import record
from controlplane.core.errors import Conflict, Invalid, NotFound
from controlplane.gateways import Gateways
from controlplane.provisioning import outcome
from controlplane.provisioning.models import OPEN_SQL, Kind, Operation, Phase
from controlplane.provisioning.service import request, wake
from tenants.lifecycle import SERVING, State
from tenants.models import Tenant

S = State
# From where a person may ask for what; rules decide by themselves.
STARTS: dict[Kind, frozenset[State]] = {
    Kind.PROVISION: frozenset({S.QUEUED, S.QUEUED_CAPACITY, S.PROVISIONING, S.FAILED}),
    Kind.SUSPEND: SERVING | {S.RESUMING},
    Kind.RESUME: frozenset({S.SUSPENDED, S.RESUMING, S.QUARANTINED, S.RETENTION}),
    Kind.UPDATE: SERVING | {S.SUSPENDED},
    Kind.REFRESH: SERVING | {S.SUSPENDED},
    Kind.RESTORE: SERVING | {S.SUSPENDED},
}


def ask(
    session: Session, gateways: Gateways, tenant: Tenant, kind: Kind, *, cause: str, actor: str, version: int | None
) -> Operation:
    if tenant.state not in STARTS.get(kind, frozenset(State)):
        raise Conflict(f"A tenant that is {tenant.state} cannot be asked to {kind}.", code="wrong_state")
    if (version is None) is (kind is Kind.RESTORE):
        raise Invalid("Restore, and nothing else, needs the version of the state.", code="version")
    wanted: dict[str, Any] = {} if version is None else {"version": version}
    if kind is Kind.DRIFT and (running := _open_look(session, tenant)):
        return running
    operation = request(session, gateways, tenant, kind, cause=cause, actor=actor, wanted=wanted)
    if kind is Kind.DRIFT:
        operation.priority = 1  # a person waits for it
        session.add(operation)
    return operation


def retry(session: Session, gateways: Gateways, operation_id: str, *, actor: str) -> Operation:
    """A parked or waiting operation goes on now; its finished steps stay finished."""
    operation = locked(session, operation_id)
    if operation.phase not in {Phase.PARKED, Phase.WAITING}:
        raise Conflict(f"It is {operation.phase}: only what waits or is parked can be retried.")
    go_on(session, gateways, operation)
    note(session, operation, "operation.retried", actor)
    return operation


def go_on(session: Session, gateways: Gateways, operation: Operation) -> None:
    operation.phase, operation.next_attempt_at = Phase.WAITING, gateways.now()
    operation.crashes = operation.failures = 0
    operation.attempt += 1  # another wake-up than the one that may still be queued
    operation.who = operation.next_action = operation.held_by = ""
    session.add(operation)
    outcome.take_up_again(session, gateways, operation)
    wake(session, gateways, operation)


def cancel(session: Session, gateways: Gateways, operation_id: str, *, actor: str) -> Operation:
    """At once when nobody works on it; else its worker finishes what is in flight and stops."""
    operation = locked(session, operation_id)
    if operation.phase in {Phase.DONE, Phase.CANCELLED}:
        raise Conflict(f"It is already {operation.phase}.")
    operation.cancel_requested = True
    session.add(operation)
    if operation.phase is not Phase.RUNNING:
        _end(session, gateways, operation)
    note(session, operation, "operation.cancelled", actor)
    return operation


def end_cancelled(session: Session, gateways: Gateways) -> int:
    """Those that a rule wants to end and that nobody works on."""
    resting = (Phase.WAITING, Phase.PARKED, Phase.APPROVAL)
    # all that the index of open cancelled ones says, word by word: it is found by nothing less
    query = select(Operation).where(col(Operation.cancel_requested), text(OPEN_SQL), col(Operation.phase).in_(resting))
    found = session.exec(query.with_for_update(skip_locked=True).limit(50)).all()
    for operation in found:
        _end(session, gateways, operation)
    return len(found)


def release_lease(session: Session, gateways: Gateways, operation_id: str, *, actor: str) -> Operation:
    """For a worker whose host is known to be gone. The next attempt begins with recovery."""
    operation = locked(session, operation_id)
    if operation.phase is not Phase.RUNNING:
        raise Conflict("Nobody holds it.")
    if _is_fresh(operation, gateways.now()):
        raise Conflict("Its owner is alive.", next_step="Cancel it instead, or wait until the lease has run out.")
    operation.phase, operation.lease_owner, operation.lease_until = Phase.WAITING, None, None
    operation.crashes += 1
    operation.next_attempt_at = gateways.now()
    session.add(operation)
    wake(session, gateways, operation)
    note(session, operation, "operation.lease_released", actor)
    return operation


def locked(session: Session, operation_id: str) -> Operation:
    operation = session.exec(select(Operation).where(Operation.id == operation_id).with_for_update()).first()
    if operation is None:
        raise NotFound("There is no such operation.")
    return operation


def note(session: Session, operation: Operation, action: str, actor: str, *, reason: str = "") -> None:
    record(
        session,
        actor=actor,
        action=action,
        object_type="operation",
        object_id=operation.id,
        stream="tenant",
        tenant_id=operation.tenant_id,
        reason=reason,
    )


def _end(session: Session, gateways: Gateways, operation: Operation) -> None:
    operation.phase, operation.finished_at = Phase.CANCELLED, gateways.now()
    operation.next_attempt_at = None
    operation.error_class, operation.error = "cancelled", "cancelled before it was done"
    session.add(operation)
    session.flush()
    outcome.show(session, gateways, operation)


def _open_look(session: Session, tenant: Tenant) -> Operation | None:
    looking = (Phase.WAITING, Phase.RUNNING)
    query = select(Operation).where(Operation.tenant_id == tenant.id, Operation.kind == Kind.DRIFT)
    return session.exec(query.where(col(Operation.phase).in_(looking))).first()


def _is_fresh(operation: Operation, now: datetime) -> bool:
    return operation.lease_until is not None and operation.lease_until > now
