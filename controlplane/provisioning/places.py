"""Which due operations may start now: best first, as many as there are places, no vendor and no customer flooded.

Paid and waiting comes before everything else. Between customers it goes round: who has much under way or queued waits
behind who has little. Background work never takes the last places, and none while something else waits.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from controlplane.core.queue import SLOW, Wakeup
from controlplane.gateways import Gateways
from controlplane.provisioning.models import PRIORITY, Kind, Operation, Phase
from controlplane.provisioning.service import RUN
from controlplane.settings import Limits
from tenants.models import Tenant

LOOKED_AT = 200  # of those that are due
VENDORS = {"site": ("cloudflare", "resend"), "creator": ("aws", "cloudflare", "resend")}
BACKGROUND = PRIORITY[Kind.DRIFT]


@dataclass
class Busy:
    """What runs now, by tenant, by customer and by vendor."""

    places: int
    per_vendor: dict[str, int]
    running: int = 0
    background: int = 0
    tenants: set[str] = field(default_factory=set)
    customers: Counter[str] = field(default_factory=Counter)
    vendors: Counter[str] = field(default_factory=Counter)

    def add(self, operation: Operation, tenant: Tenant) -> None:
        self.running += 1
        self.background += operation.priority >= BACKGROUND
        self.tenants.add(tenant.id)
        self.customers[tenant.customer_id] += 1
        self.vendors.update(VENDORS.get(tenant.product, ()))

    def has_place_for(self, operation: Operation, tenant: Tenant) -> bool:
        if self.running >= self.places or tenant.id in self.tenants:
            return False
        if operation.priority >= BACKGROUND and self.background >= max(1, self.places // 4):
            return False
        capped = (vendor for vendor in VENDORS.get(tenant.product, ()) if vendor in self.per_vendor)
        return all(self.vendors[vendor] < self.per_vendor[vendor] for vendor in capped)


def take_turns(session: Session) -> None:
    """Until the end of the transaction nobody else counts places."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('operations.places'))"))


def admitted(session: Session, limits: Limits, *, now: datetime) -> list[Operation]:
    busy = _busy(session, limits)
    chosen: list[Operation] = []
    passed_over = False
    for operation, tenant in _by_rank(_due(session, now), busy):
        if operation.priority >= BACKGROUND and passed_over:
            break
        if busy.has_place_for(operation, tenant):
            busy.add(operation, tenant)
            chosen.append(operation)
        else:
            passed_over = passed_over or operation.priority < BACKGROUND
    return chosen


def wake(gateways: Gateways) -> int:
    """Wake what may start; the claim decides."""
    with gateways.db.transaction() as session:
        found = admitted(session, gateways.settings.limits, now=gateways.now())
    gateways.queue.push([Wakeup(RUN, row.id, queue=SLOW, attempt=row.attempt) for row in found])
    return len(found)


def _busy(session: Session, limits: Limits) -> Busy:
    busy = Busy(limits.operations_running, limits.running_per_vendor)
    query = select(Operation, Tenant).join(Tenant, col(Tenant.id) == Operation.tenant_id)
    for operation, tenant in session.exec(query.where(Operation.phase == Phase.RUNNING)).all():
        busy.add(operation, tenant)
    return busy


def _due(session: Session, now: datetime) -> Sequence[Any]:
    """With the number that each has in the queue of its customer."""
    number = func.row_number().over(
        partition_by=(col(Tenant.customer_id), col(Operation.priority)),
        order_by=(col(Operation.next_attempt_at), col(Operation.id)),
    )
    query = (
        select(Operation, Tenant, number.label("number"))
        .join(Tenant, col(Tenant.id) == Operation.tenant_id)
        .where(Operation.phase == Phase.WAITING, col(Operation.next_attempt_at) <= now)
        .order_by(col(Operation.priority), text("number"), col(Operation.next_attempt_at))
        .limit(LOOKED_AT)
    )
    return session.exec(query).all()


def _by_rank(rows: Sequence[Any], busy: Busy) -> list[tuple[Operation, Tenant]]:
    def rank(row: Any) -> tuple[int, int, datetime]:
        operation, tenant, number = row
        return operation.priority, number + busy.customers[tenant.customer_id], operation.next_attempt_at

    return [(operation, tenant) for operation, tenant, _number in sorted(rows, key=rank)]
