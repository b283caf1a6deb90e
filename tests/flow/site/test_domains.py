"""An own domain from the claim to the page on it, and what happens when its records vanish."""

from datetime import timedelta

import httpx
import pytest

from controlplane.domains import apex, doctor
from controlplane.domains import service as domains
from controlplane.domains.models import Domain, HostState
from controlplane.provisioning import hostnames
from controlplane.provisioning.models import Kind, Phase
from tenants.conditions import Health
from tests.fixtures.owner import Owner
from tests.fixtures.polling import poll
from tests.fixtures.world import World


def seen_on(world: World, host: str) -> int:
    return world.gateways.edge.probe(host).status


@pytest.fixture
def owner(world: World) -> Owner:
    tenant = world.tenant("own-domain")
    assert world.do(tenant, Kind.PROVISION).phase == Phase.DONE
    return Owner(world, tenant, "www.blumen-anna-flow.de")


def test_a_domain_from_the_claim_to_the_page_and_away_again(world: World, owner: Owner) -> None:
    host = owner.host
    owner.publish("CNAME")  # alone it proves nothing: somebody else may have left it there
    assert owner.check() is HostState.CLAIMED
    assert owner.condition == (Health.ATTENTION, "domain_unproved")
    proof, alias = doctor.compare(world.gateways, doctor.of_host(owner.domain))
    assert (proof.ok, alias.ok) == (False, True)
    assert proof.required.line == f'_sp-verify.{host}. 300 IN TXT "{owner.domain.token}"'
    assert seen_on(world, host) != 200

    owner.withdraw("CNAME")
    owner.publish("TXT")
    with world.control.fault("cloudflare", "POST */custom_hostnames", "on_cloudflare", times=1):
        assert owner.check() is HostState.REQUESTED
        owner.until(HostState.AWAITING_DNS)
        assert owner.condition == (Health.ATTENTION, "awaiting_dns")
        assert len(owner.domain.required) > 2  # what the vendor wants to see has joined our own two
        for _again in range(3):
            assert owner.check() is HostState.AWAITING_DNS  # without its records it never becomes active
        assert seen_on(world, host) != 200
        owner.publish("TXT")  # it would do, were the name not at Cloudflare already
        poll(lambda: (owner.check(), owner.domain.reason), until=lambda seen: seen[1] == "points_elsewhere", seconds=60)

    owner.publish("CNAME")
    owner.until(HostState.LIVE)
    assert owner.domain.reason == ""
    page = world.gateways.edge.probe(host)
    assert (page.status, "Blumen Anna" in page.body) == (200, True)
    assert owner.condition == (Health.OK, "")
    assert (world.gateways.edge.tenant(owner.tenant.id) or {})["primary"] == host

    owner.withdraw("CNAME", "TXT")
    owner.until(HostState.MOVED)
    assert owner.condition == (Health.ATTENTION, "domain_moved")
    assert seen_on(world, "own-domain.localhost") == 200  # ours goes on meanwhile
    owner.publish("CNAME")
    owner.until(HostState.LIVE)  # armed again by us, with the same tokens

    is_removed(world, owner)


def is_removed(world: World, owner: Owner) -> None:
    with world.gateways.db.transaction() as session:
        domains.remove(session, world.gateways, session.get_one(Domain, owner.id), actor="customer:1")
    owner.until(HostState.REMOVED)
    poll(lambda: seen_on(world, owner.host), until=lambda status: status != 200, seconds=60)
    with world.gateways.db.transaction() as session:
        assert domains.of_tenant(session, owner.tenant.id) == []


def test_the_first_who_proves_a_name_has_it_and_old_claims_die(world: World) -> None:
    first = Owner(world, world.tenant("claims-first"), "www.wanted-by-two.de")
    second = Owner(world, world.tenant("claims-second"), "www.wanted-by-two.de")
    assert first.domain.token != second.domain.token
    second.publish("TXT")
    hostnames.check(world.gateways, second.id)
    hostnames.check(world.gateways, first.id)
    assert (first.domain.state, second.domain.state) == (HostState.CLAIMED, HostState.REQUESTED)

    third = Owner(world, world.tenant("claims-third"), "www.never-proved.de")
    with world.gateways.db.transaction() as session:
        session.get_one(Domain, third.id).created_at -= domains.CLAIM_LIFE - timedelta(minutes=1)
    assert third.check() is HostState.CLAIMED
    with world.gateways.db.transaction() as session:
        session.get_one(Domain, third.id).created_at -= timedelta(minutes=2)
    assert third.check() is HostState.REMOVED
    assert third.domain.next_check_at is None


@pytest.mark.parametrize(
    ("server", "way", "line"),
    [
        ("amy.ns.cloudflare.com", "flatten", "{} 300 IN CNAME customers.localhost."),
        ("ns1.gandi.net", "alias", "{} 300 IN ALIAS customers.localhost."),
        ("ns51.domaincontrol.com", "redirect", "www.{} 300 IN CNAME customers.localhost."),
    ],
)
def test_a_bare_name_gets_the_advice_that_its_provider_can_follow(
    world: World, server: str, way: str, line: str
) -> None:
    host = f"bare-{way}.de"
    at_registrar(world, {"name": host, "type": "NS", "value": server})
    advice = apex.advise(world.gateways, host, "customers.localhost")
    assert advice
    assert (advice.way, advice.provider, advice.lines) == (
        way,
        server.split(".", 1)[1].removeprefix("ns."),
        (line.format(host + "."),),
    )
    assert advice.redirect == ((f"http://{host}", f"https://www.{host}") if way == "redirect" else None)
    assert apex.advise(world.gateways, f"www.{host}", "customers.localhost") is None
    assert not apex.is_apex("www.example.co.uk")
    assert apex.is_apex("example.co.uk")

    wanted = doctor.Required("CNAME", host, "customers.localhost")
    (before,) = doctor.compare(world.gateways, [wanted])
    assert (before.ok, before.seen) == (False, ())
    at_registrar(world, {"name": host, "type": "A", "value": "192.0.2.1"})
    assert doctor.compare(world.gateways, [wanted])[0].ok is False  # somebody else's address
    at_registrar(world, {"name": host, "type": "A", "value": "127.0.0.1"})  # as an ALIAS is answered
    assert doctor.compare(world.gateways, [wanted])[0].ok is True


def at_registrar(world: World, record: dict[str, str]) -> None:
    httpx.post(f"{world.place.vendors_url}/dns/records", json=record, trust_env=False).raise_for_status()
