"""Suspending, quarantining and closing: by the unit in which an account stands, and by the vendor's own word."""

from datetime import timedelta
from typing import Any

from controlplane.accounts import turn, units
from controlplane.accounts.models import Account
from controlplane.accounts.models import AccountState as S
from controlplane.core.errors import TryLater
from controlplane.gateways import Gateways
from controlplane.vendors.aws import AwsQuota

Change = dict[str, Any]
FIRST, LONGEST = timedelta(hours=1), timedelta(hours=24)
LOOK = timedelta(seconds=2)


def suspend(gateways: Gateways, account: Account) -> Change:
    return {"state": S.SUSPENDED, "unit": _place(gateways, account, "suspended")}


def reopen(gateways: Gateways, account: Account) -> Change:
    return {"state": S.ACTIVE, "unit": _place(gateways, account, "active"), "wanted": None, "reason": ""}


def quarantine(gateways: Gateways, account: Account) -> Change:
    return {"state": S.QUARANTINED, "unit": _place(gateways, account, "quarantine")}


def close(gateways: Gateways, account: Account) -> Change:
    """Asked for as often as the vendor allows: a few at a time and a share of all in a month."""
    unit = _place(gateways, account, "closing")
    assert account.account_id
    try:
        with turn.turn(gateways):
            gateways.aws.organization.close(account.account_id)
    except AwsQuota as error:
        raise TryLater(error.reason, after=backoff(gateways, account)) from None
    return {"state": S.CLOSING, "unit": unit}


def backoff(gateways: Gateways, account: Account) -> timedelta:
    """Twice as long each time: as long as it has waited already, within an hour and a day."""
    waited = gateways.now() - account.reason_at if account.reason_at else timedelta()
    return min(LONGEST, max(FIRST, waited))


def prove(gateways: Gateways, account: Account) -> Change:
    """Closed is what the vendor says; an account may look open for minutes after it was closed."""
    assert account.account_id
    seen = gateways.aws.organization.account(account.account_id)
    if seen is not None and not seen.is_closed:
        raise TryLater(f"the vendor still calls it {seen.state}", after=LOOK)
    gateways.aws.forget(account.account_id)
    return {"state": S.CLOSED, "closed_at": gateways.now(), "wanted": None}


def _place(gateways: Gateways, account: Account, unit: str) -> str:
    assert account.account_id
    return units.place(gateways, account.account_id, unit)
