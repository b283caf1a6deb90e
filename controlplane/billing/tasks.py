"""Jobs and ticks about money. A tick finds rows and wakes; the job takes the row and decides."""

from sqlmodel import col, select

from controlplane.billing import fulfilment, standing
from controlplane.billing.models import Order
from controlplane.core.queue import Wakeup
from controlplane.gateways import Gateways

CHECK, STEER = "order.check", "order.steer"
BATCH = 100


def check(gateways: Gateways, order_id: str) -> None:
    fulfilment.refresh(gateways, order_id)


def steer(gateways: Gateways, order_id: str) -> None:
    with gateways.db.transaction() as session:
        order = fulfilment.locked(session, order_id)
        if order.steer_at and order.steer_at <= gateways.now():
            standing.steer(session, gateways, order)


def sweep(gateways: Gateways) -> None:
    """Orders that wait for money, and tenants that do not yet stand where the money says."""
    now = gateways.now()
    with gateways.db.transaction() as session:
        checks = session.exec(select(Order.id, Order.checks).where(col(Order.check_at) <= now).limit(BATCH)).all()
        steers = session.exec(select(Order.id).where(col(Order.steer_at) <= now).limit(BATCH)).all()
    gateways.queue.push([Wakeup(CHECK, found, attempt=count) for found, count in checks])
    gateways.queue.push([Wakeup(STEER, found, attempt=int(now.timestamp())) for found in steers])
