"""From a bare account to one that a program can work in: what it must have, and which services answer."""

from datetime import datetime, timedelta
from typing import Any

from controlplane.accounts.models import Account
from controlplane.accounts.models import AccountState as S
from controlplane.core.errors import NeedsPerson, Outcome, TryLater
from controlplane.gateways import Gateways
from controlplane.vendors.aws import AwsDenied, AwsRefused
from controlplane.vendors.aws_member import Contact, Member
from controlplane.vendors.aws_probes import PROBES

PATIENCE = timedelta(seconds=2)  # between two rounds at first; later a hundredth of the account's age
TOO_LONG = timedelta(hours=24)
ENOUGH_FUNCTIONS = 1000
PHONE = "+49 30 0000000"
PASSES = 3  # times that we were let in, spread over the settings' probe_seconds


def bootstrap(gateways: Gateways, account: Account) -> dict[str, Any]:
    """Everything that would otherwise make a creator wait."""
    member = _entered(gateways, account)
    seller = gateways.settings.seller
    address = seller.email or account.email
    contact = Contact(seller.name or "Platform", address, seller.phone or PHONE)
    for act in (member.require_passwords, member.link_services, lambda: member.tell_contacts(contact)):
        _patiently(act)
    return {"state": S.PROBING, "probes": {}}


def _patiently(act: Any) -> None:
    try:
        act()
    except AwsDenied as error:  # in a fresh account: its roles are not known everywhere yet
        raise TryLater(error.reason, after=timedelta(seconds=5)) from None


def _entered(gateways: Gateways, account: Account) -> Member:
    assert account.account_id
    try:
        return gateways.aws.member(account.account_id)
    except AwsDenied as error:
        raise TryLater(error.reason, after=timedelta(seconds=5)) from None


def probe(gateways: Gateways, account: Account) -> dict[str, Any]:
    """All services, each until it answers once; being let in has to last."""
    now = gateways.now()
    probes = {**account.probes, "sts": _again_let_in(gateways, account, now)}
    member = _entered(gateways, account)
    for service in PROBES:
        if service != "sts" and not probes.get(service, {}).get("ok"):
            probes[service] = _result(member, service, now)
    missing = {name: entry["detail"] for name, entry in probes.items() if not entry["ok"]}
    if not missing:
        quotas = member.quotas()
        if quotas["lambda_concurrency"] < ENOUGH_FUNCTIONS:
            member.ask_for_concurrency(ENOUGH_FUNCTIONS)
        return {"state": S.READY, "probes": probes, "quotas": quotas, "ready_at": now}
    return _still_waiting(account, probes, missing, now)


def _again_let_in(gateways: Gateways, account: Account, now: datetime) -> dict[str, Any]:
    assert account.account_id
    gateways.aws.forget(account.account_id)
    _entered(gateways, account).probe("sts")
    before = account.probes.get("sts") or {"first": now.isoformat(), "passes": 0}
    passes = before["passes"] + 1
    lasted = now - datetime.fromisoformat(before["first"])
    enough = lasted >= timedelta(seconds=gateways.settings.aws.probe_seconds) and passes >= PASSES
    enough = enough or gateways.settings.aws.probe_seconds == 0
    detail = f"{passes} times"
    return {"ok": enough, "at": now.isoformat(), "detail": detail, "first": before["first"], "passes": passes}


def _result(member: Member, service: str, now: datetime) -> dict[str, Any]:
    try:
        member.probe(service)
    except (Outcome, AwsRefused) as error:
        return {"ok": False, "at": now.isoformat(), "detail": str(error)[:200]}
    return {"ok": True, "at": now.isoformat(), "detail": ""}


def _still_waiting(account: Account, probes: dict[str, Any], missing: dict[str, str], now: datetime) -> dict[str, Any]:
    """What has passed is kept. After a day only the vendor's support can help."""
    text = "; ".join(f"{name}: {detail}" for name, detail in missing.items())[:500]
    age = now - (account.created_there_at or now)
    change: dict[str, Any] = {"probes": probes, "error": text, "next_check_at": now + max(PATIENCE, age / 100)}
    if "must be verified" in text or age > TOO_LONG:
        change |= {"who": "vendor", "next_action": "open a case with the vendor's support"}
    if age > 3 * TOO_LONG:
        raise NeedsPerson(text, who="vendor", next_action="open a case with the vendor's support")
    return change
