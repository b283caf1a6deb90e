"""Writing the trail: in the same transaction as the change, so that there is no change without an entry."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from opentelemetry import trace
from sqlmodel import Session

from controlplane.audit import chain  # noqa: F401 -- it adds the MAC to each entry
from controlplane.audit.models import AuditEntry
from controlplane.core.ids import new_id
from controlplane.core.log import scrub
from controlplane.core.telemetry import correlation
from tenants.service import Change

SYSTEM = "worker:controlplane"
# Only these show their values; of every other field the trail says that it changed.
SHOWN = frozenset(
    "state role roles scopes disabled selection quote plan release kind phase decision amount currency status outcome"
    " frozen mode version product slug host locale interval count revealed primary".split()
)
CHANGED = "changed"


@dataclass(frozen=True)
class Acting:
    """What the way in knows about the request, for every entry made on the way."""

    address: str = ""
    factors: tuple[str, ...] = ()


acting: ContextVar[Acting] = ContextVar("acting", default=Acting())  # noqa: B039 -- frozen


def record(
    session: Session,
    *,
    actor: str,
    action: str,
    object_type: str,
    object_id: str,
    stream: str = "system",
    tenant_id: str = "",
    customer_id: str = "",
    operation_id: str = "",
    on_behalf: str = "",
    outcome: str = "done",
    reason: str = "",
    changes: dict[str, Any] | None = None,
    address: str | None = None,
) -> AuditEntry:
    now = acting.get()
    entry = AuditEntry(
        id=new_id(),
        stream=stream,
        actor=actor,
        factors=",".join(now.factors),
        on_behalf=on_behalf,
        action=action,
        object_type=object_type,
        object_id=scrub(object_id)[:200],
        tenant_id=tenant_id,
        customer_id=customer_id,
        operation_id=operation_id,
        request_id=correlation.get(),
        trace_id=_trace_id(),
        address=now.address if address is None else address,
        outcome=outcome,
        reason=scrub(reason)[:500],
        changes=redacted(changes or {}),
    )
    session.add(entry)
    return entry


def redacted(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) if name in SHOWN else CHANGED for name, value in changes.items()}


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


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return scrub(value)[:200]
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return value if value is None or isinstance(value, int | float) else str(value)


def _trace_id() -> str:
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else ""
