"""Asking Stripe about an order, or about one object of it. No transaction is open while it answers."""

from sqlmodel import select

from controlplane.billing.ledger import Subscription
from controlplane.billing.mirror import Picture, reading_begins
from controlplane.billing.models import Order
from controlplane.gateways import Gateways
from controlplane.vendors.stripe_values import Session as Page
from controlplane.vendors.stripe_values import SubscriptionSeen


def of_order(gateways: Gateways, order: Order) -> Picture:
    """Everything there is: for an order that waits, and for the nightly comparison."""
    begun = reading_begins(gateways)
    page = _page(gateways, order)
    subscription = _subscription(gateways, order, page)
    invoices = gateways.stripe.invoices(subscription=subscription.id) if subscription else []
    charges = gateways.stripe.charges(order.stripe_customer) if order.stripe_customer else []
    claims = [claim for charge in charges for claim in gateways.stripe.claims(charge.id)]
    return Picture(begun, page, subscription, tuple(invoices), tuple(charges), tuple(claims))


def of_page(gateways: Gateways, order: Order, page_id: str) -> Picture:
    begun = reading_begins(gateways)
    page = gateways.stripe.session(page_id)
    subscription = _subscription(gateways, order, page)
    invoices = (gateways.stripe.invoice(subscription.latest_invoice),) if subscription else ()
    return Picture(begun, page, subscription, invoices)


def of_subscription(gateways: Gateways, order: Order, subscription_id: str) -> Picture:
    begun = reading_begins(gateways)
    subscription = gateways.stripe.subscription(subscription_id)
    latest = subscription.latest_invoice
    invoices = (gateways.stripe.invoice(latest),) if latest else ()
    return Picture(begun, _page_if_unfunded(gateways, order), subscription, invoices)


def of_invoice(gateways: Gateways, order: Order, invoice_id: str) -> Picture:
    begun = reading_begins(gateways)
    invoice = gateways.stripe.invoice(invoice_id)
    subscription = gateways.stripe.subscription(invoice.subscription) if invoice.subscription else None
    charges = tuple(gateways.stripe.charges(order.stripe_customer)) if order.stripe_customer else ()
    return Picture(begun, _page_if_unfunded(gateways, order), subscription, (invoice,), charges)


def of_charge(gateways: Gateways, order: Order, charge_id: str) -> Picture:
    begun = reading_begins(gateways)
    charge = gateways.stripe.charge(charge_id)
    claims = tuple(gateways.stripe.claims(charge_id))
    invoice_id = gateways.stripe.invoice_of(charge.payment_intent)
    invoices = (gateways.stripe.invoice(invoice_id),) if invoice_id else ()
    subscription = _subscription(gateways, order, None)
    return Picture(begun, None, subscription, invoices, (charge,), claims, {charge_id: invoice_id})


def of_customer(gateways: Gateways, order: Order, customer_id: str) -> Picture:
    begun = reading_begins(gateways)
    gone = gateways.stripe.customer_is_gone(customer_id)
    return Picture(begun, None, _subscription(gateways, order, None), customer_gone=gone)


def _page(gateways: Gateways, order: Order) -> Page | None:
    return gateways.stripe.session(order.stripe_session) if order.stripe_session else None


def _page_if_unfunded(gateways: Gateways, order: Order) -> Page | None:
    """Until it is paid the page says whether the right amount was charged."""
    return _page(gateways, order) if order.funded_at is None else None


def _subscription(gateways: Gateways, order: Order, page: Page | None) -> SubscriptionSeen | None:
    known = (page.subscription if page else "") or order.stripe_subscription or _mirrored(gateways, order)
    return gateways.stripe.subscription(known) if known else None


def _mirrored(gateways: Gateways, order: Order) -> str:
    with gateways.db.transaction() as session:
        return session.exec(select(Subscription.stripe_id).where(Subscription.order_id == order.id)).first() or ""
