"""Asking for operations. Whoever asks commits; the worker is woken afterwards."""

from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from controlplane.audit.service import SYSTEM, record
from controlplane.core.errors import Conflict
from controlplane.core.queue import SLOW, Wakeup
from controlplane.core.telemetry import carrier
from controlplane.gateways import Gateways
from controlplane.provisioning.models import MUTATING, OPEN, PRIORITY, Kind, Operation
from tenants.lifecycle import TERMINAL
from tenants.models import Tenant

RUN = "operation.run"


def request(
    session: Session,
    gateways: Gateways,
    tenant: Tenant,
    kind: Kind,
    *,
    cause: str,
    actor: str = SYSTEM,
    wanted: dict[str, Any] | None = None,
    priority: int | None = None,
) -> Operation:
    """A new operation, or `Conflict` with the id of the one that is open."""
    if tenant.state in TERMINAL:
        raise Conflict(f"The tenant is {tenant.state}: nothing is left to work on.", code="tenant_gone")
    operation = Operation(
        tenant_id=tenant.id,
        kind=kind,
        priority=PRIORITY.get(kind, 5) if priority is None else priority,
        cause=cause,
        requested_by=actor,
        wanted=wanted or {},
        release=tenant.desired_release,
        next_attempt_at=gateways.now(),
        correlation=carrier(),
    )
    try:
        with session.begin_nested():
            session.add(operation)
            session.flush()
    except IntegrityError as error:
        running = open_operation(session, tenant.id)
        raise Conflict(
            f"Operation {running.id if running else '?'} ({running.kind if running else '?'}) is not finished.",
            code="operation_open",
            next_step="Wait for it, or cancel it.",
            operation_id=running.id if running else None,
        ) from error
    _note(session, operation, actor)
    wake(session, gateways, operation)
    return operation


def wake(session: Session, gateways: Gateways, operation: Operation) -> None:
    gateways.queue.defer(session, Wakeup(RUN, operation.id, queue=SLOW, attempt=operation.attempt))


def open_operation(session: Session, tenant_id: str) -> Operation | None:
    query = select(Operation).where(
        Operation.tenant_id == tenant_id,
        col(Operation.kind).in_(MUTATING),
        Operation.phase.in_(OPEN),  # type: ignore[attr-defined]
    )
    return session.exec(query).first()


def _note(session: Session, operation: Operation, actor: str) -> None:
    record(
        session,
        actor=actor,
        action=f"operation.requested.{operation.kind}",
        object_type="operation",
        object_id=operation.id,
        stream="tenant",
        tenant_id=operation.tenant_id,
        reason=operation.cause,
    )
