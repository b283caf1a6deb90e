"""What an operator may do by hand to an operation or a stack: guarded, and written down."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from controlplane.audit.service import record
from controlplane.core.errors import Conflict, NotFound
from controlplane.gateways import Gateways
from controlplane.provisioning.models import Operation, Phase, StateVersion
from controlplane.provisioning.service import wake


def retry(session: Session, gateways: Gateways, operation_id: str, *, actor: str) -> Operation:
    """A parked or waiting operation goes on now; its finished steps stay finished."""
    operation = _locked(session, operation_id)
    if operation.phase not in {Phase.PARKED, Phase.WAITING}:
        raise Conflict(f"It is {operation.phase}: only what waits or is parked can be retried.")
    operation.phase, operation.next_attempt_at = Phase.WAITING, gateways.now()
    operation.crashes = 0
    operation.attempt += 1  # another wake-up than the one that may still be queued
    session.add(operation)
    wake(session, gateways, operation)
    _note(session, operation, "operation.retried", actor)
    return operation


def cancel(session: Session, gateways: Gateways, operation_id: str, *, actor: str) -> Operation:
    """At once when nobody works on it; else its worker finishes what is in flight and stops."""
    operation = _locked(session, operation_id)
    if operation.phase in {Phase.DONE, Phase.CANCELLED}:
        raise Conflict(f"It is already {operation.phase}.")
    operation.cancel_requested = True
    if operation.phase is not Phase.RUNNING:
        operation.phase, operation.finished_at = Phase.CANCELLED, gateways.now()
        operation.next_attempt_at = None
    session.add(operation)
    _note(session, operation, "operation.cancelled", actor)
    return operation


def release_lease(session: Session, gateways: Gateways, operation_id: str, *, actor: str) -> Operation:
    """For a worker whose host is known to be gone. The next attempt begins with recovery."""
    operation = _locked(session, operation_id)
    if operation.phase is not Phase.RUNNING:
        raise Conflict("Nobody holds it.")
    if _is_fresh(operation, gateways.now()):
        raise Conflict("Its owner is alive.", next_step="Cancel it instead, or wait until the lease has run out.")
    operation.phase, operation.lease_owner, operation.lease_until = Phase.WAITING, None, None
    operation.crashes += 1
    operation.next_attempt_at = gateways.now()
    session.add(operation)
    wake(session, gateways, operation)
    _note(session, operation, "operation.lease_released", actor)
    return operation


def states(session: Session, tenant_id: str) -> list[dict[str, Any]]:
    query = select(StateVersion).where(StateVersion.tenant_id == tenant_id).order_by(col(StateVersion.id).desc())
    names = ("version", "stack", "moment", "resources", "digest", "operation_id", "created_at")
    return [{name: getattr(row, name) for name in names} for row in session.exec(query).all()]


def _is_fresh(operation: Operation, now: datetime) -> bool:
    return operation.lease_until is not None and operation.lease_until > now


def _locked(session: Session, operation_id: str) -> Operation:
    operation = session.exec(select(Operation).where(Operation.id == operation_id).with_for_update()).first()
    if operation is None:
        raise NotFound("There is no such operation.")
    return operation


def _note(session: Session, operation: Operation, action: str, actor: str) -> None:
    record(
        session,
        actor=actor,
        action=action,
        object_type="operation",
        object_id=operation.id,
        stream="tenant",
        tenant_id=operation.tenant_id,
    )
