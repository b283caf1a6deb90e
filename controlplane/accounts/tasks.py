"""Jobs and ticks of accounts."""

from sqlmodel import col, select

from controlplane.accounts import factory, pool, reconciliation
from controlplane.accounts.models import Account
from controlplane.core.queue import Wakeup
from controlplane.gateways import Gateways

BATCH = 50


def advance(gateways: Gateways, row_id: str) -> None:
    factory.advance(gateways, row_id)


def sweep(gateways: Gateways) -> None:
    """What is due, whatever became of its wake-up; and the stock. Without an organisation there is nothing to do."""
    if not gateways.settings.aws.management_account:
        return
    now = gateways.now()
    with gateways.db.transaction() as session:
        query = select(Account.id, Account.fence).where(col(Account.next_check_at) <= now)
        due = session.exec(query.order_by(col(Account.next_check_at)).limit(BATCH)).all()
    gateways.queue.push(Wakeup(pool.ADVANCE, identity, attempt=fence + 1) for identity, fence in due)
    pool.fill(gateways)


def reconcile(gateways: Gateways) -> None:
    if gateways.settings.aws.management_account:
        reconciliation.reconcile(gateways)


def reconcile_now(gateways: Gateways, _row_id: str) -> None:
    reconcile(gateways)
