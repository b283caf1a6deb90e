"""Comparing every live tenant with the world once a day, spread over the day and behind all paid work."""

from datetime import timedelta

from sqlmodel import col, select

from controlplane.gateways import Gateways
from controlplane.provisioning.models import PRIORITY, Kind, Operation, Phase
from controlplane.provisioning.service import wake
from tenants.lifecycle import SERVING
from tenants.models import Tenant

EVERY = timedelta(days=1)
AHEAD = 100  # looks that wait for a place: a tick each minute fills it up, so that 100,000 tenants have one a day


def sweep(gateways: Gateways) -> None:
    """The tenants whose last look is the longest ago; nothing while somebody who paid waits."""
    now = gateways.now()
    with gateways.db.transaction() as session:
        waiting = select(Operation.id).where(Operation.phase == Phase.WAITING, Operation.kind == Kind.PROVISION)
        for_a_place = col(Operation.next_attempt_at) <= now  # not for an account or a record, which may take days
        if session.exec(waiting.where(for_a_place).limit(1)).first():
            return
        queued = select(Operation.id).where(Operation.phase == Phase.WAITING, Operation.kind == Kind.DRIFT)
        room = AHEAD - len(session.exec(queued.limit(AHEAD)).all())
        query = (
            select(Tenant)
            .where(col(Tenant.state).in_(SERVING), col(Tenant.next_drift_at) <= now)
            .order_by(col(Tenant.next_drift_at))
            .limit(room)
            .with_for_update(skip_locked=True)
        )
        for tenant in session.exec(query).all():
            tenant.next_drift_at = now + EVERY
            operation = Operation(
                tenant_id=tenant.id,
                kind=Kind.DRIFT,
                priority=PRIORITY[Kind.DRIFT],
                cause="schedule",
                requested_by="rule:drift",
                next_attempt_at=now,
            )
            session.add_all([tenant, operation])
            session.flush()
            wake(session, gateways, operation)
