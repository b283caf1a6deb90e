"""A tenant's site at the edge: what it may do there, and its content release by release."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from controlplane.core.errors import TryLater
from controlplane.gateways import Gateways
from controlplane.vendors.edge import Seen, StaleRevision
from programs.starter import Starter
from tenants import service as tenants
from tenants.conditions import Concern
from tenants.lifecycle import State
from tenants.models import Tenant

# What visitors and members of a tenant get in each state of its life.
EDGE_STATUS = {
    State.QUEUED: "provisioning",
    State.QUEUED_CAPACITY: "provisioning",
    State.PROVISIONING: "provisioning",
    State.FAILED: "provisioning",
    State.ACTIVE: "active",
    State.RESUMING: "active",
    State.PAST_DUE: "past_due",
    State.SUSPENDED: "suspended",
    State.QUARANTINED: "frozen",
    State.CANCELLED: "suspended",
    State.RETENTION: "offboarding",
    State.DEPROVISIONING: "offboarding",
}


@dataclass(frozen=True)
class Hosts:
    """The names a tenant answers on, the first one first."""

    sub: str
    own: tuple[str, ...] = ()

    @property
    def primary(self) -> str:
        return self.own[0] if self.own else self.sub

    @property
    def every(self) -> list[str]:
        return [self.sub, *self.own]


def subdomain(gateways: Gateways, tenant: Tenant) -> str:
    return f"{tenant.slug}.{gateways.settings.cloudflare.sites_zone}"


def document(tenant: Tenant, hosts: Hosts, *, status: str, revision: int, banner: str | None = None) -> dict[str, Any]:
    """The `t:` document; the edge knows no plan names and no prices."""
    return {
        "v": 1,
        "rev": revision,
        "status": status,
        "epoch": int(tenant.facts.get("epoch", 0)),
        "slug": tenant.slug,
        "primary": hosts.primary,
        "hosts": hosts.every,
        "features": tenant.spec.get("features", {}),
        "limits": tenant.spec.get("limits", {}),
        "banner": banner,
        "stripe_customer": tenant.spec.get("stripe_customer"),
        "locale": tenant.locale,
    }


def banner(session: Session, tenant: Tenant) -> str | None:
    """While a payment is missing everybody who works on the site sees until when it stays up."""
    billing = tenants.conditions(session, tenant.id).get(Concern.BILLING)
    if tenant.state is not State.PAST_DUE or billing is None:
        return None
    return f"suspends_at:{billing.expected_by:%Y-%m-%d}" if billing.expected_by else "payment_failed"


def push(gateways: Gateways, tenant_id: str, document: dict[str, Any]) -> None:
    """Idempotent by revision. After a restored backup the edge may be ahead: then ours jumps over it."""
    try:
        gateways.edge.put_tenant(tenant_id, document)
    except StaleRevision as error:
        raise TryLater(f"the edge has revision {error.extra.get('revision')}") from error


def publish_starter(gateways: Gateways, tenant: Tenant) -> dict[str, Any]:
    """The first content of a new tenant; a tenant that already published something keeps it."""
    live = gateways.edge.releases(tenant.id).get("live")
    if live:
        return {"release": live["release"] if isinstance(live, dict) else live, "starter": False}
    starter = Starter(
        language="en" if tenant.locale == "en" else "de",
        company=tenant.name,
        host=subdomain(gateways, tenant),
        email=tenant.spec.get("owner_email", ""),
        year=gateways.now().year,
        forms=bool(tenant.spec.get("features", {}).get("forms")),
    )
    answer = publish(gateways, tenant.id, starter.files(), by="starter", expect=None)
    return {"release": answer["release"], "starter": True}


def publish(
    gateways: Gateways, tenant_id: str, files: Mapping[str, bytes], *, by: str, expect: str | None
) -> dict[str, Any]:
    """Upload what the edge lacks, then switch in one step. The same content again is the same release."""
    hashes = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    by_hash = {digest: files[path] for path, digest in hashes.items()}
    missing = gateways.edge.missing_blobs(tenant_id, sorted(by_hash))
    gateways.edge.put_blobs(tenant_id, (by_hash[digest] for digest in missing))
    return gateways.edge.publish(tenant_id, {"files": hashes, "expect_live": expect, "by": by})


def require_seen(gateways: Gateways, tenant_id: str, host: str, *, status: int) -> Seen:
    """Nothing is called done that was not looked at: a visitor gets this tenant with this status."""
    seen = gateways.edge.probe(host)
    mark = hashlib.sha256(tenant_id.encode()).hexdigest()[:8]
    if seen.status != status or (seen.tenant and seen.tenant != mark):
        raise TryLater(f"{host} answers {seen.status} instead of {status}")
    return seen
