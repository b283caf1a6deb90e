"""A creator's own domain: site and mail come from it once Amazon has seen the records, not before.

Two changes bring it (asked for, attached), one takes it away."""

import json
import uuid
from functools import partial
from types import SimpleNamespace

import pytest
from sqlmodel import select

from controlplane.domains import doctor, mail
from controlplane.domains.models import HostState, MailDomain, Transport
from controlplane.domains.service import remove
from controlplane.gateways import Gateways
from controlplane.provisioning import hostnames, mailproof
from controlplane.provisioning.models import Kind, Operation
from controlplane.provisioning.steps import creator_update
from tenants.conditions import Concern, Health
from tenants.models import Tenant
from tests.fixtures.owner import Owner
from tests.flow.platform.conftest import Creators
from tests.flow.platform.mortal import Died, Mortal, survive

HOST = "www.blumen-anna-eigen.de"
SENDER = "mail.blumen-anna-eigen.de"


def an_own_domain_comes_serves_and_sends(creators: Creators, tenant: Tenant) -> Owner:
    before = updates(creators, tenant)
    owner = Owner(creators.world, tenant, HOST, work=creators.work)
    owner.publish("TXT")
    assert owner.check() is HostState.REQUESTED
    owner.until(HostState.AWAITING_DNS)
    assert owner.condition == (Health.ATTENTION, "awaiting_dns")
    assert answer(creators) != 200
    shown_by_the_doctor(creators, owner)

    owner.publish("CNAME")
    hostnames.check(creators.world.gateways, owner.id)  # issued; the update that follows is not run yet
    assert owner.domain.state is HostState.VERIFYING
    mail_is_proved_and_let_through(creators, owner)
    a_death_among_the_names_changes_nothing(creators, owner)
    assert (owner.condition, answer(creators)) == ((Health.OK, ""), 200)
    facts = creators.world.reread(tenant).facts
    assert (facts["own_aliases"], facts["own_primary"], facts["mail_transport"]) == ([HOST], HOST, "ses")
    mail_comes_from_it(creators, owner)
    assert len(updates(creators, tenant) - before) == 2
    return owner


def a_death_among_the_names_changes_nothing(creators: Creators, owner: Owner) -> None:
    """After the names were looked at and before links follow them; and when they do, but nobody has written it down."""
    mortal, looked = Mortal({"own_names"}), list[str]()

    def look(gateways: Gateways, identity: str) -> None:
        hostnames.check(gateways, identity)
        looked.append(identity)
        if len(looked) == 1:
            raise Died

    owner.worker, before = partial(survive, creators, mortal), owner.worker
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(creator_update, "hostnames", SimpleNamespace(check=look))
        owner.until(HostState.LIVE)
    owner.worker = before
    assert looked[0] == owner.id
    assert mortal.lost["own_names"]  # there was something to do


def it_goes(creators: Creators, owner: Owner) -> None:
    """With whatever else the creator has changed meanwhile."""
    with creators.world.gateways.db.transaction() as session:
        remove(session, creators.world.gateways, session.merge(owner.domain), actor="customer:1")
    owner.until(HostState.REMOVED)
    facts = creators.world.reread(owner.tenant).facts
    assert (facts["own_aliases"], facts["own_primary"], facts["own_mail"]) == ([], None, "")
    assert (facts["mail_transport"], answer(creators) != 200) == ("resend", True)


def updates(creators: Creators, tenant: Tenant) -> set[str]:
    with creators.world.gateways.db.transaction() as session:
        query = select(Operation.id).where(Operation.tenant_id == tenant.id, Operation.kind == Kind.UPDATE)
        return set(session.exec(query).all())


def answer(creators: Creators) -> int:
    return creators.world.gateways.visitor.ask(HOST, "GET", "/").status


def sending(creators: Creators, owner: Owner) -> MailDomain:
    """As it is after one more look."""
    with creators.world.gateways.db.transaction() as session:
        row = mail.of_tenant(session, owner.tenant.id, Transport.SES)
    assert row
    mailproof.check(creators.world.gateways, row.id)
    with creators.world.gateways.db.transaction() as session:
        return session.get_one(MailDomain, row.id)


def shown_by_the_doctor(creators: Creators, owner: Owner) -> None:
    world = creators.world
    proof, way, theirs = doctor.compare(world.gateways, doctor.of_host(owner.domain))
    assert (proof.ok, way.ok, theirs.ok) == (True, False, False)
    assert way.required.value == world.reread(owner.tenant).facts["distribution_domain"]
    assert theirs.required.value.endswith(".acm-validations.aws")
    row = sending(creators, owner)
    assert (row.name, row.status) == (SENDER, "pending")
    shown = [(one.required.type, one.required.name.partition(".")[2], one.ok) for one in
             doctor.compare(world.gateways, doctor.of_mail(row))]  # fmt: skip
    signed = [("CNAME", f"_domainkey.{SENDER}", False)] * 3
    assert shown == [*signed, ("MX", SENDER, False), ("TXT", SENDER, False), ("TXT", SENDER, False)]
    assert owner.condition_of(Concern.EMAIL) == (Health.ATTENTION, "own_sender_unproved")


def mail_is_proved_and_let_through(creators: Creators, owner: Owner) -> None:
    for one in doctor.of_mail(sending(creators, owner)):
        value = one.value.partition(" ")[2] if one.type == "MX" else one.value
        record = {"type": one.type, "name": one.name, "value": value}
        owner.at_registrar("POST", json=record | ({"priority": 10} if one.type == "MX" else {})).raise_for_status()
    assert sending(creators, owner).status == mail.VERIFIED
    assert owner.condition_of(Concern.EMAIL) == (Health.WORKING, "own_sender_waits")  # a person at Amazon decides
    account = {"account": creators.account(owner.tenant)}
    creators.sim("POST", "/mail/production", json=account).raise_for_status()
    sending(creators, owner)


def mail_comes_from_it(creators: Creators, owner: Owner) -> None:
    assert sending(creators, owner).next_check_at
    assert owner.condition_of(Concern.EMAIL) == (Health.OK, "")
    text = f"Eine Frage {uuid.uuid4().hex}"
    wanted = {"name": "Kai", "email": "kai@fan.example", "message": text, "website": "", "startedAt": 1}
    visit = creators.world.gateways.visitor.ask(HOST, "POST", "/api/contact", json=wanted)
    assert visit.status == 202, visit.body
    mails = creators.sim("GET", "/mailbox").json()
    found = next(each for each in mails["mails"] if text in json.dumps(each))
    assert SENDER in found["from"]
