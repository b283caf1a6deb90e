"""The rules of a tenant's life. `move` and `set_condition` are the only writers of state and conditions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sql
from sqlmodel import Session, col, select

from tenants import naming
from tenants.conditions import Concern, Finding, Health, Status, Who, status
from tenants.lifecycle import State, check
from tenants.models import Condition, History, Name, Tenant

# One value for all ids: a place for each would be put together anew for every list.
_STANDING = sql.select(
    col(Condition.tenant_id), col(Condition.concern), col(Condition.health), col(Condition.reason),
    col(Condition.detail), col(Condition.next_action), col(Condition.who),
).where(
    col(Condition.tenant_id) == sql.any_(sql.bindparam("ids", type_=sql.ARRAY(sql.Text))),
    col(Condition.health) != Health.OK,
)  # fmt: skip


@dataclass(frozen=True)
class Change:
    """What an audit trail wants to know of a move."""

    tenant_id: str
    before: str
    after: str
    reason: str


Record = Callable[[Change], None]


@dataclass(frozen=True)
class NewTenant:
    id: str
    order_id: str
    customer_id: str
    product: str
    slug: str
    name: str
    locale: str
    spec: dict[str, Any]
    promised_at: datetime | None = None


def start(session: Session, new: NewTenant, *, now: datetime, record: Record) -> tuple[Tenant, bool]:
    """The tenant of this order: made now, or the one that another delivery of the same news made before."""
    present = session.exec(select(Tenant).where(Tenant.order_id == new.order_id)).first()
    if present:
        return present, False
    tenant = Tenant(**vars(new), state=State.QUEUED, created_at=now, changed_at=now)
    session.add(tenant)
    session.flush()
    _remember(session, tenant, "lifecycle", "", State.QUEUED, "paid", now)
    record(Change(tenant.id, "", State.QUEUED, "paid"))
    for concern in (Concern.CLOUD, Concern.SITE, Concern.EMAIL):
        working = Finding(Health.WORKING, "waiting_for_start", who=Who.US)
        _put_condition(session, tenant, concern, None, working, now=now, expected_by=new.promised_at)
    return tenant, True


def locked(session: Session, tenant_id: str) -> Tenant | None:
    """The row, held until the end of the transaction: two writers take turns."""
    return session.exec(select(Tenant).where(Tenant.id == tenant_id).with_for_update()).first()


def move(session: Session, tenant: Tenant, to: State, *, reason: str, now: datetime, record: Record) -> None:
    before = State(tenant.state)
    if before is to:
        return
    check(before, to)
    tenant.state, tenant.changed_at = to, now
    if to is State.ACTIVE and tenant.live_at is None:
        tenant.live_at = now
        tenant.next_drift_at = now + timedelta(
            hours=24 * (int(tenant.id[-4:], 36) % 1000) / 1000
        )  # spread over the day
    tenant.suspended_at = now if to is State.SUSPENDED else tenant.suspended_at
    session.add(tenant)
    _remember(session, tenant, "lifecycle", before, to, reason, now)
    record(Change(tenant.id, before, to, reason))


def set_condition(
    session: Session,
    tenant: Tenant,
    concern: Concern,
    finding: Finding,
    *,
    now: datetime,
    expected_by: datetime | None = None,
) -> bool:
    """True when it changed. The same finding again keeps its `since`."""
    row = session.get(Condition, (tenant.id, concern))
    if row and row.finding == finding:
        row.expected_by = expected_by or row.expected_by
        return False
    _put_condition(session, tenant, concern, row, finding, now=now, expected_by=expected_by)
    return True


def _put_condition(
    session: Session,
    tenant: Tenant,
    concern: Concern,
    row: Condition | None,
    finding: Finding,
    *,
    now: datetime,
    expected_by: datetime | None,
) -> None:
    was = f"{row.health}:{row.reason}" if row else ""
    if row is None:
        row = Condition(tenant_id=tenant.id, concern=concern, health=finding.health, since=now)
    row.health, row.reason, row.detail = finding.health, finding.reason, finding.detail[:1000]
    row.next_action, row.who, row.since, row.expected_by = finding.next_action, finding.who, now, expected_by
    session.add(row)
    _remember(session, tenant, concern, was, f"{finding.health}:{finding.reason}", finding.detail[:200], now)


def conditions(session: Session, tenant_id: str) -> dict[Concern, Condition]:
    rows = session.exec(select(Condition).where(Condition.tenant_id == tenant_id)).all()
    return {Concern(row.concern): row for row in rows}


def status_of(session: Session, tenant: Tenant) -> Status:
    found = {concern: row.finding for concern, row in conditions(session, tenant.id).items()}
    return status(State(tenant.state), found)


def statuses(session: Session, states: Mapping[str, State]) -> dict[str, Status]:
    """Of a whole list with one question: of each tenant by its id, which state it is in."""
    known: dict[str, dict[Concern, Finding]] = {tenant_id: {} for tenant_id in states}
    for tenant_id, concern, *finding in session.execute(_STANDING, {"ids": [*known]}).all():
        known[tenant_id][concern] = Finding(*finding)
    return {tenant_id: status(state, known[tenant_id]) for tenant_id, state in states.items()}


def hold_name(session: Session, slug: str, *, holder: str, until: datetime | None, now: datetime) -> bool:
    """Take a slug for an order or tenant; False when somebody else has it or it still rests."""
    row = session.exec(select(Name).where(Name.slug == slug).with_for_update()).first()
    if row and row.holder != holder and (row.until is None or row.until > now):
        return False
    if row is None:
        row = Name(slug=slug, skeleton=naming.skeleton(slug), holder=holder)
    row.holder, row.until = holder, until
    session.add(row)
    session.flush()
    return True


def free_name(session: Session, slug: str, *, holder: str, rest_until: datetime) -> None:
    row = session.get(Name, slug)
    if row and row.holder == holder:
        row.until = rest_until
        session.add(row)


def name_is_free(session: Session, slug: str, *, now: datetime, marks: Sequence[str] = ()) -> bool:
    """`marks` stand for it where its letters were forgotten."""
    taken = select(Name).where(col(Name.skeleton).in_([naming.skeleton(slug), *marks]))
    return all(row.until is not None and row.until <= now for row in session.exec(taken).all())


def _remember(
    session: Session, tenant: Tenant, subject: str, before: str, after: str, reason: str, now: datetime
) -> None:
    entry = History(tenant_id=tenant.id, at=now, subject=subject, before=before, after=after, reason=reason)
    session.add(entry)
