"""Changing what is subscribed to, and ending it. Stripe is told first; the tenant follows what Stripe then says."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from controlplane.audit.service import record
from controlplane.billing import checkout, fulfilment, mirror, notices, quotes, reading
from controlplane.billing.catalog import Interval, catalog, price_key
from controlplane.billing.mirror import Picture
from controlplane.billing.models import Order, Quote
from controlplane.billing.quotes import Asked
from controlplane.billing.selection import of_json
from controlplane.core.errors import Conflict, Invalid, NotFound
from controlplane.gateways import Gateways
from controlplane.vendors.stripe_values import SubscriptionSeen


@dataclass(frozen=True)
class Preview:
    """What a change costs: on the next invoice, now and to the day."""

    quote: Quote
    due_now: int
    tax: int
    currency: str


def preview(gateways: Gateways, order_id: str, offers: dict[str, int], interval: Interval | None) -> Preview:
    """Priced by Stripe itself, which knows how much of the period is left."""
    with gateways.db.transaction() as session:
        order = _changeable(session, order_id)
        quote = _quote(session, gateways, order, offers, interval)
    items = _items(gateways, order, quote)
    invoice = gateways.stripe.preview_items(order.stripe_subscription or "", items)
    return Preview(quote, invoice.amount_due, invoice.tax, invoice.currency)


def apply(gateways: Gateways, order_id: str, quote_id: str, *, actor: str) -> Order:
    """The same quote twice is one change: the quote is the key."""
    with gateways.db.transaction() as session:
        order = _changeable(session, order_id)
        quote = quotes.usable(session, quote_id, now=gateways.now())
        if quote.replaces_order != order.id:
            raise Invalid("This quote is not for this order.", code="quote_kind")
    begun = mirror.reading_begins(gateways)
    seen = _bring_about(gateways, order, quote)
    with gateways.db.transaction() as session:
        record(
            session, actor=actor, action="plan.change_requested", object_type="order", object_id=order.id,
            stream="money", tenant_id=order.tenant_id or "", changes={"quote": ["", quote.id]},
        )  # fmt: skip
        order = _adopt(session, gateways, order_id, begun, seen)
        notices.tell(session, gateways, order, "plan_changed", quote.id)
    return order


def _bring_about(gateways: Gateways, order: Order, quote: Quote) -> SubscriptionSeen:
    """Wanted against present: after a lost answer nothing is left to change, so nothing is charged twice."""
    subscription = order.stripe_subscription or ""
    items = _items(gateways, order, quote)
    present = {item.id: (item.price, item.quantity) for item in gateways.stripe.subscription(subscription).items}
    changed = [item for item in items if present.get(item.get("id", "")) != (item.get("price"), item.get("quantity"))]
    if not changed:
        return gateways.stripe.subscription(subscription)
    digest = hashlib.sha256(json.dumps(changed, sort_keys=True).encode()).hexdigest()[:16]
    return gateways.stripe.change_items(subscription, changed, key=f"change:{order.id}:{quote.id}:{digest}")


def cancel(gateways: Gateways, order_id: str, *, at_period_end: bool, actor: str, reason: str) -> Order:
    """At the end of what is paid by default: nothing is taken from a customer who leaves."""
    with gateways.db.transaction() as session:
        order = _running(session, order_id)
        record(
            session, actor=actor, action="subscription.cancel_requested", object_type="order", object_id=order.id,
            stream="money", tenant_id=order.tenant_id or "", reason=reason,
        )  # fmt: skip
    begun = mirror.reading_begins(gateways)
    key = f"cancel:{order.id}:{begun:%Y%m%d%H%M%S}"
    seen = gateways.stripe.cancel(order.stripe_subscription or "", at_period_end=at_period_end, key=key)
    return _written(gateways, order_id, begun, seen)


def keep(gateways: Gateways, order_id: str, *, actor: str) -> Order:
    with gateways.db.transaction() as session:
        order = _running(session, order_id)
        record(
            session, actor=actor, action="subscription.kept", object_type="order", object_id=order.id, stream="money",
        )  # fmt: skip
    begun = mirror.reading_begins(gateways)
    seen = gateways.stripe.keep(order.stripe_subscription or "", key=f"keep:{order.id}:{begun:%Y%m%d%H%M%S}")
    return _written(gateways, order_id, begun, seen)


def _written(gateways: Gateways, order_id: str, begun: datetime, seen: SubscriptionSeen) -> Order:
    with gateways.db.transaction() as session:
        return _adopt(session, gateways, order_id, begun, seen)


def _adopt(session: Session, gateways: Gateways, order_id: str, begun: datetime, seen: SubscriptionSeen) -> Order:
    order = fulfilment.locked(session, order_id)
    fulfilment.apply(session, gateways, order, Picture(begun, subscription=seen))
    return order


def _running(session: Session, order_id: str) -> Order:
    order = session.get(Order, order_id)
    if order is None:
        raise NotFound("There is no such order.")
    if order.funded_at is None or order.ended_at or not order.stripe_subscription:
        raise Conflict("There is no running subscription.", code="not_running")
    return order


def _changeable(session: Session, order_id: str) -> Order:
    """Not while a payment is missing, a cancellation is planned or somebody looks into it."""
    order = _running(session, order_id)
    row = mirror.subscription_of(session, order.id)
    if order.frozen or row is None or row.status not in {"active", "trialing"}:
        text = "The plan can be changed when everything is paid."
        raise Conflict(text, code="not_active", next_step="Pay the open invoice first.")
    if row.cancel_at_period_end:
        text = "A cancellation is planned."
        raise Conflict(text, code="cancellation_planned", next_step="Take the cancellation back first.")
    return order


def _quote(
    session: Session, gateways: Gateways, order: Order, offers: dict[str, int], interval: Interval | None
) -> Quote:
    first = session.get_one(Quote, order.quote_id)
    once = {key: 1 for key in order.selection["offers"] if Interval.ONCE in catalog().offer(key).amounts}
    bought_again = sorted(key for key in offers if Interval.ONCE in catalog().offer(key).amounts and key not in once)
    if bought_again:
        raise Invalid("This is sold with a new order only.", code="once_only", offers=bought_again)
    asked = Asked(
        line=order.product,
        interval=interval or of_json(order.selection).interval,
        offers={**{key: n for key, n in offers.items() if key not in once}, **once},
        buyer=first.buyer,
        country=first.country,
        locale=order.locale,
    )
    quote, _selection = quotes.prepare(session, gateways, asked)
    quote.replaces_order = order.id
    quote.digest = quotes.digest(quote)
    session.add(quote)
    session.flush()
    return quote


def _items(gateways: Gateways, order: Order, quote: Quote) -> list[dict[str, Any]]:
    """What must become of each item: kept with its quantity, exchanged, added, or removed."""
    present = {item.offer: item for item in gateways.stripe.subscription(order.stripe_subscription or "").items}
    recurring = [line for line in quote.lines if line["interval"] != Interval.ONCE]
    items: list[dict[str, Any]] = []
    with gateways.db.transaction() as session:
        for line in recurring:
            key = price_key(line["offer"], Interval(line["interval"]), quote.buyer)
            item: dict[str, Any] = {"price": checkout.living_price(session, key), "quantity": line["quantity"]}
            known = present.pop(line["offer"], None)
            items.append({**item, "id": known.id} if known else item)
    items += [{"id": item.id, "deleted": True} for item in present.values() if not item.metered]
    return items


def billing_page(gateways: Gateways, order_id: str, *, actor: str) -> str:
    """Also after the end: invoices are asked for years later."""
    with gateways.db.transaction() as session:
        order = session.get(Order, order_id)
        if order is None or not order.stripe_customer:
            raise NotFound("There is no such order.")
        record(
            session, actor=actor, action="billing_page.opened", object_type="order", object_id=order.id, stream="money",
        )  # fmt: skip
    back_to = f"{gateways.settings.public_url}/portal/billing"
    return gateways.stripe.billing_page(order.stripe_customer, back_to=back_to, locale=order.locale)


def read_again(gateways: Gateways, order_id: str) -> Order:
    """After a visit to Stripe's own pages."""
    with gateways.db.transaction() as session:
        order = _running(session, order_id)
    picture = reading.of_order(gateways, order)
    with gateways.db.transaction() as session:
        order = fulfilment.locked(session, order_id)
        fulfilment.apply(session, gateways, order, picture)
    return order
