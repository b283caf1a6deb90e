"""What is subscribed to now decides what the tenant may do: read from Stripe's items, wherever they were changed."""

from sqlmodel import Session

from controlplane.audit.service import SYSTEM, record
from controlplane.billing.catalog import Interval, catalog
from controlplane.billing.models import Order
from controlplane.billing.selection import Selection, of_json, rights, select
from controlplane.core.errors import Conflict, Invalid
from controlplane.gateways import Gateways
from controlplane.provisioning import service as operations
from controlplane.provisioning.models import Kind
from controlplane.vendors.stripe_values import SubscriptionSeen
from tenants import service as tenants
from tenants.lifecycle import SERVING, State

UPDATABLE = SERVING | {State.SUSPENDED}


def follow(session: Session, gateways: Gateways, order: Order, seen: SubscriptionSeen) -> None:
    """A changed plan changes the tenant's spec and asks for an update; `steer` repeats what could not be asked now."""
    if seen.is_over:
        return
    bought = _bought(order, seen)
    if bought is not None and bought != of_json(order.selection):
        before, order.selection = order.selection, bought.as_json()
        session.add(order)
        record(
            session, actor=SYSTEM, action="plan.changed", object_type="order", object_id=order.id, stream="money",
            tenant_id=order.tenant_id or "", changes={"selection": [before, order.selection]},
        )  # fmt: skip
    adapt(session, gateways, order)


def _bought(order: Order, seen: SubscriptionSeen) -> Selection | None:
    """Recurring items are at Stripe; what was included or paid once is taken over from the order."""
    book = catalog()
    items = {item.offer: item.quantity for item in seen.items if item.offer in book.offers and not item.metered}
    if not items:
        return None
    once = {key: n for key, n in order.selection["offers"].items() if Interval.ONCE in book.offer(key).amounts}
    interval = next(item.interval for item in seen.items if item.offer in items)
    try:
        return select(book, line=order.product, interval=Interval(interval), offers={**items, **once})
    except Invalid:
        return None  # nobody could have bought this: the nightly comparison reports it


def adapt(session: Session, gateways: Gateways, order: Order) -> bool:
    """True when the tenant's spec says what is paid for and an update brings it about."""
    tenant = tenants.locked(session, order.tenant_id) if order.tenant_id else None
    if tenant is None:
        return True
    wanted = {**tenant.spec, **rights(catalog(), of_json(order.selection))}
    if tenant.spec == wanted:
        return True
    if State(tenant.state) not in UPDATABLE:
        return False
    try:
        operations.request(session, gateways, tenant, Kind.UPDATE, cause="plan changed")
    except Conflict:
        return False
    tenant.spec = wanted
    session.add(tenant)
    return True
