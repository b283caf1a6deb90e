"""Once a night: what Stripe says against what we wrote down. Each difference is repaired or reported."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, select

from controlplane.billing import fulfilment, mirror, reading
from controlplane.billing.ledger import Invoice, Payment, Reconciliation, Subscription
from controlplane.billing.mirror import invoice_fields, payment_fields, subscription_fields
from controlplane.billing.models import Order
from controlplane.core.errors import NeedsPerson, TryLater
from controlplane.gateways import Gateways
from controlplane.inbox import service, stripe_events

LOOKS_BACK = timedelta(days=3)
Difference = dict[str, Any]


def run(gateways: Gateways) -> Reconciliation:
    since = gateways.now() - LOOKS_BACK
    found: list[Difference] = [*_events(gateways, since)]
    orders = {order.id: order for order in _orders(gateways)}
    subscriptions = list(gateways.stripe.subscriptions())
    known = {seen.order_id for seen in subscriptions}
    for seen in subscriptions:
        order = orders.get(seen.order_id)
        if order is None:
            found.append(_report("subscription", seen.id, "", "", seen.status, "nobody here knows its order"))
        else:
            found += _compare_order(gateways, order)
    for order in orders.values():
        if order.stripe_subscription and order.id not in known:
            found.append(_report("subscription", order.stripe_subscription, "", "known", "", "gone at Stripe"))
    return _keep(gateways, found, {"orders": len(orders), "subscriptions": len(subscriptions)})


def _orders(gateways: Gateways) -> list[Order]:
    with gateways.db.transaction() as session:
        return list(session.exec(select(Order).where(Order.stripe_session != None)).all())  # noqa: E711


def _events(gateways: Gateways, since: datetime) -> Iterator[Difference]:
    """What Stripe could not deliver comes in through the same door."""
    for event in gateways.stripe.undelivered(since):
        with gateways.db.transaction() as session:
            new = service.store(session, gateways, stripe_events.news(gateways, event.body))
        if new:
            yield _report("event", event.id, "type", "", event.type, "fetched")


def _compare_order(gateways: Gateways, order: Order) -> list[Difference]:
    """Differences first, then the same writing that an event would have caused, then the differences that stay."""
    picture = reading.of_order(gateways, order)
    with gateways.db.transaction() as session:
        before = _differences(session, picture)
    if not before:
        return []
    try:
        with gateways.db.transaction() as session:
            fulfilment.apply(session, gateways, fulfilment.locked(session, order.id), picture)
        with gateways.db.transaction() as session:
            after = {_place(one) for one in _differences(session, picture)}
    except (TryLater, NeedsPerson) as error:
        return [{**one, "outcome": f"not repaired: {error}"} for one in before]
    return [{**one, "outcome": "not repaired" if _place(one) in after else "repaired"} for one in before]


def _place(one: Difference) -> tuple[str, str, str]:
    return one["object"], one["id"], one["field"]


def _differences(session: Session, picture: mirror.Picture) -> list[Difference]:
    subscriptions = [picture.subscription] if picture.subscription else []
    return [
        *_compare(session, Subscription, subscriptions, subscription_fields),
        *_compare(session, Invoice, picture.invoices, invoice_fields),
        *_compare(session, Payment, picture.charges, payment_fields),
    ]


def _compare(
    session: Session, kind: Any, seen: Any, fields: Callable[[Any], Mapping[str, Any]]
) -> Iterator[Difference]:
    name = kind.__name__.lower()
    for one in seen:
        row = session.exec(select(kind).where(kind.stripe_id == one.id)).first()
        if row is None:
            yield _report(name, one.id, "", "", "present", "")
            continue
        for field, theirs in fields(one).items():
            ours = getattr(row, field)
            if ours != theirs:
                yield _report(name, one.id, field, ours, theirs, "")


def _report(object: str, id: str, field: str, ours: Any, theirs: Any, outcome: str) -> Difference:
    shown = {"ours": str(ours)[:200], "theirs": str(theirs)[:200]}
    return {"object": object, "id": id, "field": field, **shown, "outcome": outcome}


def _keep(gateways: Gateways, found: list[Difference], checked: dict[str, int]) -> Reconciliation:
    row = Reconciliation(checked=checked, differences=found, finished_at=gateways.now())
    with gateways.db.transaction() as session:
        session.add(row)
    return row


def tick(gateways: Gateways) -> None:
    run(gateways)
