"""What the edge shows because of money: a banner while a payment is missing, closed to all while a person looks.

Operations tell the edge what they change. Money moves a tenant without an operation too: then this job tells it.
`order.edge_due_at` is set with the move and taken away by the edge's answer, so nothing is lost in between.
"""

from datetime import timedelta

from sqlmodel import Session, col, select

from controlplane.billing.models import Order
from controlplane.core.errors import TryLater
from controlplane.core.queue import Wakeup
from controlplane.gateways import Gateways
from controlplane.provisioning import service as operations
from controlplane.provisioning import shown
from controlplane.publishing import service as publishing
from tenants import service as tenants
from tenants.models import Tenant

TELL = "order.tell_edge"
AGAIN = timedelta(seconds=15)
BATCH = 100


def want(session: Session, gateways: Gateways, order: Order, tenant: Tenant) -> None:
    """With the order locked, after every look at where its tenant stands."""
    if tenant.product != "site" or tenant.live_at is None or tenant.state not in publishing.EDGE_STATUS:
        return
    wanted = f"{publishing.EDGE_STATUS[tenant.state]}:{publishing.banner(session, tenant) or ''}"
    if wanted != order.edge_wanted:
        order.edge_wanted, order.edge_due_at = wanted, gateways.now()
        session.add(order)
        gateways.queue.defer(session, Wakeup(TELL, order.id, attempt=int(gateways.now().timestamp())))


def tell(gateways: Gateways, order_id: str) -> None:
    found = _claim(gateways, order_id)
    if found is None:
        return
    order, tenant = found
    shown.push(gateways, tenant, publishing.EDGE_STATUS[tenant.state])
    with gateways.db.transaction() as session:
        row = session.exec(select(Order).where(Order.id == order_id).with_for_update()).one()
        if row.edge_wanted == order.edge_wanted:
            row.edge_due_at = None
            session.add(row)


def _claim(gateways: Gateways, order_id: str) -> tuple[Order, Tenant] | None:
    """A running operation tells the edge itself: nobody speaks in between, or a closed site would open again."""
    with gateways.db.transaction() as session:
        order = session.exec(select(Order).where(Order.id == order_id).with_for_update(skip_locked=True)).first()
        if order is None or order.edge_due_at is None or order.edge_due_at > gateways.now():
            return None
        tenant = tenants.locked(session, order.tenant_id or "")
        if tenant is None or tenant.state not in publishing.EDGE_STATUS:
            order.edge_due_at = None
            return None
        order.edge_due_at = gateways.now() + AGAIN
        session.add(order)
        if operations.open_operation(session, tenant.id):
            return None
        tenant.revision += 1
        session.add(tenant)
        return order, tenant


def run(gateways: Gateways, order_id: str) -> None:
    try:
        tell(gateways, order_id)
    except TryLater:
        return  # still due: the sweep wakes it


def due(session: Session, gateways: Gateways) -> list[Wakeup]:
    now = gateways.now()
    found = session.exec(select(Order.id).where(col(Order.edge_due_at) <= now).limit(BATCH)).all()
    return [Wakeup(TELL, identity, attempt=int(now.timestamp())) for identity in found]
