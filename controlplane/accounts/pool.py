"""Accounts in stock, so that nobody waits for the vendor; handed out in the order in which creators asked."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

import structlog
from sqlalchemy import func, text
from sqlmodel import Session, col, select

from controlplane.accounts import turn
from controlplane.accounts.models import COMING, Account, AccountClaim, AccountState
from controlplane.accounts.models import AccountState as S
from controlplane.audit.service import record
from controlplane.core.queue import Wakeup
from controlplane.gateways import Gateways

log = structlog.get_logger(__name__)
ADVANCE = "account.advance"
WORKER = "worker:controlplane"
USUAL = timedelta(minutes=15)  # until the first account of ours has shown how long it really takes


@dataclass(frozen=True)
class Stock:
    ready: int
    coming: int
    waiting: int  # creators without an account
    made_today: int
    made: int  # ever, without those that failed
    given: int
    paused_until: datetime | None = None
    paused_reason: str = ""
    limit: int = 0

    @property
    def is_broken(self) -> bool:
        """Accounts are made that nobody got: something is wrong, and each of them costs."""
        return self.made > self.given + self.waiting + self.limit


def stock(session: Session, gateways: Gateways) -> Stock:
    now = gateways.now()
    counts = _counts(session)
    since = select(func.count()).where(col(Account.asked_at) > now - timedelta(days=1))
    waiting = select(func.count()).where(col(AccountClaim.account_row).is_(None))
    given = select(func.count()).where(col(AccountClaim.account_row).is_not(None))
    rest = turn.paused(session, now)
    return Stock(
        ready=counts.get(S.READY, 0),
        coming=sum(counts.get(state, 0) for state in COMING),
        waiting=session.exec(waiting).one(),
        made_today=session.exec(since).one(),
        made=sum(count for state, count in counts.items() if state is not S.FAILED),
        given=session.exec(given).one(),
        paused_until=rest.paused_until if rest else None,
        paused_reason=rest.paused_reason if rest else "",
        limit=gateways.settings.aws.pool_stock + 2,
    )


def _counts(session: Session) -> dict[AccountState, int]:
    query = select(Account.state, func.count()).group_by(col(Account.state))
    return {AccountState(state): count for state, count in session.exec(query).all()}


def fill(gateways: Gateways) -> int:
    """Ask for as many as are missing: for those who wait, and for the stock. The number asked for."""
    with gateways.db.transaction() as session:
        session.connection().execute(text("SELECT pg_advisory_xact_lock(hashtext('account_pool'))"))
        found = stock(session, gateways)
        missing = found.waiting + gateways.settings.aws.pool_stock - found.ready - found.coming
        allowed = gateways.settings.aws.daily_cap - found.made_today - _unasked(session)
        if found.is_broken or found.paused_until:
            log.warning("pool.stands", ready=found.ready, coming=found.coming, reason=found.paused_reason or "breaker")
            return 0
        count = max(0, min(missing, allowed))
        for _number in range(count):
            order(session, gateways, actor=WORKER)
    return count


def _unasked(session: Session) -> int:
    query = select(func.count()).where(col(Account.state) == S.REQUESTED, col(Account.asked_at).is_(None))
    return session.exec(query).one()


def order(session: Session, gateways: Gateways, *, actor: str) -> Account:
    """The intent is written down before anybody calls the vendor: the e-mail address is what finds it again."""
    alias = secrets.token_hex(8)
    pattern = gateways.settings.aws.account_email
    row = Account(
        email=pattern.format(alias=alias), name=f"{gateways.settings.name}-{alias}"[:50], next_check_at=gateways.now()
    )
    session.add(row)
    session.flush()
    note(session, row, "account.requested", actor)
    gateways.queue.defer(session, Wakeup(ADVANCE, row.id))
    return row


def claim(session: Session, gateways: Gateways, tenant_id: str, *, actor: str = WORKER) -> Account | None:
    """This creator's account; None: it is in the queue for one. Asking again changes nothing."""
    found = of_tenant(session, tenant_id)
    if found:
        return found
    _in_turn(session)
    present = session.exec(select(AccountClaim).where(AccountClaim.tenant_id == tenant_id)).first()
    if present is None:
        session.add(AccountClaim(tenant_id=tenant_id, asked_at=gateways.now()))
        session.flush()
    hand_out(session, gateways, actor=actor)
    return of_tenant(session, tenant_id)


def of_tenant(session: Session, tenant_id: str) -> Account | None:
    return session.exec(select(Account).where(Account.tenant_id == tenant_id)).first()


def withdraw(session: Session, tenant_id: str) -> None:
    """Who is leaving waits no longer; who has an account keeps it until it is closed."""
    row = session.exec(select(AccountClaim).where(AccountClaim.tenant_id == tenant_id)).first()
    if row and row.account_row is None:
        session.delete(row)


def hand_out(session: Session, gateways: Gateways, *, actor: str = WORKER) -> int:
    """The oldest that is ready to the one who has waited longest."""
    _in_turn(session)
    waiting = select(AccountClaim).where(col(AccountClaim.account_row).is_(None)).order_by(col(AccountClaim.asked_at))
    ready = select(Account).where(
        Account.state == S.READY, col(Account.tenant_id).is_(None), col(Account.wanted).is_(None)
    )
    claims = session.exec(waiting).all()
    accounts = session.exec(ready.order_by(col(Account.ready_at)).with_for_update(skip_locked=True)).all()
    pairs = list(zip(claims, accounts, strict=False))
    for asked, account in pairs:
        account.tenant_id, account.state = asked.tenant_id, S.CLAIMED
        account.claimed_at = account.next_check_at = gateways.now()
        asked.account_row, asked.given_at = account.id, gateways.now()
        session.add_all([asked, account])
        note(session, account, "account.claimed", actor)
        gateways.queue.defer(session, Wakeup(ADVANCE, account.id, attempt=account.fence + 1))
    session.flush()
    return len(pairs)


def _in_turn(session: Session) -> None:
    session.connection().execute(text("SELECT pg_advisory_xact_lock(hashtext('account_claims'))"))


def expected(session: Session, gateways: Gateways, tenant_id: str = "") -> datetime:
    """When the next account will be there, or the one of this creator, honestly: by what the last ones took, not before
    the pause is over, and not before the cap of the day has come round to who waits behind others.
    """
    now = gateways.now()
    query = select(Account).where(col(Account.ready_at).is_not(None), col(Account.asked_at).is_not(None))
    last = session.exec(query.order_by(col(Account.ready_at).desc()).limit(5)).all()
    took = [row.ready_at - row.asked_at for row in last if row.ready_at and row.asked_at]
    usual = max(took, default=USUAL)
    coming = select(func.min(col(Account.asked_at))).where(col(Account.state).in_(COMING))
    began = session.exec(coming).one()
    rest = turn.paused(session, now)
    start = (rest.paused_until if rest and rest.paused_until else None) or began or now
    return max(start + usual, now + timedelta(minutes=1)) + _days_behind(session, gateways, tenant_id)


def _days_behind(session: Session, gateways: Gateways, tenant_id: str) -> timedelta:
    found, cap = stock(session, gateways), max(1, gateways.settings.aws.daily_cap)
    asked = select(AccountClaim.asked_at).where(AccountClaim.tenant_id == tenant_id)
    before = select(func.count()).where(
        col(AccountClaim.account_row).is_(None), col(AccountClaim.asked_at) < asked.scalar_subquery()
    )
    today = max(0, cap - found.made_today - _unasked(session))
    missing = session.exec(before).one() + 1 - found.ready - found.coming - today
    return timedelta(days=ceil(max(0, missing) / cap))


def note(session: Session, row: Account, action: str, actor: str, reason: str = "") -> None:
    record(
        session,
        actor=actor,
        action=action,
        object_type="account",
        object_id=row.id,
        stream="tenant" if row.tenant_id else "system",
        tenant_id=row.tenant_id or "",
        reason=reason,
    )
