"""What the end of an operation means for its tenant, in the words that people read."""

from datetime import datetime, timedelta

from sqlmodel import Session

from controlplane.audit.service import SYSTEM, record, tenant_recorder
from controlplane.core.errors import Outcome
from controlplane.gateways import Gateways
from controlplane.provisioning.models import Kind, Operation, Phase
from controlplane.provisioning.work import Work
from tenants import service as tenants
from tenants.conditions import OK, Concern, Finding, Health, Who
from tenants.lifecycle import State
from tenants.models import Tenant

# Where a finished operation leaves its tenant.
ARRIVES = {
    Kind.PROVISION: State.ACTIVE,
    Kind.SUSPEND: State.SUSPENDED,
    Kind.RESUME: State.ACTIVE,
    Kind.OFFBOARD: State.DEPROVISIONED,
}


LOOKED = frozenset({Kind.PROVISION, Kind.REFRESH, Kind.RESTORE, Kind.OFFBOARD})  # these read the world


class NeedsApproval(Outcome):
    """The plan replaces or deletes something stateful: a person must agree."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def finish(work: Work) -> None:
    with work.gateways.db.transaction() as session:
        operation = work.lease.settle(session)
        operation.phase, operation.finished_at = Phase.DONE, work.now
        operation.lease_owner = operation.lease_until = operation.next_attempt_at = None
        operation.error_class = operation.error = operation.who = operation.next_action = ""
        session.add(operation)
        tenant = tenants.locked(session, work.tenant.id)
        assert tenant is not None
        _arrive(session, work, tenant)
        record(
            session,
            actor=SYSTEM,
            action=f"operation.finished.{operation.kind}",
            object_type="operation",
            object_id=operation.id,
            stream="tenant",
            tenant_id=tenant.id,
        )


def _arrive(session: Session, work: Work, tenant: Tenant) -> None:
    if work.kind in LOOKED or (work.kind is not Kind.DRIFT and not _is_drifted(session, tenant)):
        tenants.set_condition(session, tenant, Concern.CLOUD, OK, now=work.now)
    target = ARRIVES.get(work.kind)
    if target is None:
        return
    recorder = tenant_recorder(session)
    tenants.move(session, tenant, target, reason=f"{work.kind} finished", now=work.now, record=recorder)


def _is_drifted(session: Session, tenant: Tenant) -> bool:
    """Known until somebody has read the world again: an update compares with the state only."""
    row = tenants.conditions(session, tenant.id).get(Concern.CLOUD)
    return row is not None and row.reason == "drifted"


def show(session: Session, gateways: Gateways, operation: Operation) -> None:
    """An operation that waits or stands still shows as a condition of the tenant's cloud."""
    tenant = tenants.locked(session, operation.tenant_id)
    now = gateways.now()
    if tenant is None or operation.kind is Kind.DRIFT:
        if tenant and operation.phase is Phase.CANCELLED:
            _show_unknown(session, tenant, operation, now=now)
        return
    finding = _finding(operation)
    tenants.set_condition(
        session, tenant, Concern.CLOUD, finding, now=now, expected_by=operation.next_attempt_at or tenant.promised_at
    )
    failed = operation.phase is Phase.PARKED and operation.kind is Kind.PROVISION
    if failed and tenant.state in {State.QUEUED, State.QUEUED_CAPACITY, State.PROVISIONING}:
        recorder = tenant_recorder(session)
        tenants.move(session, tenant, State.FAILED, reason=operation.error_class, now=now, record=recorder)


def take_up_again(session: Session, gateways: Gateways, operation: Operation) -> None:
    """A tenant that failed is being provisioned again: from `failed` it could not arrive."""
    tenant = tenants.locked(session, operation.tenant_id)
    if tenant is None or operation.kind is not Kind.PROVISION or tenant.state is not State.FAILED:
        return
    recorder = tenant_recorder(session)
    tenants.move(session, tenant, State.PROVISIONING, reason="retried", now=gateways.now(), record=recorder)


def _show_unknown(session: Session, tenant: Tenant, operation: Operation, *, now: datetime) -> None:
    """Could not be asked: not drifted, and not known to be right either. A worse finding stays."""
    row = tenants.conditions(session, tenant.id).get(Concern.CLOUD)
    if row is None or row.health in {Health.OK, Health.UNKNOWN}:
        unknown = Finding(Health.UNKNOWN, "drift_unknown", operation.error[:500], "", Who.US)
        tenants.set_condition(session, tenant, Concern.CLOUD, unknown, now=now)


def _finding(operation: Operation) -> Finding:
    phase = Phase(operation.phase)
    if phase is Phase.PARKED:
        blocked = Health.BLOCKED if operation.kind in {Kind.PROVISION, Kind.RESUME} else Health.ATTENTION
        who = Who(operation.who) if operation.who in set(Who) else Who.OPERATOR
        return Finding(blocked, operation.error_class, operation.error, operation.next_action, who)
    if phase is Phase.APPROVAL:
        return Finding(Health.ATTENTION, "approval", operation.error, "approve_or_refuse", Who.OPERATOR)
    if phase is Phase.CANCELLED:
        return Finding(Health.ATTENTION, "cancelled", operation.error, "request_again", Who.OPERATOR)
    return Finding(Health.WORKING, operation.error_class or operation.kind, operation.error, "", Who.US)


APPROVAL_LIFE = timedelta(hours=72)
