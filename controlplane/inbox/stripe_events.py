"""Stripe's events: which ones we follow, whose they are, and what is read again because of them."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from controlplane.billing import fulfilment, notices, reading
from controlplane.billing.ledger import Invoice, Subscription
from controlplane.billing.mirror import Picture
from controlplane.billing.models import Order
from controlplane.core.errors import TryLater
from controlplane.gateways import Gateways
from controlplane.inbox.models import InboxEvent
from controlplane.inbox.service import News
from controlplane.vendors.stripe_values import identity, metadata, subscription_of

Read = Callable[[Gateways, Order, str], Picture]

# A purchase comes as five events at once. The page's tells everything; the others would only stand in its way.
COMPANY = timedelta(seconds=5)
CLAIMS = ("refund", "dispute", "radar.early_fraud_warning")
FOLLOWED = frozenset(
    "checkout.session.completed checkout.session.async_payment_succeeded checkout.session.async_payment_failed "
    "checkout.session.expired invoice.paid invoice.payment_failed invoice.payment_action_required "
    "invoice.finalization_failed invoice.voided invoice.marked_uncollectible customer.subscription.created "
    "customer.subscription.updated customer.subscription.deleted customer.subscription.paused "
    "customer.subscription.resumed customer.subscription.trial_will_end charge.refunded refund.created refund.updated "
    "refund.failed charge.dispute.created charge.dispute.updated charge.dispute.closed "
    "radar.early_fraud_warning.created radar.early_fraud_warning.updated customer.deleted".split()
)
READERS: dict[str, Read] = {
    "checkout.session": reading.of_page,
    "invoice": reading.of_invoice,
    "subscription": reading.of_subscription,
    "charge": reading.of_charge,
    "customer": reading.of_customer,
}
MARKED = ("checkout.session", "invoice", "subscription", "customer")  # objects that carry our environment's name


def news(gateways: Gateways, event: Mapping[str, Any]) -> News:
    subject = event["data"]["object"]
    kind = str(subject.get("object", ""))
    facts = {"kind": kind, **_facts(kind, subject)}
    return News(
        source="stripe",
        external_id=str(event["id"]),
        type=str(event["type"]),
        object_id=identity(subject),
        facts=facts,
        is_ours=event["type"] in FOLLOWED and _is_ours(gateways, event, kind, facts),
        wait=COMPANY if _accompanies_a_page(event) else timedelta(),
    )


def _accompanies_a_page(event: Mapping[str, Any]) -> bool:
    """The subscription that was just bought, its first step, and its first invoice."""
    subject, before = event["data"]["object"], event["data"].get("previous_attributes") or {}
    is_first = event["type"] == "customer.subscription.created" or before.get("status") == "incomplete"
    return is_first or subject.get("billing_reason") == "subscription_create"


def _facts(kind: str, subject: Mapping[str, Any]) -> dict[str, str]:
    marks = subscription_of(subject)[1] if kind == "invoice" else {}
    found = {
        "env": str(marks.get("env") or metadata(subject, "env")),
        "order": str(marks.get("order") or metadata(subject, "order") or subject.get("client_reference_id") or ""),
        "customer": identity(subject.get("customer")) if kind != "customer" else identity(subject),
        "charge": identity(subject) if kind == "charge" else identity(subject.get("charge")),
    }
    return {name: value for name, value in found.items() if value}


def _is_ours(gateways: Gateways, event: Mapping[str, Any], kind: str, facts: Mapping[str, str]) -> bool:
    settings = gateways.settings
    if bool(event.get("livemode")) != settings.stripe.livemode:
        return False
    account = event.get("account")
    if account and account != settings.stripe.account:
        return False
    return kind not in MARKED or facts.get("env") == settings.name


def find_order(session: Session, event: InboxEvent) -> Order | None:
    """By our own id on the object, else by the vendor's customer, of whom each order has one."""
    order_id = event.facts.get("order")
    if order_id:
        return session.get(Order, order_id)
    customer = event.facts.get("customer")
    query = select(Order).where(Order.stripe_customer == customer) if customer else None
    return session.exec(query).first() if query is not None else None


def complete(gateways: Gateways, event: InboxEvent) -> None:
    """A dispute, refund or warning names a charge only: the charge knows the customer."""
    if event.facts.get("customer") or event.facts.get("order"):
        return
    charge = event.facts.get("charge")
    if charge:
        event.facts = {**event.facts, "customer": gateways.stripe.charge(charge).customer}


def read(gateways: Gateways, order: Order, event: InboxEvent) -> Picture:
    kind = event.facts["kind"]
    if kind in CLAIMS:
        return reading.of_charge(gateways, order, event.facts["charge"])
    return READERS[kind](gateways, order, event.object_id)


def is_old_news(session: Session, event: InboxEvent) -> bool:
    """The subscription was read after this had come in, because of another event. Who asks for a replay gets one."""
    if event.facts["kind"] != "subscription" or event.fence > 1:
        return False
    read_since = (Subscription.stripe_id == event.object_id, col(Subscription.read_at) >= event.created_at)
    return session.exec(select(Subscription.id).where(*read_since)).first() is not None


def apply(session: Session, gateways: Gateways, order_id: str, event: InboxEvent, picture: Picture | None) -> None:
    order = fulfilment.locked(session, order_id)
    if picture:
        fulfilment.apply(session, gateways, order, picture)
        session.flush()
    _tell(session, gateways, order, event)


def _tell(session: Session, gateways: Gateways, order: Order, event: InboxEvent) -> None:
    """Letters that belong to the event and not to a state. Written from the mirror, so never about old news."""
    if event.type == "invoice.payment_action_required":
        invoice = session.exec(select(Invoice).where(Invoice.stripe_id == event.object_id)).first()
        if invoice and invoice.status == "open" and order.funded_at:
            notices.payment_action(session, gateways, order, invoice)
    row = session.exec(select(Subscription).where(Subscription.order_id == order.id)).first()
    if row and event.type == "customer.subscription.trial_will_end" and row.status == "trialing":
        notices.trial_ends(session, gateways, order, row)
    if row and row.status in {"active", "trialing"} and (row.cancel_at_period_end or row.cancel_at):
        notices.cancellation_planned(session, gateways, order, row)


def missing(event: InboxEvent) -> TryLater | None:
    """An order that is named but not here yet may still come; a charge without an order is somebody else's."""
    if event.facts.get("order"):
        return TryLater(f"order {event.facts['order']} is not here (yet)")
    return None
