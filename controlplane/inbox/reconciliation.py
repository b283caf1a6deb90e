"""Once a night: what Stripe says against what we wrote down. Each difference is repaired or reported.

A slice at a time, so that nothing grows with the number of customers: a slice reads one page of one stage, writes what
it found and how far it came, and wakes the next. Whoever finds a comparison whose slice died goes on where it stands.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from enum import StrEnum

import structlog
from sqlmodel import Session, col, select

from controlplane.billing import fulfilment, reading
from controlplane.billing.ledger import Reconciliation
from controlplane.billing.models import Order
from controlplane.core.errors import NeedsPerson, Outcome, Refused, TryLater
from controlplane.core.queue import Wakeup
from controlplane.gateways import Gateways
from controlplane.inbox import service, stripe_events
from controlplane.inbox.differences import Difference, of_picture, place, report
from controlplane.vendors.stripe import Missing
from controlplane.vendors.stripe_values import SubscriptionSeen

log = structlog.get_logger(__name__)
COMPARE = "money.compare"
LOOKS_BACK = timedelta(days=3)
ENDED = timedelta(days=60)  # what ended longer ago is not compared any more
LEASE = timedelta(minutes=4)
SLICE = 20
KEPT = 500  # differences of one night; of more only the number is kept


class Stage(StrEnum):
    EVENTS = "events"  # what Stripe could not deliver
    ORDERS = "orders"  # what we know, against Stripe
    SUBSCRIPTIONS = "subscriptions"  # what Stripe knows and we do not
    DONE = "done"


Found = tuple[list[Difference], str, int]  # differences, where the next slice begins ("": nothing left), how many seen


def tick(gateways: Gateways) -> None:
    gateways.queue.push([Wakeup(COMPARE, begin(gateways))])


def begin(gateways: Gateways) -> str:
    """The open comparison, or a new one."""
    with gateways.db.transaction() as session:
        query = select(Reconciliation).where(col(Reconciliation.finished_at).is_(None))
        row = session.exec(query.with_for_update()).first()
        if row is None:
            now = gateways.now()
            row = Reconciliation(since=now - LOOKS_BACK, stage=Stage.EVENTS, next_attempt_at=now)
            session.add(row)
        return row.id


def go_on(gateways: Gateways, identity: str) -> None:
    """The job: one slice, and a wake-up for the next one."""
    row = advance(gateways, identity)
    if row and row.stage != Stage.DONE:
        gateways.queue.push([Wakeup(COMPARE, row.id, attempt=row.fence)])


def run(gateways: Gateways) -> Reconciliation:
    """All of it in this process."""
    identity = begin(gateways)
    while (row := advance(gateways, identity)) and row.stage != Stage.DONE:
        pass
    with gateways.db.transaction() as session:
        return session.get_one(Reconciliation, identity)


def advance(gateways: Gateways, identity: str) -> Reconciliation | None:
    """One slice; None when somebody else is at it, or Stripe cannot be asked now."""
    row = _claim(gateways, identity)
    if row is None:
        return None
    try:
        found = STAGES[Stage(row.stage)](gateways, row)
    except TryLater as error:
        _put_off(gateways, row, error)
        return None
    return _settle(gateways, row, found)


def _claim(gateways: Gateways, identity: str) -> Reconciliation | None:
    now = gateways.now()
    with gateways.db.transaction() as session:
        query = select(Reconciliation).where(Reconciliation.id == identity)
        row = session.exec(query.with_for_update(skip_locked=True)).first()
        if row is None or row.next_attempt_at is None or row.next_attempt_at > now:
            return None
        row.fence, row.next_attempt_at = row.fence + 1, now + LEASE
        session.add(row)
    return row


def _ours(session: Session, claimed: Reconciliation) -> Reconciliation | None:
    query = select(Reconciliation).where(Reconciliation.id == claimed.id).with_for_update()
    row = session.exec(query).one()
    return row if row.fence == claimed.fence else None


def _put_off(gateways: Gateways, claimed: Reconciliation, error: TryLater) -> None:
    with gateways.db.transaction() as session:
        row = _ours(session, claimed)
        if row:
            row.next_attempt_at, row.error = gateways.now() + max(error.after, timedelta(minutes=1)), error.reason
            session.add(row)


def _settle(gateways: Gateways, claimed: Reconciliation, found: Found) -> Reconciliation | None:
    differences, cursor, seen = found
    with gateways.db.transaction() as session:
        row = _ours(session, claimed)
        if row is None:
            return None
        row.checked = {**row.checked, row.stage: row.checked.get(row.stage, 0) + seen}
        row.checked["differences"] = row.checked.get("differences", 0) + len(differences)
        row.differences = [*row.differences, *differences][:KEPT]
        row.stage = row.stage if cursor else _after(Stage(row.stage))
        row.cursor, row.error, row.next_attempt_at = cursor, "", gateways.now()
        if row.stage == Stage.DONE:
            row.finished_at, row.next_attempt_at = gateways.now(), None
        session.add(row)
    return row


def _after(stage: Stage) -> Stage:
    order = list(Stage)
    return order[order.index(stage) + 1]


def due(gateways: Gateways) -> list[Wakeup]:
    """A slice that died, or whose wake-up was lost."""
    query = select(Reconciliation.id, Reconciliation.fence).where(col(Reconciliation.next_attempt_at) <= gateways.now())
    with gateways.db.transaction() as session:
        return [Wakeup(COMPARE, identity, attempt=fence) for identity, fence in session.exec(query).all()]


# -- stages


def _events(gateways: Gateways, row: Reconciliation) -> Found:
    """They come in through the same door as those that were delivered."""
    assert row.since
    events, cursor = gateways.stripe.undelivered(row.since, after=row.cursor, limit=SLICE)
    found = []
    for event in events:
        with gateways.db.transaction() as session:
            new = service.store(session, gateways, stripe_events.news(gateways, event.body))
        if new:
            found.append(report("event", event.id, "type", "", event.type, "fetched"))
    return found, cursor, len(events)


def _orders(gateways: Gateways, row: Reconciliation) -> Found:
    query = select(Order).where(col(Order.id) > row.cursor, col(Order.stripe_subscription).is_not(None))
    lately = col(Order.ended_at).is_(None) | (col(Order.ended_at) > gateways.now() - ENDED)
    with gateways.db.transaction() as session:
        orders = session.exec(query.where(lately).order_by(col(Order.id)).limit(SLICE)).all()
    found = [one for order in orders for one in _apart(gateways, order)]
    return found, orders[-1].id if len(orders) == SLICE else "", len(orders)


def _subscriptions(gateways: Gateways, row: Reconciliation) -> Found:
    seen, cursor = gateways.stripe.subscriptions(after=row.cursor, limit=SLICE)
    return list(_strangers(gateways, seen)), cursor, len(seen)


def _strangers(gateways: Gateways, seen: Sequence[SubscriptionSeen]) -> Iterator[Difference]:
    with gateways.db.transaction() as session:
        query = select(Order).where(col(Order.id).in_([one.order_id for one in seen]))
        orders = {order.id: order for order in session.exec(query).all()}
    for one in seen:
        order = orders.get(one.order_id)
        if order is None:
            yield report("subscription", one.id, "", "", one.status, "nobody here knows its order")
        elif order.stripe_subscription != one.id:
            yield from _apart(gateways, order)


def _apart(gateways: Gateways, order: Order) -> list[Difference]:
    """One order that nobody understands does not keep the others from being compared."""
    try:
        return compare(gateways, order)
    except Outcome:
        raise
    except Exception as error:
        log.error("reconciliation.order_failed", order=order.id, exc_info=error)
        return [report("order", order.id, "", "", "", f"could not be compared: {type(error).__name__}")]


STAGES: dict[Stage, Callable[[Gateways, Reconciliation], Found]] = {
    Stage.EVENTS: _events,
    Stage.ORDERS: _orders,
    Stage.SUBSCRIPTIONS: _subscriptions,
}


def compare(gateways: Gateways, order: Order) -> list[Difference]:
    """Differences first, then the same writing that an event would have caused, then the differences that stay."""
    try:
        picture = reading.of_order(gateways, order)
    except Missing as error:
        return [report("subscription", order.stripe_subscription or "", "", "known", "", f"gone at Stripe: {error}")]
    with gateways.db.transaction() as session:
        before = of_picture(session, picture)
    if not before:
        return []
    try:
        with gateways.db.transaction() as session:
            fulfilment.apply(session, gateways, fulfilment.locked(session, order.id), picture)
        with gateways.db.transaction() as session:
            after = {place(one) for one in of_picture(session, picture)}
    except (TryLater, NeedsPerson, Refused) as error:
        return [{**one, "outcome": f"not repaired: {error}"} for one in before]
    return [{**one, "outcome": "not repaired" if place(one) in after else "repaired"} for one in before]
