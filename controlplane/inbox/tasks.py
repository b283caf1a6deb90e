"""The inbox's job: claim → read again from the vendor → act and settle in one transaction."""

from datetime import timedelta

from sqlmodel import col, select

from controlplane.core.errors import NeedsPerson, Refused, TryLater
from controlplane.core.retention import forget
from controlplane.gateways import Gateways
from controlplane.inbox import aws_events, reconciliation, resend_events, service, stripe_events
from controlplane.inbox.models import EventState, InboxEvent

PATIENCE = timedelta(seconds=10)
KEPT = timedelta(days=395)  # longer than any vendor sends an event again


def handle(gateways: Gateways, event_id: str) -> None:
    event = service.claim(gateways, event_id)
    if event is None:
        return
    try:
        _work(gateways, event)
    except TryLater as error:
        _put_off(gateways, event, error.after, error.reason)
    except NeedsPerson as error:
        _park(gateways, event, who=error.who, error=str(error))
    except Refused as error:
        _park(gateways, event, who="operator", error=error.reason)


def _work(gateways: Gateways, event: InboxEvent) -> None:
    if event.source == "resend":
        seen = resend_events.read(gateways, event)
        with gateways.db.transaction() as session:
            row = service.locked(session, event)
            if row:
                resend_events.apply(session, gateways, row, seen)
                service.handled(session, row, now=gateways.now())
        return
    if event.source == "aws":
        found = aws_events.read(gateways, event)
        with gateways.db.transaction() as session:
            row = service.locked(session, event)
            if row:
                aws_events.apply(session, gateways, row, found)
                service.handled(session, row, now=gateways.now())
        return
    _work_stripe(gateways, event)


def _work_stripe(gateways: Gateways, event: InboxEvent) -> None:
    stripe_events.complete(gateways, event)
    with gateways.db.transaction() as session:
        order = stripe_events.find_order(session, event)
        is_old = stripe_events.is_old_news(session, event)
    if order is None:
        _without_order(gateways, event)
        return
    picture = None if is_old else stripe_events.read(gateways, order, event)
    with gateways.db.transaction() as session:
        row = service.locked(session, event)
        if row:
            stripe_events.apply(session, gateways, order.id, row, picture)
            service.handled(session, row, now=gateways.now())


def _without_order(gateways: Gateways, event: InboxEvent) -> None:
    later = stripe_events.missing(event)
    if later:
        raise later
    with gateways.db.transaction() as session:
        row = service.locked(session, event)
        if row:
            service.foreign(session, row, now=gateways.now(), reason="no order of ours")


def _put_off(gateways: Gateways, event: InboxEvent, after: timedelta, error: str) -> None:
    wait = max(after, PATIENCE) * min(event.attempts, 12)
    with gateways.db.transaction() as session:
        row = service.locked(session, event)
        if row and row.attempts >= service.TRIES:
            service.park(row, who="operator", error=error)
        elif row:
            service.put_off(row, until=gateways.now() + wait, error=error)


def _park(gateways: Gateways, event: InboxEvent, *, who: str, error: str) -> None:
    with gateways.db.transaction() as session:
        row = service.locked(session, event)
        if row:
            service.park(row, who=who, error=error)


def failed(gateways: Gateways, event_id: str, error: Exception) -> None:
    """A bug: written on the row, tried again with patience, parked at the end."""
    with gateways.db.transaction() as session:
        query = select(InboxEvent).where(InboxEvent.id == event_id, InboxEvent.state == EventState.WAITING)
        row = session.exec(query.with_for_update()).first()
        if row and row.attempts >= service.TRIES:
            service.park(row, who="operator", error=f"{type(error).__name__}: {error}")
        elif row:
            until = gateways.now() + PATIENCE * 2 ** min(row.attempts, 8)
            service.put_off(row, until=until, error=f"{type(error).__name__}: {error}")


def sweep(gateways: Gateways) -> None:
    now = gateways.now()
    with gateways.db.transaction() as session:
        wakeups = service.due(session, now=now)
        service.measure(session, now=now)
    gateways.queue.push([*wakeups, *reconciliation.due(gateways)])


def forget_old(gateways: Gateways) -> None:
    """Bodies are never kept; the rows go once nobody could ask about them. What waits or is parked stays."""
    over = col(InboxEvent.state).not_in([EventState.WAITING, EventState.PARKED])
    forget(gateways.db, InboxEvent, col(InboxEvent.created_at) < gateways.now() - KEPT, over)
