"""Domains as people and programs are told about them."""

from typing import Any

from controlplane.domains import apex, doctor
from controlplane.domains.doctor import Compared
from controlplane.domains.models import Domain, HostState, MailDomain


def host(row: Domain) -> dict[str, Any]:
    return {
        "host": row.host,
        "state": row.state,
        "reason": row.reason or None,
        "records": [{"type": one.type, "name": one.name, "value": one.value} for one in doctor.of_host(row)],
        "apex": apex.is_apex(row.host),
        "checked_next_at": row.next_check_at,
        "proved_at": row.proved_at,
        "live_at": row.live_at,
    }


def own_name(name: str, *, live: bool) -> dict[str, Any]:
    """Our name for the tenant, which needs nothing from anybody."""
    state = HostState.LIVE if live else HostState.REQUESTED
    return {"host": name, "state": state, "reason": None, "records": []}


def sending(row: MailDomain) -> dict[str, Any]:
    return {"domain": row.name, "status": row.status, "verified_at": row.verified_at, "asked_at": row.asked_at}


def compared(found: list[Compared]) -> list[dict[str, Any]]:
    return [one.shown() for one in found]
