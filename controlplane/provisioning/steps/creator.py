"""Steps of the creator line, from the account to the hand-over. Each may run again after a crash at any point."""

import re
import secrets
import time
from datetime import timedelta
from typing import Any

from controlplane.accounts import pool
from controlplane.accounts.models import Account
from controlplane.accounts.models import AccountState as AccountIs
from controlplane.core.errors import TryLater
from controlplane.delivery import credentials
from controlplane.delivery.service import request_email
from controlplane.domains import mail
from controlplane.provisioning import mailproof
from controlplane.provisioning.steps import site
from controlplane.provisioning.steps.creator_stack import apply, domain_of, member, physical
from controlplane.provisioning.work import Facts, Work
from tenants.conditions import Concern
from tenants.lifecycle import State
from tenants.models import Tenant

BUILD = timedelta(minutes=30)  # from the account to live, at most
ASK_AGAIN = timedelta(seconds=3)  # our own table only
ISSUE_PATIENCE = 20.0


def account(work: Work) -> Facts:
    """One of the stock, or the next one that is made; who waits is told until when."""
    with work.gateways.db.transaction() as session:
        work.lease.settle(session)
        found = pool.claim(session, work.gateways, work.tenant.id)
        expected = pool.expected(session, work.gateways, work.tenant.id)
    if found is None:
        _queue(work, expected + BUILD)
        raise TryLater(
            f"no account in stock; the next one is expected at {expected:%Y-%m-%d %H:%M} UTC", after=ASK_AGAIN
        )
    if found.state is not AccountIs.ACTIVE:
        raise TryLater(f"the account is {found.state}: {found.error}", after=_soon(found))
    if work.tenant.state is State.QUEUED_CAPACITY:
        work.move(State.PROVISIONING, reason="account claimed")
    return {"account": found.id, "account_id": found.account_id}


def _soon(found: Account) -> timedelta:
    return timedelta(seconds=0.5 if found.error == "" else 5)


def _queue(work: Work, until: Any) -> None:
    if work.tenant.state is State.PROVISIONING:
        work.move(State.QUEUED_CAPACITY, reason="no account in stock")
    promised = work.tenant.promised_at
    if promised is None or until > promised:

        def honest(tenant: Tenant) -> None:
            tenant.promised_at = until

        work.change(honest)


def enter(work: Work) -> Facts:
    """The role session: proof that it is this account and no other, before anything is made in it."""
    entered = member(work)
    entered.probe("sts")
    return {"account_id": entered.account_id}


def mail_domain(work: Work) -> Facts:
    """At the mail vendor, and its records in our zone."""
    facts = site.mail_domain(work)
    with work.gateways.db.transaction() as session:
        row = mail.of_tenant(session, work.tenant.id)
    assert row is not None
    zone = _zone(work)
    for record in mail.stack_records(row):
        work.gateways.cloudflare.ensure_record(zone, comment=_comment(work), **record)
    names = sorted({record["name"] for record in mail.stack_records(row)})
    _remember(work, names)
    return facts


def _zone(work: Work) -> str:
    return work.gateways.cloudflare.zone_id(work.gateways.settings.cloudflare.sites_zone)


def _comment(work: Work) -> str:
    return f"controlplane {work.gateways.settings.name} creator {work.tenant.id}"


def _remember(work: Work, names: list[str]) -> None:
    known = work.tenant.facts.get("dns_names", [])
    work.learn(dns_names=sorted({*known, *names}))


def first_stack(work: Work) -> Facts:
    """Everything but the names: the certificate is asked for and not waited for."""
    return apply(work)


def app_secrets(work: Work) -> Facts:
    """Values that the program leaves empty. What is there stays: a new pepper would make every code wrong."""
    entered = member(work)
    kept = entered.secret("creator/app") or {}
    fresh = {name: secrets.token_urlsafe(32) for name in ("pepper", "cursor", "health")}
    entered.keep_secret("creator/app", {**fresh, **kept})
    row = credentials.issue(work.gateways, work.tenant.id, domain_id=work.result("mail_domain")["vendor_id"])
    work.lease.require()
    entered.keep_secret("creator/mail", {"resend_key": credentials.open_for_edge(work.gateways, row)})
    return {"credential": row.id}


def owner(work: Work) -> Facts:
    """The buyer runs the platform. The password is set by the buyer, with a code to this address: we know none."""
    entered, pool, users = member(work), work.tenant.facts["user_pool_id"], physical(work.tenant, "users")
    address = str(work.tenant.spec["owner_email"]).lower()
    known = {email: user for user, email in entered.people_like(pool, address)}
    user = known.get(address) or entered.make_person(pool, address, f"A1-{secrets.token_urlsafe(24)}")
    for group in ("admin", "member"):
        entered.add_to_group(pool, address, group)
    if entered.item(users, {"userId": {"S": user}}) is None:
        name = re.sub(r"[^a-z0-9_]", "_", work.tenant.slug)[:24]
        row = {"userId": user, "email": address, "username": name, "role": "admin", "locale": work.tenant.locale}
        row |= {"status": "active", "subscription": "free", "createdAt": work.now.isoformat(timespec="seconds")}
        entered.put_item(users, {key: {"S": value} for key, value in row.items()})
        entered.put_item(users, {"userId": {"S": f"lock#username#{name}"}, "owner": {"S": user}})
    return {"user": user}


def names(work: Work) -> Facts:
    """The name below our zone: the proof for the certificate, then the address. It waits for the vendor's word."""
    zone, domain = _zone(work), domain_of(work.gateways, work.tenant)
    facts = work.tenant.facts
    wanted = [(record["type"], record["name"], record["value"]) for record in facts["validation_records"]]
    wanted.append(("CNAME", domain, facts["distribution_domain"]))
    for type, name, content in wanted:
        work.gateways.cloudflare.ensure_record(
            zone, type=type, name=name.rstrip("."), content=content.rstrip("."), comment=_comment(work)
        )
    _remember(work, [name.rstrip(".") for _type, name, _content in wanted])
    entered, deadline = member(work), time.monotonic() + ISSUE_PATIENCE
    while not (found := entered.certificate(facts["certificate_arn"])).is_issued:
        if time.monotonic() > deadline or work.should_stop():
            raise TryLater(f"the certificate is {found.status}", after=timedelta(seconds=20))
        time.sleep(0.3)
    return {"domain": domain}


def live_stack(work: Work) -> Facts:
    work.learn(dns_phase="live")
    return apply(work)


def mail_proof(work: Work) -> Facts:
    """Not proved yet never blocks: sign-up mails wait for it, the site does not."""
    with work.gateways.db.transaction() as session:
        row = mail.of_tenant(session, work.tenant.id)
    assert row is not None
    deadline = time.monotonic() + site.VERIFY_PATIENCE
    row = mail.check(work.gateways, row)
    while row.status in mail.WAITING and time.monotonic() < deadline and not work.should_stop():
        time.sleep(0.5)
        row = mail.check(work.gateways, row)
    work.find(Concern.EMAIL, mailproof.finding(row.status))
    return {"verified": row.status == mail.VERIFIED}


def hand_over(work: Work) -> Facts:
    domain = domain_of(work.gateways, work.tenant)
    url = work.gateways.visitor.address(domain)
    work.learn(url=url, domain=domain)
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


def paused_stack(work: Work) -> Facts:
    facts = apply(work, suspended=True)
    channel = work.tenant.facts.get("channel_arn")
    if channel:
        facts["stream_keys"] = member(work).end_streams(channel)
    return facts


def resumed_stack(work: Work) -> Facts:
    facts = apply(work, suspended=False)
    channel = work.tenant.facts.get("channel_arn")
    if channel:
        member(work).ensure_stream_key(channel)
    return facts
