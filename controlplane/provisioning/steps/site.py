"""Steps of the site line. Each may run again after a crash at any point."""

import time
from datetime import timedelta

from controlplane.core.errors import NeedsPerson, TryLater
from controlplane.delivery import credentials
from controlplane.delivery.service import request_email
from controlplane.domains import mail
from controlplane.provisioning import engine, mailproof, shown
from controlplane.provisioning.stack import Stack
from controlplane.provisioning.work import Facts, Work
from controlplane.publishing import bundle, platform
from controlplane.publishing import service as publishing
from controlplane.vendors.edge import Seen
from programs.registry import program
from tenants import service as tenants
from tenants.conditions import OK, Concern, Finding, Health, Who
from tenants.lifecycle import SERVING, State
from tenants.models import Tenant

PROJECT = "site-tenant"
SEEN_EVERYWHERE = 70.0  # KV takes up to a minute, and a Worker remembers for seconds
VERIFY_PATIENCE = 20.0  # seconds that a new tenant waits for its sending domain; later a tick goes on watching


def begin(work: Work) -> None:
    if work.tenant.state in {State.QUEUED, State.QUEUED_CAPACITY, State.FAILED}:
        work.move(State.PROVISIONING, reason="operation started")
    with work.gateways.db.transaction() as session:
        held = tenants.hold_name(session, work.tenant.slug, holder=work.tenant.id, until=None, now=work.now)
    if not held:
        raise NeedsPerson(f"the name {work.tenant.slug} is held by somebody else", next_action="agree on another name")


def mail_domain(work: Work) -> Facts:
    row = mail.ensure(work.gateways, work.tenant)
    return {"domain": row.name, "vendor_id": row.vendor_id}


def apply_stack(work: Work) -> Facts:
    stack = stack_of(work)
    answer = engine.up(work, stack)

    def applied(tenant: Tenant) -> None:
        tenant.facts = {**tenant.facts, **answer["outputs"]}
        tenant.applied_release = tenant.desired_release = stack.release

    work.change(applied)
    return {"changes": answer["changes"], "memory_mb": answer["memory_mb"], "release": stack.release}


def stack_of(work: Work) -> Stack:
    gateways, tenant = work.gateways, work.tenant
    settings = gateways.settings
    with gateways.db.transaction() as session:
        shared = platform.outputs(session, gateways)
        own = shown.own_hosts(session, tenant.id)
        sending = mail.of_tenant(session, tenant.id)
    spec = {
        "env": settings.name,
        "tenant_id": tenant.id,
        "slug": tenant.slug,
        "account_id": settings.cloudflare.account_id,
        "sites_zone": settings.cloudflare.sites_zone,
        "sites_zone_id": shared["sites_zone_id"],
        "routing_namespace_id": shared["kv_routing_id"],
        "base_url": settings.cloudflare.api_base,
        "own_hosts": [{"host": domain.host, "verified": domain.proved_at is not None} for domain in own],
        "mail_records": mail.stack_records(sending) if sending else [],
    }
    token = settings.cloudflare.api_token.get_secret_value()
    return Stack(
        program="site",
        release=str(program("site").release()),
        project=PROJECT,
        name=f"{settings.name}-{tenant.id}",
        spec=spec,
        environment={"CLOUDFLARE_API_TOKEN": token},
    )


def tell_edge(work: Work, status: str) -> int:
    """The revision rises before the push, in its own transaction: a repeated push is the same or a newer one."""

    def raise_revision(tenant: Tenant) -> None:
        tenant.revision += 1

    work.change(raise_revision)
    work.lease.require()
    shown.push(work.gateways, work.tenant, status)
    return work.tenant.revision


def edge_active(work: Work) -> Facts:
    return {"revision": tell_edge(work, "active")}


def edge_as_is(work: Work) -> Facts:
    """A change of a paused or frozen site leaves it so."""
    return {"revision": tell_edge(work, publishing.EDGE_STATUS[work.tenant.state])}


def probe_as_is(work: Work) -> Facts:
    return probe_closed(work) if _is_closed(work) else probe_live(work)


def _is_closed(work: Work) -> bool:
    return work.tenant.state not in {*SERVING, State.RESUMING}


def edge_suspended(work: Work) -> Facts:
    return {"revision": tell_edge(work, "suspended")}


def edge_offboarding(work: Work) -> Facts:
    if work.tenant.state is not State.DEPROVISIONING:
        _require_end(work)
    return {"revision": tell_edge(work, "offboarding")}


def _require_end(work: Work) -> None:
    if work.tenant.state not in {State.CANCELLED, State.RETENTION}:
        work.move(State.CANCELLED, reason=work.operation.cause)
    work.move(State.DEPROVISIONING, reason=work.operation.cause)


def starter_site(work: Work) -> Facts:
    return publishing.publish_starter(work.gateways, work.tenant)


def mail_proof(work: Work) -> Facts:
    """A domain that is not proved yet never blocks the tenant: mail goes out from our address until it is."""
    with work.gateways.db.transaction() as session:
        row = mail.of_tenant(session, work.tenant.id)
    assert row is not None
    deadline, pause = time.monotonic() + VERIFY_PATIENCE, 0.2
    row = mail.check(work.gateways, row)
    while row.status in mail.WAITING and time.monotonic() < deadline and not work.should_stop():
        time.sleep(pause)
        pause = min(2.0, pause * 1.5)
        row = mail.check(work.gateways, row)
    work.find(Concern.EMAIL, mailproof.finding(row.status))
    return {"verified": row.status == mail.VERIFIED}


def mail_key(work: Work) -> Facts:
    row = credentials.issue(work.gateways, work.tenant.id, domain_id=work.result("mail_domain")["vendor_id"])
    work.lease.require()
    mailproof.tell_edge(work.gateways, work.tenant)
    return {"credential": row.id}


def probe_live(work: Work) -> Facts:
    host = publishing.subdomain(work.gateways, work.tenant)
    seen = _await_answer(work, host, status=200)
    work.find(Concern.SITE, OK)
    return {"host": host, "bytes": len(seen.body)}


def probe_closed(work: Work) -> Facts:
    host = publishing.subdomain(work.gateways, work.tenant)
    _await_answer(work, host, status=503)
    return {"host": host}


def _await_answer(work: Work, host: str, *, status: int, seconds: float = SEEN_EVERYWHERE) -> Seen:
    """KV may take a minute to be seen everywhere; only then is it worth a new attempt."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return publishing.require_seen(work.gateways, work.tenant.id, host, status=status)
        except TryLater:
            if time.monotonic() > deadline or work.should_stop():
                raise
            time.sleep(0.3)


def hand_over(work: Work) -> Facts:
    url = work.gateways.edge.address(publishing.subdomain(work.gateways, work.tenant))
    work.learn(url=url)
    with work.gateways.db.transaction() as session:
        work.lease.settle(session)
        request_email(
            session,
            work.gateways,
            kind="tenant_live",
            to=work.tenant.spec["owner_email"],
            locale=work.tenant.locale,
            data={"name": work.tenant.name, "url": url},
            dedup=f"tenant_live:{work.tenant.id}",
            customer_id=work.tenant.customer_id,
            order_id=work.tenant.order_id,
        )
    return {"url": url}


def note_suspended(work: Work) -> None:
    finding = Finding(Health.BLOCKED, "suspended", work.operation.cause, "pay_or_ask", Who.CUSTOMER)
    work.find(Concern.SITE, finding)


def note_resumed(work: Work) -> None:
    if work.tenant.state in {State.SUSPENDED, State.QUARANTINED, State.RETENTION}:
        work.move(State.RESUMING, reason=work.operation.cause)


def purge_content(work: Work) -> Facts:
    return {"objects": work.gateways.edge.sweep(work.tenant.id, "purge")}


def empty_vault(work: Work) -> Facts:
    return {"objects": work.gateways.cloudflare.empty_bucket(_vault(work))}


def destroy_stack(work: Work) -> Facts:
    answer = engine.destroy(work, stack_of(work))
    return {"changes": answer["changes"], "memory_mb": answer["memory_mb"]}


def release_mail(work: Work) -> None:
    credentials.revoke(work.gateways, work.tenant.id)
    work.gateways.edge.remove_mail(work.tenant.id, revision=work.tenant.revision)
    mail.release(work.gateways, work.tenant.id)


def edge_gone(work: Work) -> None:
    def raise_revision(tenant: Tenant) -> None:
        tenant.revision += 1

    work.change(raise_revision)
    work.gateways.edge.delete_tenant(work.tenant.id, revision=work.tenant.revision)


def verify_gone(work: Work) -> Facts:
    """Deprovisioned is what the vendor says, not what we did."""
    deadline = time.monotonic() + SEEN_EVERYWHERE
    while (left := _left_over(work)) and time.monotonic() < deadline and not work.should_stop():
        time.sleep(0.3)
    if left:
        raise TryLater(f"still there: {', '.join(left)}", after=timedelta(seconds=10))
    rest = work.now + timedelta(days=work.gateways.settings.selling.slug_rest_days)
    with work.gateways.db.transaction() as session:
        work.lease.settle(session)
        tenants.free_name(session, work.tenant.slug, holder=work.tenant.id, rest_until=rest)
    return {"verified_at": work.now.isoformat(), "name_rests_until": rest.isoformat()}


def _left_over(work: Work) -> list[str]:
    gateways, tenant = work.gateways, work.tenant
    with gateways.db.transaction() as session:
        shared = platform.outputs(session, gateways)
    host = publishing.subdomain(gateways, tenant)
    checks = {
        "bucket": gateways.cloudflare.bucket_exists(_vault(work)),
        "routing entry": gateways.cloudflare.kv_value(shared["kv_routing_id"], f"h:{host}") is not None,
        "sending domain": mail.exists(gateways, tenant),
        "page": gateways.edge.probe(host).status != 404,
    }
    return [name for name, present in checks.items() if present]


def _vault(work: Work) -> str:
    return f"sp-{work.gateways.settings.name}-{work.tenant.id}"


def tidy(work: Work) -> Facts:
    """Once a day at the edge: content that nothing refers to goes, messages that could not be mailed are mailed."""
    try:
        return {what: work.gateways.edge.sweep(work.tenant.id, what) for what in ("gc", "mail-retry")}
    except TryLater as error:
        return {"put_off": error.reason}  # tomorrow is early enough; it says nothing about drift


def export(work: Work) -> Facts:
    """What the customer takes along, with a signed manifest; kept in the vault until that is emptied."""
    return bundle.export(work.gateways, work.tenant, vault=_vault(work))


def certificate(work: Work) -> Facts:
    return bundle.certificate(work.gateways, work.tenant, work.results)
