"""What needs a person: groups that are not empty, the most urgent first; each fails alone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from controlplane.billing import decisions
from controlplane.delivery.models import Email, EmailState
from controlplane.gateways import Gateways
from controlplane.identity import acts
from controlplane.inbox.models import EventState, InboxEvent
from controlplane.provisioning.models import Approval, Operation, Phase
from tenants.conditions import Health
from tenants.models import Condition, Tenant

log = structlog.get_logger(__name__)
MOST = 20


@dataclass(frozen=True)
class Item:
    title: str
    href: str
    said: str
    since: datetime | None
    deadline: datetime | None = None


@dataclass(frozen=True)
class Group:
    name: str
    items: tuple[Item, ...]
    more: bool = False
    failed: bool = False


def groups(session: Session, gateways: Gateways) -> list[Group]:
    found = [_group(session, gateways, name, find) for name, find in FINDERS.items()]
    return [group for group in found if group.items or group.failed]


def _group(session: Session, gateways: Gateways, name: str, find: Callable[[Session, Gateways], list[Item]]) -> Group:
    try:
        with session.begin_nested():
            items = find(session, gateways)
    except SQLAlchemyError as error:
        log.error("attention.failed", group=name, error=type(error).__name__)
        return Group(name, (), failed=True)
    return Group(name, tuple(items[:MOST]), more=len(items) > MOST)


def _approvals(session: Session, _gateways: Gateways) -> list[Item]:
    query = select(Approval).where(col(Approval.decision).is_(None)).order_by(col(Approval.expires_at)).limit(MOST + 1)
    rows = session.exec(query).all()
    names = _slugs(session, [row.tenant_id for row in rows])
    return [
        Item(names.get(row.tenant_id, row.tenant_id), f"/console/approvals/{row.id}", row.reason or row.release,
             row.created_at, row.expires_at)
        for row in rows
    ]  # fmt: skip


def _acts(session: Session, gateways: Gateways) -> list[Item]:
    rows = acts.waiting(session, gateways)
    return [
        Item(f"{row.method} {row.path}", "/console/approvals", row.reason, row.created_at, row.expires_at)
        for row in rows
    ]


def _parked(session: Session, _gateways: Gateways) -> list[Item]:
    query = select(Operation).where(Operation.phase == Phase.PARKED).order_by(col(Operation.id)).limit(MOST + 1)
    rows = session.exec(query).all()
    names = _slugs(session, [row.tenant_id for row in rows])
    return [
        Item(
            names.get(row.tenant_id, row.tenant_id),
            f"/console/operations/{row.id}",
            row.error or row.error_class,
            row.created_at,
        )
        for row in rows
    ]


def _blocked(session: Session, _gateways: Gateways) -> list[Item]:
    query = select(Condition, Tenant).where(
        col(Condition.tenant_id) == col(Tenant.id), Condition.health == Health.BLOCKED, Condition.who == "operator"
    )
    rows = session.exec(query.order_by(col(Condition.since)).limit(MOST + 1)).all()
    return [
        Item(tenant.slug, f"/console/tenants/{tenant.id}", row.detail or row.reason, row.since, row.expected_by)
        for row, tenant in rows
    ]


def _decisions(session: Session, _gateways: Gateways) -> list[Item]:
    return [Item(row.kind, "/console/decisions", row.reason, row.created_at) for row in decisions.open_ones(session)]


def _events(session: Session, _gateways: Gateways) -> list[Item]:
    query = select(InboxEvent).where(InboxEvent.state == EventState.PARKED).order_by(col(InboxEvent.id)).limit(MOST + 1)
    return [Item(row.type, f"/console/inbox/{row.id}", row.source, row.created_at) for row in session.exec(query).all()]


def _letters(session: Session, _gateways: Gateways) -> list[Item]:
    bad = (EmailState.PARKED, EmailState.BOUNCED, EmailState.FAILED)
    query = select(Email).where(col(Email.state).in_(bad)).order_by(col(Email.id).desc()).limit(MOST + 1)
    return [
        Item(row.kind, f"/console/emails/{row.id}", row.error or row.state, row.created_at)
        for row in session.exec(query).all()
    ]


FINDERS: dict[str, Callable[[Session, Gateways], list[Item]]] = {
    "approvals": _approvals,
    "acts": _acts,
    "decisions": _decisions,
    "parked": _parked,
    "blocked": _blocked,
    "events": _events,
    "letters": _letters,
}


def _slugs(session: Session, ids: list[str]) -> dict[str, str]:
    rows: Any = session.exec(select(Tenant.id, Tenant.slug).where(col(Tenant.id).in_(ids))).all() if ids else []
    return dict(rows)


def running(session: Session) -> list[tuple[Operation, str]]:
    query = select(Operation).where(col(Operation.phase).in_((Phase.RUNNING, Phase.WAITING)))
    rows = session.exec(query.order_by(col(Operation.id).desc()).limit(MOST)).all()
    names = _slugs(session, [row.tenant_id for row in rows])
    return [(row, names.get(row.tenant_id, row.tenant_id)) for row in rows]
