"""Who may work on an operation now: claimed, renewed while the work goes on, lost when somebody else took over."""

import os
import socket
import threading
from datetime import timedelta

import structlog
from sqlalchemy import update
from sqlmodel import Session, col, select

from controlplane.core.clock import Deadline
from controlplane.core.errors import ProductError
from controlplane.core.ids import new_id
from controlplane.gateways import Gateways
from controlplane.provisioning import places
from controlplane.provisioning.models import Operation, Phase

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=30)
RENEWAL = 8.0
HOST = f"{socket.gethostname()}:{os.getpid()}"
CRASHES = 3


class LeaseLost(ProductError):
    """Somebody else owns this operation now. Stop, and write nothing."""


def claim(gateways: Gateways, operation_id: str) -> Operation | None:
    """This operation, ours from now on; None when it is not due, held by another, or others come first.

    Who is turned away is woken again when a place gets free, and by the sweep.
    """
    now = gateways.now()
    with gateways.db.transaction() as session:
        places.take_turns(session)
        query = select(Operation).where(Operation.id == operation_id, Operation.phase == Phase.WAITING)
        operation = session.exec(query.with_for_update(skip_locked=True)).first()
        if operation is None or (operation.next_attempt_at and operation.next_attempt_at > now):
            return None
        if operation.id not in {row.id for row in places.admitted(session, gateways.settings.limits, now=now)}:
            return None
        operation.phase = Phase.RUNNING
        operation.lease_owner, operation.lease_until = f"{HOST}:{new_id()}", now + LEASE
        operation.fence += 1
        operation.attempt += 1
        operation.heartbeat_at, operation.started_at = now, operation.started_at or now
        session.add(operation)
    return operation


class Lease:
    """Renews itself in a thread. Time is counted by a clock that also runs while the machine sleeps."""

    def __init__(self, gateways: Gateways, operation: Operation) -> None:
        self._gateways = gateways
        self.operation_id, self.fence = operation.id, operation.fence
        self._held = Deadline(LEASE.total_seconds())
        self._ended = threading.Event()
        self.cancelled = operation.cancel_requested
        self._thread = threading.Thread(target=self._keep, name=f"lease-{operation.id}", daemon=True)

    def __enter__(self) -> "Lease":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def lost(self) -> bool:
        return self._held.passed

    def require(self, margin: float = 3.0) -> None:
        """Before each outside effect: enough time must be left to be sure that it is still ours."""
        if self._held.left < margin:
            raise LeaseLost(f"the lease of {self.operation_id} has run out")

    def settle(self, session: Session) -> Operation:
        """The row, locked, if it is still ours; a settle with an old fence changes nothing."""
        query = select(Operation).where(Operation.id == self.operation_id).with_for_update()
        operation = session.exec(query).one()
        if operation.fence != self.fence or operation.phase != Phase.RUNNING:
            raise LeaseLost(f"{self.operation_id} was taken over")
        return operation

    def _keep(self) -> None:
        while not self._ended.wait(RENEWAL):
            try:
                self._renew()
            except LeaseLost:
                log.warning("lease.lost", operation=self.operation_id)
                self._held = Deadline(0)
                return
            except Exception as error:  # the database may be back before the lease ends
                log.warning("lease.not_renewed", operation=self.operation_id, error=type(error).__name__)

    def _renew(self) -> None:
        fresh = Deadline(LEASE.total_seconds())
        now = self._gateways.now()
        with self._gateways.db.transaction() as session:
            row = session.execute(
                update(Operation)
                .where(col(Operation.id) == self.operation_id, col(Operation.fence) == self.fence)
                .where(col(Operation.phase) == Phase.RUNNING)
                .values(lease_until=now + LEASE, heartbeat_at=now)
                .returning(col(Operation.cancel_requested))
            ).first()
        if row is None:
            raise LeaseLost(self.operation_id)
        self._held = fresh
        self.cancelled = bool(row[0])


def take_back(session: Session, gateways: Gateways) -> list[Operation]:
    """Operations whose owner is gone: due again at once, or parked when they keep killing their worker."""
    now = gateways.now()
    query = select(Operation).where(Operation.phase == Phase.RUNNING, col(Operation.lease_until) < now)
    found = list(session.exec(query.with_for_update(skip_locked=True).limit(50)).all())
    for operation in found:
        operation.crashes += 1
        operation.lease_owner = operation.lease_until = None
        operation.phase, operation.next_attempt_at = Phase.WAITING, now
        operation.error_class, operation.error = "crashed", "the worker that did this is gone"
        if operation.crashes > CRASHES:
            operation.phase, operation.who = Phase.PARKED, "operator"
            operation.error_class, operation.next_action = "crash_loop", "read the log, then retry"
        session.add(operation)
    return found
