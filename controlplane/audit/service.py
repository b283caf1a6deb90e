"""Writing the trail: in the same transaction as the change, so that there is no change without an entry."""

from collections.abc import Callable
from typing import Any

from sqlmodel import Session

from controlplane.audit.models import AuditEntry
from controlplane.core.log import scrub
from controlplane.core.telemetry import correlation
from tenants.service import Change

SYSTEM = "worker:controlplane"


def record(
    session: Session,
    *,
    actor: str,
    action: str,
    object_type: str,
    object_id: str,
    stream: str = "system",
    tenant_id: str = "",
    outcome: str = "done",
    reason: str = "",
    changes: dict[str, Any] | None = None,
) -> AuditEntry:
    entry = AuditEntry(
        stream=stream,
        actor=actor,
        action=action,
        object_type=object_type,
        object_id=object_id,
        tenant_id=tenant_id,
        request_id=correlation.get(),
        outcome=outcome,
        reason=scrub(reason)[:500],
        changes=changes or {},
    )
    session.add(entry)
    return entry


def tenant_recorder(session: Session, *, actor: str = SYSTEM) -> Callable[[Change], None]:
    """What the tenant rules call for each lifecycle move."""

    def note(change: Change) -> None:
        record(
            session,
            actor=actor,
            action="tenant.moved",
            object_type="tenant",
            object_id=change.tenant_id,
            stream="tenant",
            tenant_id=change.tenant_id,
            reason=change.reason,
            changes={"state": [change.before, change.after]},
        )

    return note
