"""What a tenant's stack will hold, computed from plain values."""

import json
import re
from collections import Counter
from dataclasses import dataclass

from programs.specs import MailRecord, SiteSpec

TENANT = re.compile(r"[0-9a-z]{26}")
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9]|-(?!-)){1,38}[a-z0-9]")
HOST = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


@dataclass(frozen=True)
class HostEntry:
    """One key of the routing table: which tenant answers on a host."""

    name: str  # of the resource: it follows the host, never its place in a list, so that removing one moves no other
    host: str
    tenant_id: str
    kind: str
    redirect_to: str | None = None

    @property
    def value(self) -> str:
        entry = {"v": 1, "t": self.tenant_id, "kind": self.kind, "to": self.redirect_to}
        return json.dumps(entry, sort_keys=True, separators=(",", ":"))


def vault_name(spec: SiteSpec) -> str:
    if not TENANT.fullmatch(spec.tenant_id):
        raise ValueError("a tenant id is 26 of 0-9 and a-z")
    return f"sp-{spec.env}-{spec.tenant_id}"


def host_entries(spec: SiteSpec) -> tuple[HostEntry, ...]:
    """Our own names for the tenant, and their own hosts once the claim to each was proved."""
    if not SLUG.fullmatch(spec.slug):
        raise ValueError(f"{spec.slug!r} cannot be a host name of ours")
    _check_own(spec)
    tenant = spec.tenant_id
    verified = [own for own in spec.own_hosts if own.verified]
    return (
        HostEntry("host-sub", f"{spec.slug}.{spec.sites_zone}", tenant, "sub", spec.primary),
        HostEntry("host-preview", f"{spec.slug}--preview.{spec.sites_zone}", tenant, "preview"),
        *(HostEntry(f"host-own-{own.host}", own.host, tenant, "own", own.redirect_to) for own in verified),
    )


def _check_own(spec: SiteSpec) -> None:
    hosts = [own.host for own in spec.own_hosts]
    if len(set(hosts)) != len(hosts):
        raise ValueError("an own host is named twice")
    for host in hosts:
        if not HOST.fullmatch(host) or host == spec.sites_zone or host.endswith(f".{spec.sites_zone}"):
            raise ValueError(f"{host!r} cannot be an own host")
    verified = {own.host for own in spec.own_hosts if own.verified}
    targets = {own.redirect_to for own in spec.own_hosts if own.redirect_to} | (
        {spec.primary} if spec.primary else set()
    )
    if targets - verified - {f"{spec.slug}.{spec.sites_zone}"}:
        raise ValueError("hosts may only redirect to a verified host of the same tenant")
    if any(own.redirect_to and own.host in targets for own in spec.own_hosts):
        raise ValueError("a host that others redirect to cannot redirect itself")
    if spec.primary and f"{spec.slug}.{spec.sites_zone}" in targets:
        raise ValueError("hosts would redirect to each other")


def mail_names(records: tuple[MailRecord, ...]) -> list[tuple[str, MailRecord]]:
    """A resource name for each record; several of one type and name are numbered."""
    seen: Counter[str] = Counter()
    named = []
    for record in records:
        label = f"mail-{record.type.lower()}-{record.name}"
        named.append((label if not seen[label] else f"{label}-{seen[label] + 1}", record))
        seen[label] += 1
    return named
