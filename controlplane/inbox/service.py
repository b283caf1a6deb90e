"""Storing an event once, and who may work on it."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, func, select

from controlplane.audit.service import SYSTEM, record
from controlplane.core.errors import Conflict, NotFound
from controlplane.core.ids import new_id
from controlplane.core.queue import Wakeup
from controlplane.core.telemetry import OLDEST_EVENT
from controlplane.gateways import Gateways
from controlplane.inbox.models import EventState, InboxEvent

HANDLE = "inbox.handle"
LEASE = timedelta(seconds=60)
BATCH = 200
TRIES = 12
PLAIN = frozenset({"kind", "env", "order", "customer", "charge", "email", "bounce", "detail"})  # ids and kinds of ours
COVERED = "••••"


@dataclass(frozen=True)
class News:
    """An event as it came in, reduced to what we keep."""

    source: str
    external_id: str
    type: str
    object_id: str
    facts: dict[str, Any]
    is_ours: bool
    wait: timedelta = timedelta()  # before it is looked at


_INSERT = (
    "INSERT INTO inbox_events (id, source, external_id, type, object_id, facts, state, attempts, fence,"
    " next_attempt_at, error, who, reason) VALUES (%(id)s, %(source)s, %(external_id)s, %(type)s, %(object_id)s,"
    " CAST(%(facts)s AS jsonb), %(state)s, 0, 0, %(due)s, '', '', '')"
    " ON CONFLICT (source, external_id) DO NOTHING RETURNING id"
)


def _values(gateways: Gateways, news: News) -> dict[str, Any]:
    """Whoever is not ours is kept, but wakes nobody."""
    state = EventState.WAITING if news.is_ours else EventState.FOREIGN
    return {
        "id": new_id(),
        "source": news.source,
        "external_id": news.external_id,
        "type": news.type,
        "object_id": news.object_id,
        "facts": json.dumps(news.facts),
        "state": state.value,
        "due": gateways.now() if news.is_ours else None,
    }


def store(session: Session, gateways: Gateways, news: News) -> str | None:
    """The new row's id; None when the event was here before."""
    found = session.connection().exec_driver_sql(_INSERT, _values(gateways, news)).first()
    if found and news.is_ours:
        gateways.queue.defer(session, Wakeup(HANDLE, found[0]))
    return str(found[0]) if found else None


def receive(gateways: Gateways, news: News) -> bool:
    """The door's way: one statement, committed. The wake-up leaves beside the answer; the sweep finds a lost one."""
    found = gateways.db.alone(_INSERT, _values(gateways, news))
    if found and news.is_ours:
        gateways.queue.push_soon(Wakeup(HANDLE, found[0], after=news.wait))
    return found is not None


def claim(gateways: Gateways, event_id: str) -> InboxEvent | None:
    """Counted at the claim, so that a row that kills its worker is seen to do so."""
    now = gateways.now()
    with gateways.db.transaction() as session:
        query = select(InboxEvent).where(InboxEvent.id == event_id, InboxEvent.state == EventState.WAITING)
        row = session.exec(query.with_for_update(skip_locked=True)).first()
        if row is None or (row.lease_until and row.lease_until > now):
            return None
        if row.next_attempt_at and row.next_attempt_at > now:
            return None
        row.attempts, row.fence = row.attempts + 1, row.fence + 1
        row.lease_until, row.next_attempt_at = now + LEASE, now + LEASE
        session.add(row)
        if row.attempts > TRIES:
            park(row, who="operator", error=row.error or "its worker died again and again")
            return None
    return row


def locked(session: Session, claimed: InboxEvent) -> InboxEvent | None:
    """The row, if it is still ours; a settle with an old fence changes nothing."""
    row = session.exec(select(InboxEvent).where(InboxEvent.id == claimed.id).with_for_update()).one()
    return row if row.fence == claimed.fence and row.state == EventState.WAITING else None


def handled(session: Session, row: InboxEvent, *, now: datetime) -> None:
    """In the transaction of the effects: there is exactly one such entry for each event."""
    is_first = row.handled_at is None  # a replay repeats the work, not the entry
    row.state, row.handled_at, row.error = EventState.HANDLED, now, ""
    row.lease_until = row.next_attempt_at = None
    session.add(row)
    if is_first:
        record(session, actor=SYSTEM, action="inbox.handled", object_type="inbox_event", object_id=row.id)


def foreign(session: Session, row: InboxEvent, *, now: datetime, reason: str) -> None:
    row.state, row.handled_at, row.reason = EventState.FOREIGN, now, reason
    row.lease_until = row.next_attempt_at = None
    session.add(row)


def park(row: InboxEvent, *, who: str, error: str) -> None:
    row.state, row.who, row.error = EventState.PARKED, who, error[:500]
    row.lease_until = row.next_attempt_at = None


def put_off(row: InboxEvent, *, until: datetime, error: str) -> None:
    row.lease_until, row.next_attempt_at, row.error = None, until, error[:500]


def replay(session: Session, gateways: Gateways, event_id: str, *, actor: str, reason: str) -> InboxEvent:
    """Handle it again, whatever became of it. Effects are repeatable, so this can do no harm."""
    row = _row(session, event_id)
    if row.state == EventState.WAITING and row.lease_until and row.lease_until > gateways.now():
        raise Conflict("It is being handled just now.", code="event_busy")
    row.state, row.attempts, row.next_attempt_at = EventState.WAITING, 0, gateways.now()
    row.lease_until, row.error, row.who, row.reason = None, "", "", reason
    row.fence += 1
    session.add(row)
    _note(session, row, "inbox.replayed", actor, reason)
    gateways.queue.defer(session, Wakeup(HANDLE, row.id, attempt=row.fence))
    return row


def ignore(session: Session, gateways: Gateways, event_id: str, *, actor: str, reason: str) -> InboxEvent:
    row = _row(session, event_id)
    if row.state not in {EventState.WAITING, EventState.PARKED}:
        raise Conflict(f"It is {row.state} already.", code="event_settled")
    row.state, row.reason, row.handled_at = EventState.IGNORED, reason, gateways.now()
    row.fence += 1
    row.lease_until = row.next_attempt_at = None
    session.add(row)
    _note(session, row, "inbox.ignored", actor, reason)
    return row


def _row(session: Session, event_id: str) -> InboxEvent:
    row = session.exec(select(InboxEvent).where(InboxEvent.id == event_id).with_for_update()).first()
    if row is None:
        raise NotFound("There is no such event.")
    return row


def _note(session: Session, row: InboxEvent, action: str, actor: str, reason: str) -> None:
    record(session, actor=actor, action=action, object_type="inbox_event", object_id=row.id, reason=reason)


def shown(row: InboxEvent) -> dict[str, Any]:
    """As people see it: what is not known to be harmless is covered."""
    return {**row.model_dump(), "facts": masked(row.facts)}


def masked(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value if name in PLAIN else COVERED for name, value in facts.items()}


def reveal(session: Session, event_id: str, field: str, *, actor: str, reason: str) -> Any:
    """One covered field; who saw it and why stays in the trail."""
    row = _row(session, event_id)
    if field not in row.facts:
        raise NotFound("There is no such field.")
    _note(session, row, "inbox.revealed", actor, f"{field}: {reason}")
    return row.facts[field]


def due(session: Session, *, now: datetime) -> list[Wakeup]:
    """What was never handled: its wake-up was lost, its worker died, or its time has come."""
    query = (
        select(InboxEvent.id, InboxEvent.attempts)
        .where(InboxEvent.state == EventState.WAITING, col(InboxEvent.next_attempt_at) <= now)
        .order_by(col(InboxEvent.next_attempt_at))
        .limit(BATCH)
    )
    return [Wakeup(HANDLE, identity, attempt=attempts) for identity, attempts in session.exec(query).all()]


def measure(session: Session, *, now: datetime) -> float:
    """Seconds since the oldest event that waits came in; the alarm for a worker tier that is gone."""
    oldest = select(func.min(col(InboxEvent.created_at))).where(col(InboxEvent.state) == EventState.WAITING)
    born = session.exec(oldest).one()
    age = max(0.0, (now - born).total_seconds()) if born else 0.0
    OLDEST_EVENT.set(age)
    return age
