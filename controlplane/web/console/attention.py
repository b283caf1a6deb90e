"""What needs a person: groups that are not empty, the most urgent first; each fails alone."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from math import inf
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sql
import structlog
from sqlalchemy import Boolean, DateTime, Integer, and_, bindparam, exists, func, literal_column
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, or_, select

from controlplane.accounts import pool
from controlplane.accounts.models import Account, AccountClaim, AccountState, OrganizationTurn
from controlplane.accounts.readiness import ENOUGH_FUNCTIONS
from controlplane.billing.ledger import Decision, DecisionState
from controlplane.billing.running_cost import price_book
from controlplane.delivery.models import Email, EmailState
from controlplane.domains.models import Domain
from controlplane.gateways import Gateways
from controlplane.identity import acts
from controlplane.inbox.models import EventState, InboxEvent
from controlplane.provisioning.models import Approval, Operation, Phase
from tenants.conditions import Health
from tenants.models import Condition, Tenant

log = structlog.get_logger(__name__)
MOST = 20
OLD_PRICES = timedelta(days=180)
OUTDATED = bindparam("outdated", type_=Boolean)
PATIENCE = timedelta(minutes=10)  # an event that nobody took up for so long is looked at
NOW, LATE, YESTERDAY = (bindparam(name, type_=DateTime(timezone=True)) for name in ("now", "late", "yesterday"))


@dataclass(frozen=True)
class Item:
    title: str
    href: str
    said: str
    since: datetime | None
    deadline: datetime | None = None
    family: str = ""  # of words, where the title is a code of ours
    times: int = 1  # how many have the same cause

    @property
    def key(self) -> str:
        """The same line keeps its name while others come and go."""
        return re.sub(r"[^0-9A-Za-z]+", "-", f"{self.href}-{self.title}").strip("-")


@dataclass(frozen=True)
class Group:
    name: str
    items: tuple[Item, ...]
    more: bool = False
    failed: bool = False

    @property
    def urgency(self) -> tuple[float, float]:
        """What has a deadline first, then what waits longest."""
        deadlines = [item.deadline.timestamp() for item in self.items if item.deadline]
        ages = [item.since.timestamp() for item in self.items if item.since]
        return min(deadlines, default=inf), min(ages, default=inf)


@dataclass(frozen=True)
class Finder:
    query: Any  # made once: building ten of them takes longer than asking them
    items: Callable[[Session, Gateways, Sequence[Any]], list[Item]]


def groups(session: Session, gateways: Gateways) -> list[Group]:
    asked = _asked(gateways)
    waiting = _not_empty(session, asked)
    found = [_group(session, gateways, name, asked) for name in FINDERS if name in waiting]
    return sorted((group for group in found if group.items or group.failed), key=lambda group: group.urgency)


def _asked(gateways: Gateways) -> dict[str, Any]:
    """What the queries leave open."""
    now, aws = gateways.now(), gateways.settings.aws
    wanted = aws.pool_stock if aws.management_account else 0
    return {"now": now, "late": now - PATIENCE, "yesterday": now - timedelta(days=1), "wanted": wanted,
            "cap": aws.daily_cap, "outdated": _are_prices_old(now)}  # fmt: skip


def _are_prices_old(now: datetime) -> bool:
    """Nobody has compared what vendors ask with what we reckon with for half a year."""
    return now.date() - date.fromisoformat(price_book()["date"]) > OLD_PRICES


def _not_empty(session: Session, asked: dict[str, Any]) -> set[str]:
    """One question where nothing waits; when it fails every group is asked, so that the one at fault says so."""
    try:
        row = session.execute(_any_of_each(), asked).one()
    except SQLAlchemyError:
        return set(FINDERS)
    return {name for name, is_some in zip(FINDERS, row, strict=True) if is_some}


@cache
def _any_of_each() -> Any:
    queries = (finder.query for finder in FINDERS.values())
    return sql.select(*(exists(one.with_only_columns(literal_column("1")).order_by(None)) for one in queries))


def _group(session: Session, gateways: Gateways, name: str, asked: dict[str, Any]) -> Group:
    try:
        rows = session.exec(FINDERS[name].query.limit(MOST + 1), params=asked).all()
        items = FINDERS[name].items(session, gateways, rows[:MOST])
    except SQLAlchemyError as error:
        log.error("attention.failed", group=name, error=type(error).__name__)
        return Group(name, (), failed=True)
    return Group(name, tuple(items), more=len(rows) > MOST)


def _open_approvals() -> Any:
    return select(Approval).where(col(Approval.decision).is_(None)).order_by(col(Approval.expires_at))


def _approvals(session: Session, _gateways: Gateways, rows: Sequence[Approval]) -> list[Item]:
    names = slugs(session, rows)
    return [
        Item(names.get(row.tenant_id, row.tenant_id), f"/console/approvals/{row.id}", row.reason or row.release,
             row.created_at, row.expires_at)
        for row in rows
    ]  # fmt: skip


def _acts(_session: Session, _gateways: Gateways, rows: Sequence[Any]) -> list[Item]:
    return [
        Item(f"{row.method} {row.path}", f"/console/approvals#act-{row.id}", row.reason, row.created_at, row.expires_at)
        for row in rows
    ]


def _blocked_tenants() -> Any:
    query = select(Condition, Tenant.slug).where(
        col(Condition.tenant_id) == col(Tenant.id), Condition.health == Health.BLOCKED, Condition.who == "operator"
    )
    return query.order_by(col(Condition.since))


def _blocked(_session: Session, _gateways: Gateways, rows: Sequence[Any]) -> list[Item]:
    return [
        Item(slug, f"/console/tenants/{row.tenant_id}", row.detail or row.reason, row.since, row.expected_by)
        for row, slug in rows
    ]


def _open_decisions() -> Any:
    return select(Decision).where(Decision.state != DecisionState.DONE).order_by(col(Decision.id))


def _decisions(_session: Session, _gateways: Gateways, rows: Sequence[Decision]) -> list[Item]:
    return [
        Item(row.kind, f"/console/decisions#decision-{row.id}", row.reason, row.created_at, family="money")
        for row in rows
    ]


def _parked_operations() -> Any:
    """By cause: what one fault stopped is one line, however many tenants it hit."""
    cause = col(Operation.error_class)
    query = sql.select(
        cause, func.count().label("times"), func.min(col(Operation.id)).label("id"),
        func.min(col(Operation.created_at)).label("since"),
        func.min(col(Operation.tenant_id)).label("tenant_id"), func.min(col(Operation.error)).label("error"),
    )  # fmt: skip
    return query.where(col(Operation.phase) == Phase.PARKED).group_by(cause).order_by(func.min(col(Operation.id)))


def _parked(session: Session, _gateways: Gateways, rows: Sequence[Any]) -> list[Item]:
    names, found = slugs(session, rows), []
    for cause, times, operation_id, since, tenant_id, error in rows:
        same = urlencode({"phase": Phase.PARKED.value, "error_class": cause})
        title = names.get(tenant_id, tenant_id) if times == 1 else cause
        href = f"/console/operations/{operation_id}" if times == 1 else f"/console/operations?{same}"
        found.append(Item(title, href, error or cause, since, times=times))
    return found


def _drifted_tenants() -> Any:
    query = select(Condition, Tenant.slug).where(col(Condition.tenant_id) == col(Tenant.id))
    return query.where(Condition.reason == literal_column("'drifted'")).order_by(col(Condition.since))


def _lost_names() -> Any:
    """Own names that no longer lead to us, or whose certificate was not to be had."""
    lost = sql.text("domains.state IN ('moved', 'blocked')")  # word by word as its index says
    return select(Domain, Tenant.slug).where(col(Domain.tenant_id) == col(Tenant.id), lost).order_by(col(Domain.id))


def _names(_session: Session, _gateways: Gateways, rows: Sequence[Any]) -> list[Item]:
    return [
        Item(row.host, f"/console/tenants/{row.tenant_id}", f"{slug}: {row.reason or row.state}", row.live_at)
        for row, slug in rows
    ]


def _unhandled_events() -> Any:
    """Those that were given up, and those that should have been taken up long ago; the oldest first."""
    late = and_(col(InboxEvent.state) == EventState.WAITING, col(InboxEvent.created_at) < LATE)
    return select(InboxEvent).where(or_(InboxEvent.state == EventState.PARKED, late)).order_by(col(InboxEvent.id))


def _events(_session: Session, _gateways: Gateways, rows: Sequence[InboxEvent]) -> list[Item]:
    return [Item(row.type, f"/console/inbox/{row.id}", row.error or row.source, row.created_at) for row in rows]


def _lost_letters() -> Any:
    bad = (EmailState.PARKED, EmailState.BOUNCED, EmailState.FAILED)
    return select(Email).where(col(Email.state).in_(bad)).order_by(col(Email.id).desc())


def _letters(_session: Session, _gateways: Gateways, rows: Sequence[Email]) -> list[Item]:
    return [
        Item(row.kind, f"/console/emails/{row.id}", row.error or row.state, row.created_at, family="mail")
        for row in rows
    ]


def _short_stock() -> Any:
    """Somebody waits for an account, no more are made, or fewer stand ready than are wanted."""
    ready = select(func.count()).select_from(Account).where(Account.state == AccountState.READY).scalar_subquery()
    made = select(func.count()).where(col(Account.asked_at) > YESTERDAY).scalar_subquery()
    waits = exists(select(AccountClaim.id).where(col(AccountClaim.account_row).is_(None)))
    rests = exists(select(OrganizationTurn.id).where(col(OrganizationTurn.paused_until) > NOW))
    return select(ready).where(or_(waits, rests, ready < bindparam("wanted"), made >= bindparam("cap"), OUTDATED))


def _stock(session: Session, gateways: Gateways, _rows: Sequence[Any]) -> list[Item]:
    found, aws = pool.stock(session, gateways), gateways.settings.aws
    said = {
        "waiting": (found.waiting, found.waiting),
        "paused": (found.paused_until, found.paused_reason),
        "broken": (found.is_broken, f"{found.made} / {found.given}"),
        "low": (found.ready < aws.pool_stock, f"{found.ready} / {aws.pool_stock}"),
        "cap": (found.made_today >= aws.daily_cap, f"{found.made_today} / {aws.daily_cap}"),
        "prices": (_are_prices_old(gateways.now()), price_book()["date"]),
    }
    return [
        Item(word, "/console/accounts", str(text), None, family="stock") for word, (some, text) in said.items() if some
    ]


def _low_quotas() -> Any:
    """In use, and the vendor still grants less than a platform needs."""
    granted = col(Account.quotas)["lambda_concurrency"].as_string().cast(Integer)
    used = (AccountState.READY, AccountState.CLAIMED, AccountState.ACTIVE)
    return select(Account).where(col(Account.state).in_(used), granted < ENOUGH_FUNCTIONS).order_by(col(Account.id))


def _quotas(_session: Session, _gateways: Gateways, rows: Sequence[Account]) -> list[Item]:
    return [
        Item(row.name, f"/console/accounts/{row.id}",
             f"lambda_concurrency {row.quotas['lambda_concurrency']} / {ENOUGH_FUNCTIONS}", row.ready_at)
        for row in rows
    ]  # fmt: skip


def _stuck_accounts() -> Any:
    stuck = (AccountState.FAILED, AccountState.QUARANTINED)
    return select(Account).where(col(Account.state).in_(stuck)).order_by(col(Account.id))


def _accounts(_session: Session, _gateways: Gateways, rows: Sequence[Account]) -> list[Item]:
    return [
        Item(row.name, f"/console/accounts/{row.id}", row.error or row.reason, row.reason_at or row.created_at)
        for row in rows
    ]


FINDERS: dict[str, Finder] = {
    "approvals": Finder(_open_approvals(), _approvals),
    "acts": Finder(acts.undecided(NOW), _acts),
    "decisions": Finder(_open_decisions(), _decisions),
    "parked": Finder(_parked_operations(), _parked),
    "blocked": Finder(_blocked_tenants(), _blocked),
    "drift": Finder(_drifted_tenants(), _blocked),
    "names": Finder(_lost_names(), _names),
    "events": Finder(_unhandled_events(), _events),
    "letters": Finder(_lost_letters(), _letters),
    "stock": Finder(_short_stock(), _stock),
    "quotas": Finder(_low_quotas(), _quotas),
    "accounts": Finder(_stuck_accounts(), _accounts),
}


def slugs(session: Session, rows: Sequence[Any]) -> dict[str, str]:
    ids = {row.tenant_id for row in rows}
    found: Any = session.exec(select(Tenant.id, Tenant.slug).where(col(Tenant.id).in_(ids))).all() if ids else []
    return dict(found)
