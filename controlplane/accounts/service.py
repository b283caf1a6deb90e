"""What people and operations want of accounts. It is written down here; the factory brings it about."""

from sqlmodel import Session, select

from controlplane.accounts import pool
from controlplane.accounts.models import Account, AccountState
from controlplane.accounts.models import AccountState as S
from controlplane.core.errors import Conflict, NotFound
from controlplane.core.queue import Wakeup
from controlplane.gateways import Gateways

OVER = {S.CLOSING, S.CLOSED, S.FAILED}


def locked(session: Session, row_id: str) -> Account:
    row = session.exec(select(Account).where(Account.id == row_id).with_for_update()).first()
    if row is None:
        raise NotFound("There is no such account.")
    return row


def want(session: Session, gateways: Gateways, row_id: str, state: AccountState, *, actor: str, reason: str) -> Account:
    """Suspended, active again, quarantined or closed. Closing is one way."""
    row = locked(session, row_id)
    if row.state in OVER and not (row.state is S.CLOSING and state is S.CLOSED):
        raise Conflict(f"The account is {row.state}.")
    if row.account_id is None:
        raise Conflict("The vendor has not made it yet.")
    if state is S.ACTIVE and row.tenant_id is None:
        raise Conflict("Nobody has claimed it.")
    row.wanted, row.reason, row.reason_at = state, reason, gateways.now()
    pool.note(session, row, f"account.wanted.{state}", actor, reason)
    _wake(session, gateways, row)
    return row


def look_again(session: Session, gateways: Gateways, row_id: str, *, actor: str) -> Account:
    """All probes once more for one in stock; for any other, the next try now."""
    row = locked(session, row_id)
    if row.state is S.READY and row.tenant_id is None:
        row.state, row.probes = S.PROBING, {}
    row.who = row.next_action = ""
    pool.note(session, row, "account.probed", actor)
    _wake(session, gateways, row)
    return row


def of_tenant(session: Session, tenant_id: str) -> Account | None:
    return pool.of_tenant(session, tenant_id)


def _wake(session: Session, gateways: Gateways, row: Account) -> None:
    row.attempts, row.next_check_at = 0, gateways.now()
    session.add(row)
    gateways.queue.defer(session, Wakeup(pool.ADVANCE, row.id, attempt=row.fence + 1))
