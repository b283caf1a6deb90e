"""The engine's state, kept sealed around every change: twenty versions, and a digest that shows foreign writes."""

import hashlib
import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from controlplane.core.crypto import Place
from controlplane.gateways import Gateways
from controlplane.provisioning.models import StateVersion

if TYPE_CHECKING:
    from controlplane.provisioning.stack import Stack
    from controlplane.provisioning.work import Work

KEPT = 20


def digest(state: dict[str, Any]) -> str:
    """Of what the state says; ciphertexts and the time of saving differ at every save."""
    resources = state.get("deployment", {}).get("resources") or []
    facts = sorted((resource["urn"], resource.get("id", "")) for resource in resources)
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def keep(work: "Work", stack: "Stack", state: dict[str, Any] | None, *, moment: str) -> None:
    if state is None:
        return
    with work.gateways.db.transaction() as session:
        work.lease.settle(session)
        store(session, work.gateways, work.tenant.id, stack.name, state, moment=moment, operation_id=work.operation.id)


def store(
    session: Session,
    gateways: Gateways,
    tenant_id: str,
    stack: str,
    state: dict[str, Any],
    *,
    moment: str,
    operation_id: str = "",
) -> StateVersion:
    newest = select(func.max(col(StateVersion.version))).where(
        StateVersion.tenant_id == tenant_id, StateVersion.stack == stack
    )
    version = (session.exec(newest).one() or 0) + 1
    body = gateways.seal.seal(json.dumps(state), place(tenant_id, stack, version))
    row = StateVersion(
        tenant_id=tenant_id,
        stack=stack,
        version=version,
        operation_id=operation_id,
        moment=moment,
        digest=digest(state),
        resources=len(state.get("deployment", {}).get("resources") or []),
        body=body,
    )
    session.add(row)
    old = delete(StateVersion).where(
        col(StateVersion.tenant_id) == tenant_id,
        col(StateVersion.stack) == stack,
        col(StateVersion.version) <= version - KEPT,
    )
    session.execute(old)
    return row


def latest(session: Session, tenant_id: str, stack: str) -> StateVersion | None:
    query = select(StateVersion).where(StateVersion.tenant_id == tenant_id, StateVersion.stack == stack)
    return session.exec(query.order_by(col(StateVersion.version).desc()).limit(1)).first()


def version_of(session: Session, tenant_id: str, stack: str, version: int) -> StateVersion | None:
    query = select(StateVersion).where(StateVersion.tenant_id == tenant_id, StateVersion.stack == stack)
    return session.exec(query.where(StateVersion.version == version)).first()


def open_state(gateways: Gateways, row: StateVersion) -> dict[str, Any]:
    text = gateways.seal.open_seal(row.body, place(row.tenant_id, row.stack, row.version))
    state: dict[str, Any] = json.loads(text)
    return state


def place(tenant_id: str, stack: str, version: int) -> Place:
    return Place("state_versions", "body", f"{stack}:{version}", tenant_id)
