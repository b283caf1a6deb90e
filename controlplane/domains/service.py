"""Own domains of a tenant: claimed, proved by a TXT record, made, watched until they are live, and after.

A CNAME alone proves nothing: it may have been left by somebody who went away. So the claim is proved first, by a
record that names this tenant, seen by our own look-up; several may claim a name, the first who proves it has it.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

import idna
from sqlmodel import Session, col, select

from controlplane.audit.service import record
from controlplane.core.errors import Conflict, Invalid, NotFound
from controlplane.core.queue import Wakeup
from controlplane.domains.models import Domain, HostState
from controlplane.domains.resolver import look
from controlplane.domains.suffixes import registrable
from controlplane.gateways import Gateways
from controlplane.vendors.cloudflare import CustomHostname
from tenants.models import Tenant

CHECK = "domain.check"
CLAIM_LIFE = timedelta(days=7)
CLAIMS_A_DAY = 10
GONE = (HostState.REMOVED,)
RESERVED_TLDS = ("localhost", "local", "internal", "test", "example", "invalid", "onion", "arpa")


def normalise(gateways: Gateways, name: str) -> str:
    """Lower case, punycode, a name below a public suffix and not one of ours."""
    try:
        host = idna.encode(name.strip().rstrip(".").lower(), uts46=True).decode()
    except idna.IDNAError as error:
        raise Invalid("This is not a host name.", code="host_form") from error
    settings = gateways.settings.cloudflare
    for zone in (settings.sites_zone, settings.portal_zone):
        if host == zone or host.endswith(f".{zone}"):
            raise Invalid("This name is one of ours.", code="host_ours")
    if host.rsplit(".", 1)[-1] in RESERVED_TLDS or registrable(host) is None:
        raise Invalid("This name cannot be registered.", code="host_suffix")
    return host


def claim(session: Session, gateways: Gateways, tenant: Tenant, name: str, *, actor: str) -> Domain:
    host = normalise(gateways, name)
    if not tenant.spec.get("features", {}).get("own_domain"):
        raise Conflict("The plan has no own domain.", code="feature_not_in_plan", next_step="Choose another plan.")
    if not target(gateways, tenant):
        raise Conflict("The platform is not built yet.", code="not_built_yet", next_step="Wait until it is live.")
    mine = of_tenant(session, tenant.id)
    present = next((domain for domain in mine if domain.host == host), None)
    if present:
        return present
    since = gateways.now() - timedelta(days=1)
    if sum(domain.created_at >= since for domain in mine) >= CLAIMS_A_DAY:
        raise Conflict("Too many domains for one day.", code="too_many_claims")
    domain = Domain(
        tenant_id=tenant.id, host=host, token=token(gateways, tenant.id, host), next_check_at=gateways.now()
    )
    domain.required = [
        {"type": "TXT", "name": f"_sp-verify.{host}", "value": domain.token},
        _alias(gateways, tenant, host),
    ]
    session.add(domain)
    _note(session, domain, "domain.claimed", actor)
    gateways.queue.defer(session, Wakeup(CHECK, domain.id))
    return domain


def look_again(session: Session, gateways: Gateways, domain: Domain) -> None:
    """Now, and often again from now on."""
    domain.checks, domain.reason, domain.next_check_at = 0, "", gateways.now()
    session.add(domain)
    gateways.queue.defer(session, Wakeup(CHECK, domain.id))


def remove(session: Session, gateways: Gateways, domain: Domain, *, actor: str) -> None:
    """A claim just ends; what the vendor has stays ours until the vendor says that it is gone."""
    was_made = domain.state is not HostState.CLAIMED
    domain.state = HostState.REMOVING if was_made else HostState.REMOVED
    _note(session, domain, "domain.removed", actor)
    if was_made:
        look_again(session, gateways, domain)
    else:
        domain.next_check_at = None
        session.add(domain)


def has_expired(domain: Domain, *, now: datetime) -> bool:
    return domain.state is HostState.CLAIMED and domain.created_at + CLAIM_LIFE <= now


def of_tenant(session: Session, tenant_id: str) -> list[Domain]:
    query = select(Domain).where(Domain.tenant_id == tenant_id, col(Domain.state).not_in(GONE))
    return list(session.exec(query.order_by(Domain.host)).all())


def find(session: Session, tenant_id: str, host: str) -> Domain:
    found = next((domain for domain in of_tenant(session, tenant_id) if domain.host == host), None)
    if found is None:
        raise NotFound("There is no such domain.")
    return found


def token(gateways: Gateways, tenant_id: str, host: str) -> str:
    """The same for the same claim, another for each tenant, and not to be guessed."""
    _kid, key = gateways.secrets.get("domain_claims", _new_key)
    digest = hmac.new(bytes.fromhex(key), f"{tenant_id}|{host}".encode(), hashlib.sha256).hexdigest()
    return f"sp-{digest[:40]}"


def is_proved(gateways: Gateways, domain: Domain) -> bool:
    seen = look(gateways.settings.resolver).at(f"_sp-verify.{domain.host}", "TXT")
    return domain.token in seen.values


def read_vendor(domain: Domain, found: CustomHostname | None) -> HostState:
    """The vendor's two status machines in one word of ours; live is only said after the probe."""
    if found is None:
        return HostState.REQUESTED
    if found.status in {"blocked", "pending_blocked"}:
        return HostState.BLOCKED
    if found.status == "moved" or found.ssl_status.endswith("timed_out"):
        return HostState.MOVED
    if found.is_live:
        return HostState.LIVE if domain.state is HostState.LIVE else HostState.PROBING
    if found.status == "active" and found.ssl_status in {"pending_issuance", "pending_deployment"}:
        return HostState.VERIFYING
    return HostState.AWAITING_DNS


def next_look(checks: int, state: HostState) -> timedelta:
    """Often at first, then rarely; a live one once a day."""
    if state is HostState.LIVE:
        return timedelta(days=1)
    if checks < 20:
        return timedelta(seconds=15)
    return timedelta(minutes=2) if checks < 80 else timedelta(minutes=30)


def target(gateways: Gateways, tenant: Tenant) -> str:
    """Where own names have to lead: to the creator's distribution, or to the way in that all sites share."""
    if tenant.product == "creator":
        return str(tenant.facts.get("distribution_domain", ""))
    return f"customers.{gateways.settings.cloudflare.sites_zone}"


def _alias(gateways: Gateways, tenant: Tenant, host: str) -> dict[str, str]:
    return {"type": "CNAME", "name": host, "value": target(gateways, tenant)}


def _new_key() -> str:
    return secrets.token_hex(32)


def _note(session: Session, domain: Domain, action: str, actor: str) -> None:
    record(
        session,
        actor=actor,
        action=action,
        object_type="domain",
        object_id=domain.id,
        stream="tenant",
        tenant_id=domain.tenant_id,
        reason=domain.host,
    )
