"""The life of one creator, through the real engine, the program, the plugin and the stand-ins."""

import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import select

from controlplane.accounts.models import Account
from controlplane.provisioning import approvals, copies
from controlplane.provisioning.models import Approval, Kind, Phase
from controlplane.vendors.aws_member import Member
from tenants.lifecycle import State
from tenants.models import Tenant
from tests.fixtures.owner import Owner
from tests.fixtures.world import World
from tests.flow.platform.conftest import SMALL, Creators
from tests.flow.platform.killing import Killer, nothing_twice_and_nothing_left
from tests.flow.platform.locked_out import a_creator_who_lost_both_factors_is_let_in
from tests.flow.platform.mortal import KILLS, LIVE, PATIENCE, SEED, died_at_each_step, traces
from tests.flow.platform.new_look import a_new_look_is_shown_at_once
from tests.flow.platform.own_domain import an_own_domain_comes_serves_and_sends, it_goes
from tests.flow.platform.recovery import a_drill_restores_everything_and_keeps_its_report
from tests.flow.platform.reverting import a_red_update_goes_back_to_the_code_before, version


@pytest.mark.timeout(1200 + 2 * PATIENCE)
def test_from_payment_to_live_to_gone(creators: Creators, monkeypatch: pytest.MonkeyPatch) -> None:
    world, gateways = creators.world, creators.world.gateways
    tenant = world.tenant("anna", product="creator", tier="small", modules={**SMALL, "polls": {"enabled": True}})

    killer = Killer(creators, seed=SEED, count=KILLS)
    provisioned = died_at_each_step(creators, world.ask(tenant, Kind.PROVISION), killer)
    assert 1 <= killer.deaths <= KILLS  # how many calls a later attempt has left to strike is for the clock to say
    assert traces(creators, tenant) == {**LIVE, "tables": {*LIVE["tables"], "creator-polls", "creator-poll-votes"}}
    nothing_twice_and_nothing_left(creators, tenant)
    page = gateways.visitor.ask("anna.localhost", "GET", "/")
    assert (page.status, b"Blumen Anna" in page.body) == (200, True)
    health = gateways.visitor.ask("anna.localhost", "GET", "/api/health")
    assert json.loads(health.body)["ok"]
    checked = creators.result(provisioned, "smoke")["checked"]
    assert {"sign-in", "health", "site", "contact-form 1"} <= set(checked)

    a_red_update_goes_back_to_the_code_before(creators, tenant, monkeypatch)
    a_new_look_is_shown_at_once(creators, world.reread(tenant))
    a_creator_who_lost_both_factors_is_let_in(creators, world.reread(tenant))
    owner = an_own_domain_comes_serves_and_sends(creators, tenant)
    a_module_and_the_domain_go_and_the_tables_stay(creators, owner)
    a_drill_restores_everything_and_keeps_its_report(creators, tenant)
    tables_go_when_another_person_agrees(creators, tenant)

    assert creators.work(world.ask(tenant, Kind.SUSPEND)).phase == Phase.DONE
    assert gateways.visitor.ask("anna.localhost", "GET", "/").status == 503
    resumed = creators.work(world.ask(tenant, Kind.RESUME))
    assert (resumed.phase, resumed.error) == (Phase.DONE, "")
    assert gateways.visitor.ask("anna.localhost", "GET", "/").status == 200

    gone_for_good(creators, tenant)


def gone_for_good(creators: Creators, tenant: Tenant) -> None:
    """The account is closed by the vendor's word, and everything is in the bundle, signed; whoever dies on the way."""
    world, gateways = creators.world, creators.world.gateways
    gone = died_at_each_step(creators, world.ask(tenant, Kind.OFFBOARD))
    assert world.reread(tenant).state == State.DEPROVISIONED
    with gateways.db.transaction() as session:
        account = session.exec(select(Account).where(Account.tenant_id == tenant.id)).one()
    seen = gateways.aws.organization.account(str(account.account_id))
    assert (account.state, account.unit, seen and seen.is_closed) == ("closed", "closing", True)
    assert gateways.visitor.ask("anna.localhost", "GET", "/").status >= 400
    assert creators.result(gone, "certificate")["facts"]["verified_gone_at"]
    kept = creators.result(gone, "export")
    body = gateways.cloudflare.get_object(kept["bucket"], kept["key"])
    assert body
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        names = archive.namelist()
        signed = json.loads(archive.read("manifest.json"))
    assert "tables/creator-users-g2.jsonl" in names  # the drill moved them, and the older ones were let go
    assert any(name.endswith("index.html") for name in names)
    assert set(signed["facts"]["files"]) == set(names) - {"manifest.json"}


def a_module_and_the_domain_go_and_the_tables_stay(creators: Creators, owner: Owner) -> None:
    world, tenant = creators.world, owner.tenant
    member = world.gateways.aws.member(creators.account(tenant))
    change(world, tenant, modules={**SMALL, "polls": {"enabled": False}})
    owner.worker = partial(died_at_each_step, creators)
    it_goes(creators, owner)
    assert {"creator-polls", "creator-poll-votes"} <= set(member.tables())
    assert world.gateways.visitor.ask("anna.localhost", "GET", "/api/polls").status == 404
    assert (version(creators), world.reread(tenant).facts["held_code"]) == ("1.0.0", "")


def tables_go_when_another_person_agrees(creators: Creators, tenant: Tenant) -> None:
    """To each by name, and after a copy: those of a module that is off, and those that the drill left behind."""
    world, member = creators.world, creators.world.gateways.aws.member(creators.account(tenant))
    asked = creators.work(world.ask(tenant, Kind.UPDATE, erase=["polls"], retire=True))
    assert asked.phase == Phase.APPROVAL
    with world.gateways.db.transaction() as session:
        approval = session.exec(select(Approval).where(Approval.operation_id == asked.id)).one()
        named = {entry["urn"].rsplit("::", 1)[-1] for entry in approval.plan["critical"]}
        assert named == {"polls", "poll-votes", "polls-g2", "poll-votes-g2", "users"}
        approvals.decide(
            session, world.gateways, approval.id, actor="operator:other", approve=True, reason="nobody needs them"
        )
    done = creators.work(asked)
    assert (done.phase, done.error) == (Phase.DONE, "")
    copies_go_after_a_while(world, member, tenant)
    copied = set(creators.result(done, "backup")["backups"])
    before = {"creator-users", "creator-polls", "creator-poll-votes"}
    assert copied == {"users", "privacy-requests", "polls", "poll-votes", *before}
    assert {"creator-users-g2", "creator-privacy-requests"} <= set(member.tables())
    assert {*before, "creator-polls-g2", "creator-poll-votes-g2"}.isdisjoint(member.tables())
    assert "stays" in {row["userId"]["S"] for row in member.items("creator-users-g2")}
    assert world.reread(tenant).facts["oldest"] == world.reread(tenant).facts["generations"] == {"users": 2}


def copies_go_after_a_while(world: World, member: Member, tenant: Tenant) -> None:
    later = world.gateways.now() + copies.KEPT + timedelta(hours=1)
    copies.forget(world.gateways, tenant.id)
    assert list(member.copies(before=later))
    copies.forget(replace(world.gateways, now=lambda: later), tenant.id)
    assert list(member.copies(before=later)) == []


def change(world: World, tenant: Tenant, **spec: object) -> None:
    with world.gateways.db.transaction() as session:
        row = session.get_one(Tenant, tenant.id)
        row.spec = {**row.spec, **spec}
        session.add(row)
