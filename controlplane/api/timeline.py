"""What happened to one tenant and by whom: operations, moves, letters and acts in one line, the newest first."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Annotated, Any

import sqlalchemy as sql
from fastapi import Depends, Path, Query
from sqlmodel import Session, col

from controlplane.api import tenants
from controlplane.api.access import Router
from controlplane.api.deps import SessionDep
from controlplane.api.paging import Cursor, CursorDep, Page, page
from controlplane.audit.models import AuditEntry
from controlplane.core.errors import Invalid
from controlplane.delivery.models import Email, EmailState
from controlplane.provisioning.models import Operation, Phase
from tenants.models import History, Tenant

router = Router(prefix="/v1/tenants/{tenant_id}/timeline", tags=["tenants"], group="tenants.read")
KINDS, PEOPLE = ("operation", "move", "letter", "act"), ("operator", "customer", "us")
SYSTEM = "system"
TENANT, ORDER = sql.bindparam("tenant", type_=sql.Text), sql.bindparam("order", type_=sql.Text)
MOST = sql.bindparam("most", type_=sql.Integer)
BEFORE = sql.bindparam("at", type_=sql.DateTime(timezone=True)), sql.bindparam("id", type_=sql.Text)


class Chosen:
    def __init__(
        self,
        kind: Annotated[str, Query(pattern=f"^({'|'.join(KINDS)}|)$")] = "",
        who: Annotated[str, Query(pattern=f"^({'|'.join(PEOPLE)}|)$", description="us: rules and the system")] = "",
        failed: Annotated[bool, Query(description="Only what did not go well.")] = False,
    ) -> None:
        self.kind, self.who, self.failed = kind, who, failed


ChosenDep = Annotated[Chosen, Depends(Chosen)]


@router.get("")
def show_timeline(
    tenant_id: Annotated[str, Path(max_length=26)], session: SessionDep, cursor: CursorDep, chosen: ChosenDep
) -> Page:
    return of_tenant(session, tenants.find(session, tenant_id), chosen, cursor)


def of_tenant(session: Session, tenant: Tenant, chosen: Chosen, cursor: Cursor) -> Page:
    """Each kind by its own index and no further than a page goes: a long life costs no more than a short one."""
    before = _before(cursor)
    query = _statement(chosen.kind, chosen.who, chosen.failed, continues=before is not None)
    at, identity = before or (None, None)
    asked = {"tenant": tenant.id, "order": tenant.order_id, "most": cursor.limit + 1, "at": at, "id": identity}
    rows = session.execute(query, asked).all()
    return page(rows, cursor, key=lambda row: f"{row.at.isoformat()}~{row.id}", show=lambda row: dict(row._mapping))


@cache
def _statement(kind: str, who: str, failed: bool, *, continues: bool) -> sql.Select[Any]:
    """Put together once for each way to ask: that takes longer than to ask it."""
    sources = {name: source for name, source in _sources().items() if kind in {"", name}}
    found = [_newest(name, source, who, failed, continues=continues).subquery() for name, source in sources.items()]
    union = sql.union_all(*(sql.select(one) for one in found)).subquery()
    return sql.select(union).order_by(union.c.at.desc(), union.c.id.desc()).limit(MOST)


@dataclass(frozen=True)
class Source:
    whose: Any
    id: Any
    at: Any
    actor: Any
    what: Any
    outcome: Any
    note: Any
    failed: Any


def _sources() -> dict[str, Source]:
    health, reason = (sql.func.split_part(History.after, ":", part) for part in (1, 2))  # of a condition: both
    lost = (EmailState.PARKED, EmailState.BOUNCED, EmailState.FAILED)
    done, act = Operation, AuditEntry
    return {
        "operation": Source(
            col(done.tenant_id) == TENANT, done.id, done.created_at, done.requested_by, done.kind, done.phase,
            sql.func.coalesce(sql.func.nullif(done.error, ""), done.cause),
            col(done.phase).in_((Phase.PARKED, Phase.CANCELLED)),
        ),
        "move": Source(
            col(History.tenant_id) == TENANT, History.id, History.at, sql.literal(SYSTEM), History.subject,
            health, sql.func.coalesce(sql.func.nullif(History.reason, ""), reason), health.in_(("failed", "blocked")),
        ),
        "letter": Source(
            col(Email.order_id) == ORDER, Email.id, Email.created_at, sql.literal(SYSTEM), Email.kind,
            Email.state, Email.error, col(Email.state).in_(lost),
        ),
        "act": Source(
            col(act.tenant_id) == TENANT, act.id, act.created_at, act.actor, act.action, act.outcome, act.reason,
            col(act.outcome) != "done",
        ),
    }  # fmt: skip


def _newest(kind: str, source: Source, who: str, failed: bool, *, continues: bool) -> sql.Select[Any]:
    """All of one shape: words as text, whatever they are in their own table."""
    names = ("id", "actor", "what", "outcome", "note")
    texts = {name: sql.cast(getattr(source, name), sql.Text) for name in names}
    columns = {"kind": sql.literal(kind), **texts, "at": source.at, "failed": source.failed}
    query = sql.select(*(column.label(name) for name, column in columns.items())).where(source.whose)
    if continues:
        query = query.where(sql.tuple_(source.at, texts["id"]) < sql.tuple_(*BEFORE))
    if failed:
        query = query.where(source.failed)
    if who:
        query = query.where(_by(who, texts["actor"]))
    return query.order_by(source.at.desc(), texts["id"].desc()).limit(MOST)


def _by(who: str, actor: Any) -> Any:
    people = {name: actor.like(f"{name}:%") for name in PEOPLE if name != "us"}
    return people[who] if who in people else sql.not_(sql.or_(*people.values()))


def _before(cursor: Cursor) -> tuple[datetime, str] | None:
    if not cursor.after:
        return None
    at, _tilde, identity = cursor.after.partition("~")
    try:
        return datetime.fromisoformat(at), identity
    except ValueError as error:
        raise Invalid("This cursor is not one of ours.", code="bad_cursor") from error
