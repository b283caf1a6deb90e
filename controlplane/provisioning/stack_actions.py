"""What an operator sees of a stack and may decide about it: lease, lock, interrupted creates, kept states."""

from typing import Any

from sqlmodel import Session, col, select

from controlplane.core.errors import Conflict
from controlplane.gateways import Gateways
from controlplane.provisioning import actions
from controlplane.provisioning.models import Kind, Operation, Phase, StateVersion, Step
from controlplane.provisioning.service import open_operation, request
from tenants.models import Tenant

LEASE = (
    "id", "kind", "phase", "lease_until", "heartbeat_at", "fence", "attempt", "crashes", "failures", "error", "who",
    "next_action",
)  # fmt: skip
DECIDABLE = (Phase.PARKED, Phase.WAITING)


def states(session: Session, tenant_id: str) -> list[dict[str, Any]]:
    query = select(StateVersion).where(StateVersion.tenant_id == tenant_id).order_by(col(StateVersion.id).desc())
    names = ("version", "stack", "moment", "resources", "digest", "operation_id", "created_at")
    return [{name: getattr(row, name) for name in names} for row in session.exec(query).all()]


def show(session: Session, tenant: Tenant) -> dict[str, Any]:
    """The lease as it is now; the rest as the last look found it (`drift` looks again)."""
    return {
        "lease": _lease(open_operation(session, tenant.id)),
        "seen": _last_look(session, tenant.id),
        "versions": states(session, tenant.id),
    }


def decide_pending(
    session: Session, gateways: Gateways, tenant: Tenant, *, urn: str, found: str | None, actor: str, reason: str
) -> Operation:
    """A person looked at the vendor: the interrupted create made this object, or nothing. The recovery that comes next
    puts it into the state, or forgets it; the operation that stood still goes on."""
    running = open_operation(session, tenant.id)
    if running is None:
        running = request(session, gateways, tenant, Kind.REFRESH, cause=reason, actor=actor)
    operation = actions.locked(session, running.id)
    if operation.phase not in DECIDABLE:
        raise Conflict(f"Operation {operation.id} is {operation.phase}.", operation_id=operation.id)
    decided = {**operation.wanted.get("pending", {}), urn: found or ""}
    operation.wanted = {**operation.wanted, "pending": decided}
    actions.go_on(session, gateways, operation)
    verb = "imported" if found else "cleared"
    actions.note(session, operation, f"pending.{verb}", actor, reason=f"{urn} {found or ''}: {reason}".strip())
    return operation


def _lease(operation: Operation | None) -> dict[str, Any] | None:
    if operation is None:
        return None
    owner = _process(operation)
    return {**{name: getattr(operation, name) for name in LEASE}, "owner": owner, "held": owner is not None}


def _process(operation: Operation) -> str | None:
    """Host and process, for whoever wants to look there; the rest of the owner's name is nobody's business."""
    return operation.lease_owner.rsplit(":", 1)[0] if operation.lease_owner else None


def _last_look(session: Session, tenant_id: str) -> dict[str, Any] | None:
    query = (
        select(Step)
        .join(Operation, col(Operation.id) == Step.operation_id)
        .where(Operation.tenant_id == tenant_id, Operation.kind == Kind.DRIFT, Step.name == "look")
        .where(col(Step.finished_at).is_not(None))
        .order_by(col(Step.id).desc())
    )
    step = session.exec(query.limit(1)).first()
    return {"at": step.finished_at, **(step.result or {})} if step else None
