"""The life of an account: one stage after the other, each result stored before the next begins.

requested → creating → created → placed → probing → ready → claimed → active, then what somebody wants:
suspended ⇄ active, quarantined, closing → closed. A stage may run again after a crash at any point.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from sqlmodel import Session, select

from controlplane.accounts import ending, pool, readiness, turn, units
from controlplane.accounts.models import Account, AccountState
from controlplane.accounts.models import AccountState as S
from controlplane.core.errors import NeedsPerson, Refused, TryLater
from controlplane.core.log import scrub
from controlplane.gateways import Gateways
from controlplane.vendors.aws import AwsQuota
from controlplane.vendors.aws_organization import Creation

log = structlog.get_logger(__name__)
Change = dict[str, Any]
Stage = Callable[[Gateways, Account], Change]

LEASE = timedelta(seconds=120)
POLL = timedelta(seconds=1)
RATE = timedelta(hours=6)  # after a daily limit
LIMIT = timedelta(hours=12)  # after a limit that only a person can have raised
ATTEMPTS = 8
AGAIN = {"INTERNAL_FAILURE", "CONCURRENT_ACCOUNT_MODIFICATION", "GOVCLOUD_ACCOUNT_ALREADY_EXISTS"}


def create(gateways: Gateways, account: Account) -> Change:
    """Asked once. When it may have been asked before, look for what came of it: by e-mail, then by name."""
    with gateways.db.transaction() as session:
        rest = turn.paused(session, gateways.now())
    if rest and rest.paused_until:
        raise TryLater(rest.paused_reason, after=rest.paused_until - gateways.now())
    if account.asked_at:
        found = adopted(gateways, account)
        if found:
            return found
    with turn.turn(gateways):
        with gateways.db.transaction() as session:
            row = locked(session, account)
            row.asked_at = row.asked_at or gateways.now()
            session.add(row)
        tags = {"managed-by": "controlplane", "environment": gateways.settings.name}
        try:
            made = gateways.aws.organization.create(email=account.email, name=account.name, tags=tags)
        except AwsQuota as error:
            turn.pause(gateways, until=gateways.now() + RATE, reason=error.code)
            raise TryLater(error.reason, after=RATE) from None
    return {"state": S.CREATING, "request_id": made.id}


def adopted(gateways: Gateways, account: Account) -> Change | None:
    seen = gateways.aws.organization.by_email(account.email)
    if seen:
        return {"state": S.CREATED, "account_id": seen.id, "created_there_at": gateways.now()}
    request = gateways.aws.organization.creation_of(account.name)
    return {"state": S.CREATING, "request_id": request.id} if request else None


def wait_until_made(gateways: Gateways, account: Account) -> Change:
    found = gateways.aws.organization.creation(account.request_id)
    if found.state == "SUCCEEDED":
        return {"state": S.CREATED, "account_id": found.account_id, "created_there_at": gateways.now()}
    if found.state == "FAILED":
        return _not_made(gateways, account, found)
    raise TryLater("the vendor is making it", after=POLL)


def _not_made(gateways: Gateways, account: Account, found: Creation) -> Change:
    """A limit is no failure: this account waits, and no other is made in its place."""
    if found.reason == "EMAIL_ALREADY_EXISTS":
        seen = gateways.aws.organization.by_email(account.email)
        if seen:
            return {"state": S.CREATED, "account_id": seen.id, "created_there_at": gateways.now()}
    again = {"state": S.REQUESTED, "request_id": "", "asked_at": None}
    if "LIMIT" in found.reason:
        turn.pause(gateways, until=gateways.now() + LIMIT, reason=found.reason)
        return {**again, "error": found.reason, "who": "operator", "next_action": "ask the vendor for more accounts"}
    if found.reason in AGAIN:
        return again
    return {"state": S.FAILED, "error": found.reason, "who": "operator", "next_action": "read the reason"}


def place(gateways: Gateways, account: Account) -> Change:
    return {"state": S.PLACED, "unit": units.place(gateways, account_id(account), "pool")}


def enter(gateways: Gateways, account: Account) -> Change:
    """Into the unit of those that work, with its creator's name on it."""
    unit = units.place(gateways, account_id(account), "active")
    with turn.turn(gateways):
        gateways.aws.organization.tag(account_id(account), {"tenant": str(account.tenant_id)})
    return {"state": S.ACTIVE, "unit": unit}


STAGES: dict[AccountState, Stage] = {
    S.REQUESTED: create,
    S.CREATING: wait_until_made,
    S.CREATED: place,
    S.PLACED: readiness.bootstrap,
    S.PROBING: readiness.probe,
    S.CLAIMED: enter,
    S.CLOSING: ending.prove,
}
WANTED: dict[AccountState, Stage] = {
    S.ACTIVE: ending.reopen,
    S.SUSPENDED: ending.suspend,
    S.QUARANTINED: ending.quarantine,
    S.CLOSED: ending.close,
}


def stage_of(account: Account) -> Stage | None:
    """What somebody wants goes before what comes next, once there is an account to do it to."""
    if account.state in {S.CLOSED, S.FAILED}:
        return None
    if account.wanted and account.account_id and account.state is not S.CLOSING and account.state != account.wanted:
        return WANTED[account.wanted]
    return STAGES.get(account.state)


def account_id(account: Account) -> str:
    assert account.account_id is not None  # guarded by a constraint of the table
    return account.account_id


def advance(gateways: Gateways, row_id: str) -> None:
    """As far as it goes now; the rest when it is due."""
    while account := _claimed(gateways, row_id):
        stage = stage_of(account)
        if stage is None:
            _settle(gateways, account, {"next_check_at": None})
            return
        try:
            change = stage(gateways, account)
        except Exception as error:
            _settle(gateways, account, _ended(gateways, account, error))
            return
        done: Change = {"error": "", "who": "", "next_action": "", "attempts": 0, "next_check_at": gateways.now()}
        if not _settle(gateways, account, {**done, **change}):
            return


def _claimed(gateways: Gateways, row_id: str) -> Account | None:
    now = gateways.now()
    with gateways.db.transaction() as session:
        query = select(Account).where(Account.id == row_id).with_for_update(skip_locked=True)
        row = session.exec(query).first()
        if row is None or row.next_check_at is None or row.next_check_at > now:
            return None
        if row.lease_until and row.lease_until > now:
            return None
        row.fence, row.attempts, row.lease_until = row.fence + 1, row.attempts + 1, now + LEASE
        session.add(row)
    return row


def locked(session: Session, account: Account) -> Account:
    """The row, if it is still ours."""
    row = session.exec(select(Account).where(Account.id == account.id).with_for_update()).one()
    if row.fence != account.fence:
        raise TryLater("somebody else works on it")
    return row


def _settle(gateways: Gateways, account: Account, change: Change) -> bool:
    with gateways.db.transaction() as session:
        row = session.exec(select(Account).where(Account.id == account.id).with_for_update()).one()
        if row.fence != account.fence:
            return False
        before = row.state
        for name, value in change.items():
            setattr(row, name, value)
        row.lease_until = None
        session.add(row)
        session.flush()
        if row.state != before:
            log.info("account.moved", account=row.id, before=before, after=row.state)
            pool.note(session, row, f"account.{row.state}", pool.WORKER, row.reason)
        if row.state is S.READY:
            pool.hand_out(session, gateways)
    return True


def _ended(gateways: Gateways, account: Account, error: Exception) -> Change:
    text = scrub(str(error))[:500]
    if isinstance(error, TryLater):
        return {"error": text, "attempts": 0, "next_check_at": gateways.now() + error.after}
    if isinstance(error, NeedsPerson):
        return {"error": text, "who": error.who, "next_action": error.next_action, "next_check_at": None}
    log.error("account.stopped", account=account.id, exc_info=error)
    parked = {"error": text, "who": "operator", "next_action": "correct the cause, then probe", "next_check_at": None}
    if isinstance(error, Refused) or account.attempts >= ATTEMPTS:
        return parked
    return {"error": text, "next_check_at": gateways.now() + timedelta(seconds=5 * 2**account.attempts)}
