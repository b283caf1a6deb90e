"""Watching own domains: prove the claim, have the stack make it, read the vendor, probe, say what is missing."""

from datetime import timedelta

import structlog
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from controlplane.core.errors import Conflict, Outcome
from controlplane.core.queue import Wakeup
from controlplane.domains import service as domains
from controlplane.domains.models import Domain, Found, HostState
from controlplane.domains.resolver import CouldNotAsk
from controlplane.gateways import Gateways
from controlplane.provisioning import creator_names
from controlplane.provisioning.models import Kind
from controlplane.provisioning.service import request
from controlplane.publishing import platform
from controlplane.publishing.service import require_seen
from tenants import service as tenants
from tenants.conditions import OK, Concern, Finding, Health, Who
from tenants.lifecycle import SERVING
from tenants.models import Tenant

log = structlog.get_logger(__name__)

CHECK = domains.CHECK
BATCH = 100
WORDS = {
    HostState.CLAIMED: ("domain_unproved", "publish_txt", Who.CUSTOMER),
    HostState.REQUESTED: ("domain_preparing", "", Who.US),
    HostState.AWAITING_DNS: ("awaiting_dns", "publish_records", Who.CUSTOMER),
    HostState.VERIFYING: ("certificate_pending", "", Who.VENDOR),
    HostState.PROBING: ("domain_probing", "", Who.US),
    HostState.MOVED: ("domain_moved", "publish_records", Who.CUSTOMER),
    HostState.BLOCKED: ("domain_blocked", "ask_vendor", Who.OPERATOR),
    HostState.REMOVING: ("domain_removing", "", Who.US),
}
HINDERED = {
    "caa_forbids": ("allow_issuer", Who.CUSTOMER),
    "caa_forbids_amazon": ("allow_issuer", Who.CUSTOMER),
    "proof_timed_out": ("publish_records", Who.CUSTOMER),
    "amazon_refuses": ("ask_vendor", Who.OPERATOR),
}
PENDING = frozenset({HostState.AWAITING_DNS, HostState.MOVED})  # then the vendor may say what it is missing


def sweep(gateways: Gateways) -> None:
    query = (
        select(Domain.id, Domain.checks)
        .where(col(Domain.next_check_at) <= gateways.now())
        .order_by(col(Domain.next_check_at))
        .limit(BATCH)
    )
    with gateways.db.transaction() as session:
        rows = session.exec(query).all()
    gateways.queue.push(Wakeup(CHECK, identity, attempt=checks) for identity, checks in rows)


def check(gateways: Gateways, domain_id: str) -> None:
    with gateways.db.transaction() as session:
        domain = session.get(Domain, domain_id)
        tenant = session.get(Tenant, domain.tenant_id) if domain else None
    if domain is None or tenant is None or domain.state is HostState.REMOVED:
        return
    try:
        found = _look(gateways, tenant, domain)
    except (CouldNotAsk, Outcome) as error:  # could not ask is not a change
        log.info("domain.not_asked", domain=domain.host, error=str(error))
        wants = domain.state in {HostState.REQUESTED, HostState.REMOVING}
        found = Found(domain.state, domain.required, domain.reason, wants=wants)
    _settle(gateways, domain_id, found)


def _look(gateways: Gateways, tenant: Tenant, domain: Domain) -> Found:
    if domain.state is HostState.CLAIMED:
        state = _prove(gateways, domain)
        reason = domain.reason if state is HostState.CLAIMED else ""
        return Found(state, domain.required, reason, wants=state is HostState.REQUESTED)
    return creator_names.look(gateways, tenant, domain) if tenant.product == "creator" else _at_edge(gateways, domain)


def _at_edge(gateways: Gateways, domain: Domain) -> Found:
    zone = _sites_zone(gateways)
    found = gateways.cloudflare.custom_hostname(zone, domain.host)
    if domain.state is HostState.REMOVING:
        return Found(HostState.REMOVING if found else HostState.REMOVED, domain.required, wants=bool(found))
    state = domains.read_vendor(domain, found)
    waits_anew = domain.state is HostState.AWAITING_DNS and domain.checks == 0  # the vendor's own looks grow rare
    if found and (state is HostState.MOVED or (state is HostState.AWAITING_DNS and waits_anew)):
        gateways.cloudflare.rearm(zone, found.id)
    if state is HostState.PROBING:
        require_seen(gateways, domain.tenant_id, domain.host, status=200)
        state = HostState.LIVE
    known = {(entry["type"], entry["name"]): entry for entry in [*domain.required, *(found.records if found else ())]}
    reason = found.hindrance if found and state in PENDING else ""
    return Found(state, list(known.values()), reason, wants=state is HostState.REQUESTED)


def make_primary(session: Session, gateways: Gateways, tenant: Tenant, domain: Domain, *, actor: str) -> None:
    """The address that the site is known by; the edge hears of it with an update."""
    if domain.state is not HostState.LIVE:
        raise Conflict("This domain is not live yet.", code="host_not_live", next_step="Wait until it is live.")
    row = tenants.locked(session, tenant.id)
    assert row is not None
    row.facts = {**row.facts, "primary_host": domain.host}
    session.add(row)
    request(session, gateways, row, Kind.UPDATE, cause="primary host", actor=actor)


def _prove(gateways: Gateways, domain: Domain) -> HostState:
    if domains.is_proved(gateways, domain):
        return HostState.REQUESTED
    return HostState.REMOVED if domains.has_expired(domain, now=gateways.now()) else HostState.CLAIMED


def _settle(gateways: Gateways, domain_id: str, found: Found) -> None:
    now, state = gateways.now(), found.state
    try:
        with gateways.db.transaction() as session:
            domain = session.exec(select(Domain).where(Domain.id == domain_id).with_for_update()).one()
            before = domain.state
            if before is HostState.REMOVED or (before is HostState.REMOVING and state is not HostState.REMOVED):
                state = before  # asked for meanwhile
            domain.checks = 0 if state is not before else domain.checks + 1
            domain.state, domain.required, domain.reason = state, found.required, found.reason
            domain.next_check_at = None if state is HostState.REMOVED else now + domains.next_look(domain.checks, state)
            domain.proved_at = domain.proved_at or (now if state is HostState.REQUESTED else None)
            domain.live_at = domain.live_at or (now if state is HostState.LIVE else None)
            session.add(domain)
            session.flush()
            _tell(session, gateways, domain, found, changed=state is not before)
    except IntegrityError:  # somebody else proved the same name first
        _refuse(gateways, domain_id)


def _tell(session: Session, gateways: Gateways, domain: Domain, found: Found, *, changed: bool) -> None:
    tenant = tenants.locked(session, domain.tenant_id)
    if tenant is None:
        return
    tenant.facts = {**tenant.facts, **(found.learned or {})}
    is_news = changed and domain.state is HostState.LIVE
    if tenant.product == "creator":
        creator_names.follow_with_mail(session, gateways, tenant)
        is_news = creator_names.has_new_primary(session, tenant)
    open_ones = [finding(other) for other in domains.of_tenant(session, tenant.id) if other.state is not HostState.LIVE]
    worst = min(open_ones, key=lambda one: one.who is not Who.CUSTOMER, default=OK)
    tenants.set_condition(session, tenant, Concern.DOMAIN, worst, now=gateways.now())
    wanted = found.wants or is_news
    if not wanted or tenant.state not in SERVING or _applied(session, gateways, tenant):
        return
    if is_news and tenant.product == "site":  # said only when the edge will be told: the next check tries again
        domain.state, domain.live_at, domain.checks = HostState.PROBING, None, 0
        domain.next_check_at = gateways.now() + domains.next_look(0, domain.state)


def _applied(session: Session, gateways: Gateways, tenant: Tenant) -> bool:
    """The stack makes or drops the host name, or the edge learns that it is live. Not while another one is open."""
    try:
        request(session, gateways, tenant, Kind.UPDATE, cause="domain")
    except Conflict:
        log.info("domain.update_waits", tenant=tenant.id)
        return False
    return True


def _refuse(gateways: Gateways, domain_id: str) -> None:
    with gateways.db.transaction() as session:
        domain = session.get_one(Domain, domain_id)
        domain.reason, domain.next_check_at = "taken", gateways.now() + timedelta(days=1)
        session.add(domain)


def finding(domain: Domain) -> Finding:
    """Own DNS never blocks a tenant: it is live on our name meanwhile."""
    reason, action, who = WORDS[domain.state]
    if domain.reason in HINDERED:
        reason, (action, who) = domain.reason, HINDERED[domain.reason]
    return Finding(Health.ATTENTION if who is Who.CUSTOMER else Health.WORKING, reason, domain.host, action, who)


def _sites_zone(gateways: Gateways) -> str:
    with gateways.db.transaction() as session:
        return str(platform.outputs(session, gateways)["sites_zone_id"])
