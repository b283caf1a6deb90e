"""How far a tenant is, for those who wait: its status, the steps, and whose turn it is."""

from typing import Any

from sqlmodel import Session, col, select

from controlplane.gateways import Gateways
from controlplane.provisioning.models import Operation, Step
from controlplane.provisioning.plans import known_steps
from tenants import service as tenants
from tenants.models import Tenant


def of_tenant(session: Session, gateways: Gateways, tenant_id: str) -> dict[str, Any]:
    tenant = session.get_one(Tenant, tenant_id)
    status = tenants.status_of(session, tenant)
    conditions = tenants.conditions(session, tenant_id)
    return {
        "id": tenant.id,
        "state": tenant.state,
        "health": status.health,
        "reason": status.finding.reason,
        "next_action": status.finding.next_action,
        "who": status.finding.who,
        "url": tenant.facts.get("url"),
        "promised_at": tenant.promised_at,
        "live_at": tenant.live_at,
        "late": bool(tenant.promised_at and not tenant.live_at and tenant.promised_at < gateways.now()),
        "conditions": {
            concern: {
                "health": row.health,
                "reason": row.reason,
                "next_action": row.next_action,
                "who": row.who,
                "since": row.since,
                "expected_by": row.expected_by,
            }
            for concern, row in conditions.items()
        },
        "operation": newest(session, tenant),
    }


def newest(session: Session, tenant: Tenant) -> dict[str, Any] | None:
    query = select(Operation).where(Operation.tenant_id == tenant.id, Operation.kind != "drift")
    operation = session.exec(query.order_by(col(Operation.id).desc()).limit(1)).first()
    return show(session, operation, tenant) if operation else None


def show(session: Session, operation: Operation, tenant: Tenant) -> dict[str, Any]:
    rows = session.exec(select(Step).where(Step.operation_id == operation.id)).all()
    found = {row.name: row for row in rows}
    return {
        "id": operation.id,
        "kind": operation.kind,
        "phase": operation.phase,
        "attempt": operation.attempt,
        "steps": [
            _step(plan.name, found.get(plan.name))
            for plan in known_steps(tenant.product, operation.kind, operation.wanted)
        ],
    }


def _step(name: str, row: Step | None) -> dict[str, Any]:
    state = "waiting" if row is None else "done" if row.finished_at else "running"
    return {"name": name, "state": state, "seconds": row.seconds if row else None}
