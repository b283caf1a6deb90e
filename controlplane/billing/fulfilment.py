"""What a reading of Stripe means for an order. The only way to a tenant, whoever calls it, however often.

Called by the inbox, by the success page, by the sweep and by the nightly comparison; always with the order locked.
"""

from datetime import datetime, timedelta

import structlog
from sqlmodel import Session, select

from controlplane.audit.service import SYSTEM, record, tenant_recorder
from controlplane.billing import claims, decisions, mirror, notices, plans, reading, referrals, standing
from controlplane.billing.catalog import catalog
from controlplane.billing.ledger import Invoice
from controlplane.billing.mirror import Picture
from controlplane.billing.models import PAID, Order, OrderState, Quote
from controlplane.billing.selection import of_json, rights
from controlplane.core.ids import new_id
from controlplane.gateways import Gateways
from controlplane.provisioning import service as operations
from controlplane.provisioning.models import Kind
from tenants import service as tenants
from tenants.models import Tenant
from tenants.service import NewTenant

log = structlog.get_logger(__name__)
FUNDS_TAKE = timedelta(days=21)


def locked(session: Session, order_id: str) -> Order:
    return session.exec(select(Order).where(Order.id == order_id).with_for_update()).one()


def apply(session: Session, gateways: Gateways, order: Order, picture: Picture) -> None:
    """`order` is locked. Mirrors first, then the order, then the tenant."""
    mirror.write(session, order, picture)
    _learn(order, picture)
    if order.funded_at is None:
        _consider_payment(session, gateways, order, picture)
    if order.funded_at is not None:
        _after_payment(session, gateways, order, picture)
    _plan_next_check(gateways, order)
    session.add(order)


def _learn(order: Order, picture: Picture) -> None:
    order.read_at = picture.read_at
    if picture.page and picture.page.id == order.stripe_session:
        order.stripe_subscription = picture.page.subscription or order.stripe_subscription
    if picture.subscription and order.stripe_subscription is None:
        order.stripe_subscription = picture.subscription.id
    if picture.subscription and picture.subscription.is_over:
        order.ended_at = order.ended_at or picture.subscription.ended_at or picture.read_at


def _consider_payment(session: Session, gateways: Gateways, order: Order, picture: Picture) -> None:
    page = picture.page
    if page is None:
        return
    if not page.is_funded and not _first_invoice_paid(picture):
        _follow_page(session, gateways, order, picture)
        return
    if order.ended_at:
        _late_payment(session, order, picture.subscription.id if picture.subscription else page.id)
        return
    quote = session.get_one(Quote, order.quote_id)
    if (page.subtotal, page.discount) != (quote.subtotal, quote.discount):
        _ask_about_amount(session, order, quote, picture)
    elif page.total == 0 and not quote.trial_days and order.product == "creator" and not _agreed(session, order):
        order.state = OrderState.AWAITING_APPROVAL
        question = "A creator platform for nothing: shall it start?"
        decisions.ask(session, order, kind="free_order", about=order.id, question=question, choices=("start", "end"))
    else:
        fund(session, gateways, order)


def _first_invoice_paid(picture: Picture) -> bool:
    return any(one.status == "paid" and one.billing_reason == "subscription_create" for one in picture.invoices)


def _agreed(session: Session, order: Order) -> bool:
    return order.state == OrderState.AWAITING_APPROVAL and not decisions.is_open(session, order.id, ("free_order",))


def _ask_about_amount(session: Session, order: Order, quote: Quote, picture: Picture) -> None:
    assert picture.page
    order.state = OrderState.AWAITING_APPROVAL
    facts = {"quoted": [quote.subtotal, quote.discount], "charged": [picture.page.subtotal, picture.page.discount]}
    question = "Another amount was charged than was quoted. What shall happen?"
    decisions.ask(
        session, order, kind="amount_differs", about=order.id, question=question, choices=("start", "end"), facts=facts
    )


def _follow_page(session: Session, gateways: Gateways, order: Order, picture: Picture) -> None:
    """Not paid (yet). A name is held as long as the money may still come."""
    page = picture.page
    assert page
    if page.status == "expired" or (order.ended_at and order.state in {OrderState.AWAITING_FUNDS}):
        over = OrderState.EXPIRED if page.status == "expired" else OrderState.PAYMENT_FAILED
        end_unpaid(session, gateways, order, over)
    elif page.status == "complete" and order.state != OrderState.AWAITING_FUNDS:
        order.state = OrderState.AWAITING_FUNDS
        until = gateways.now() + FUNDS_TAKE
        tenants.hold_name(session, order.slug, holder=order.id, until=until, now=gateways.now())
        notices.order_waits(session, gateways, order)


def end_unpaid(session: Session, gateways: Gateways, order: Order, state: OrderState) -> None:
    order.state, order.checkout_url = state, ""
    tenants.free_name(session, order.slug, holder=order.id, rest_until=gateways.now())
    record(session, actor=SYSTEM, action=f"order.{state}", object_type="order", object_id=order.id, stream="money")
    if state == OrderState.PAYMENT_FAILED:
        notices.payment_did_not_arrive(session, gateways, order)


def fund(session: Session, gateways: Gateways, order: Order) -> Tenant:
    """Exactly one tenant: the order is locked, and the tenant's row is unique by order as well."""
    now = gateways.now()
    order.state, order.funded_at, order.checkout_url = OrderState.FUNDED, order.funded_at or now, ""
    tenant, is_new = tenants.start(session, _tenant(gateways, order), now=now, record=tenant_recorder(session))
    order.tenant_id = tenant.id
    session.add(order)
    if is_new:
        tenants.free_name(session, order.slug, holder=order.id, rest_until=now)
        tenants.hold_name(session, order.slug, holder=tenant.id, until=None, now=now)
        operations.request(session, gateways, tenant, Kind.PROVISION, cause="paid")
        record(session, actor=SYSTEM, action="order.funded", object_type="order", object_id=order.id, stream="money")
        notices.order_confirmed(session, gateways, order, session.get_one(Quote, order.quote_id))
    return tenant


def _tenant(gateways: Gateways, order: Order) -> NewTenant:
    settings = gateways.settings
    promise = settings.edge.promise_seconds if order.product == "site" else settings.aws.promise_seconds
    return NewTenant(
        id=new_id(),
        order_id=order.id,
        customer_id=order.customer_id,
        product=order.product,
        slug=order.slug,
        name=order.name,
        locale=order.locale,
        spec=spec_of(order),
        promised_at=gateways.now() + timedelta(seconds=promise),
    )


def spec_of(order: Order) -> dict[str, object]:
    chosen = rights(catalog(), of_json(order.selection))
    common = {
        "own_domain": None,
        "owner_email": order.buyer["email"],
        "company": order.buyer["company"],
        "stripe_customer": order.stripe_customer,
    }
    return {**chosen, **common}


def _after_payment(session: Session, gateways: Gateways, order: Order, picture: Picture) -> None:
    for invoice in picture.invoices:
        if invoice.status == "paid" and invoice.amount_paid > 0:
            referrals.paid(session, order, now=gateways.now())
            if _came_late(order, invoice.paid_at):
                _late_payment(session, order, invoice.id)
    if picture.subscription:
        plans.follow(session, gateways, order, picture.subscription)
    claims.follow(session, gateways, order, picture)
    if picture.customer_gone:
        order.ended_at = order.ended_at or gateways.now()
    standing.steer(session, gateways, order)


def _came_late(order: Order, paid_at: datetime | None) -> bool:
    """Money for something that is over: never a reason to start it again."""
    return bool(order.ended_at and paid_at and paid_at > order.ended_at)


def _late_payment(session: Session, order: Order, about: str) -> None:
    row = session.exec(select(Invoice).where(Invoice.stripe_id == about)).first()
    amount = row.amount_paid if row else 0
    question = "A payment arrived for a subscription that is over. Keep it as credit, or pay it back?"
    choices = ("refund", "keep")
    decisions.ask(session, order, kind="late_payment", about=about, question=question, choices=choices, amount=amount)


def _plan_next_check(gateways: Gateways, order: Order) -> None:
    """Orders that wait are looked at again, less and less often: the event may be lost."""
    if order.state in PAID or order.state in {OrderState.EXPIRED, OrderState.CANCELLED, OrderState.PAYMENT_FAILED}:
        order.check_at = None
        return
    order.checks += 1
    order.check_at = gateways.now() + min(timedelta(hours=6), timedelta(minutes=2) * 2 ** min(order.checks, 8))


def refresh(gateways: Gateways, order_id: str) -> Order:
    """Ask Stripe about this order now and draw the consequences: for the success page and the sweep."""
    with gateways.db.transaction() as session:
        order = session.get_one(Order, order_id)
    if order.stripe_session is None:
        return _give_up_draft(gateways, order_id)
    picture = reading.of_order(gateways, order)
    with gateways.db.transaction() as session:
        order = locked(session, order_id)
        apply(session, gateways, order, picture)
    return order


def _give_up_draft(gateways: Gateways, order_id: str) -> Order:
    """The payment page never opened, and by now Stripe would refuse to open it."""
    with gateways.db.transaction() as session:
        order = locked(session, order_id)
        ends = order.session_expires_at or gateways.now()
        if order.state == OrderState.DRAFT and gateways.now() > ends:
            end_unpaid(session, gateways, order, OrderState.EXPIRED)
        _plan_next_check(gateways, order)
        session.add(order)
    return order
