"""Usage above what a price includes: written down by whoever measures, told to Stripe once."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from controlplane.billing.catalog import catalog
from controlplane.billing.ledger import Usage
from controlplane.billing.models import Order
from controlplane.core.errors import Outcome
from controlplane.core.ids import new_id
from controlplane.core.queue import Wakeup
from controlplane.gateways import Gateways

PUSH = "usage.push"


def note(
    session: Session,
    gateways: Gateways,
    *,
    tenant_id: str,
    order_id: str,
    meter: str,
    period: str,
    quantity: int,
    used_at: datetime,
) -> bool:
    """False when this period was noted before: what was told to Stripe cannot be told differently."""
    if meter not in catalog().meters:
        raise ValueError(f"there is no meter {meter!r}")
    row = {"id": new_id(), "tenant_id": tenant_id, "order_id": order_id, "meter": meter, "period": period}
    statement = insert(Usage).values(**row, quantity=quantity, used_at=used_at, error="")
    once = statement.on_conflict_do_nothing(index_elements=["tenant_id", "meter", "period"])
    found = session.execute(once.returning(col(Usage.id))).first()
    if found:
        gateways.queue.defer(session, Wakeup(PUSH, found[0]))
    return found is not None


def push(gateways: Gateways, usage_id: str) -> None:
    with gateways.db.transaction() as session:
        row = session.get(Usage, usage_id)
        if row is None or row.sent_at or row.quantity == 0:
            return
        order = session.get_one(Order, row.order_id)
    gateways.stripe.report_usage(
        event=catalog().meters[row.meter].event,
        customer=order.stripe_customer,
        value=row.quantity,
        identifier=f"{gateways.settings.name}-{row.id}",
        at=row.used_at,
    )
    with gateways.db.transaction() as session:
        row = session.get_one(Usage, usage_id)
        row.sent_at, row.error = gateways.now(), ""
        session.add(row)


def failed(gateways: Gateways, usage_id: str, error: Exception) -> None:
    with gateways.db.transaction() as session:
        row = session.get_one(Usage, usage_id)
        row.error = error.reason if isinstance(error, Outcome) else str(error)[:500]
        session.add(row)


def sweep(gateways: Gateways) -> None:
    query = select(Usage.id).where(col(Usage.sent_at).is_(None), Usage.quantity > 0).order_by(col(Usage.id)).limit(100)
    with gateways.db.transaction() as session:
        found = session.exec(query).all()
    hour = int(gateways.now().timestamp()) // 60
    gateways.queue.push([Wakeup(PUSH, usage_id, attempt=hour) for usage_id in found])
