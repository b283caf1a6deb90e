"""Leaving when something else is open, when the world is not as we left it, and when it is more than a page."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from controlplane.provisioning.models import Kind, Operation, Phase
from controlplane.vendors import cloudflare as vendor
from tenants.lifecycle import State
from tenants.models import Tenant
from tests.flow.operating.conftest import Desk, zone_id

OBJECTS, A_PAGE = 25, 10  # a thousand and more would use up what the vendor allows in five minutes


def refused(desk: Desk, tenant: Tenant, because_of: Operation) -> None:
    """The same answer for whatever stands in the way; then it is cancelled by two people."""
    answer = desk.anna.post(f"/v1/tenants/{tenant.id}/operations/offboard", json={"reason": "it must be"})
    if answer.status_code == 428:
        desk.bert.post(answer.json()["confirm"], json={"agree": True, "reason": "looked at it"})
        answer = desk.anna.post(f"/v1/tenants/{tenant.id}/operations/offboard", json={"reason": "it must be"})
    assert (answer.status_code, answer.json()["operation_id"]) == (409, because_of.id)
    assert desk.together("POST", f"/v1/operations/{because_of.id}/cancel")["phase"] == "cancelled"
    assert desk.audited("operation.cancelled", because_of.id)


def fill(desk: Desk, vault: str) -> None:
    cloudflare = desk.world.gateways.cloudflare

    def put(number: int) -> None:
        cloudflare.put_object(vault, f"backups/{number:05}.txt", b"x", content_type="text/plain")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(put, range(OBJECTS)))


def test_a_tenant_leaves_whatever_is_open_gone_or_much(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendor, "PAGE", A_PAGE)
    world, tenant = desk.world, desk.world.tenant("leaves-anyway")
    early = desk.anna.post(f"/v1/tenants/{tenant.id}/operations/suspend", json={"reason": "too early"})
    assert (early.status_code, early.json()["code"]) == (409, "wrong_state")
    domains = [desk.own_domain(tenant, f"{name}.leaves-anyway.de") for name in ("www", "shop")]
    assert world.do(tenant, Kind.PROVISION).phase == Phase.DONE
    cloudflare, zone = world.gateways.cloudflare, zone_id(desk)
    vault = f"sp-sandbox-{tenant.id}"

    desk.forget_domain(domains[0])
    waiting = world.work(desk.ask(tenant, "update"))
    assert waiting.phase == Phase.APPROVAL
    refused(desk, tenant, waiting)
    assert cloudflare.custom_hostname(zone, domains[0].host)  # cancelled, so not done

    parked = world.work(desk.ask(tenant, "restore", version=99))
    assert parked.phase == Phase.PARKED
    assert "version 99" in parked.error
    refused(desk, tenant, parked)

    gone = cloudflare.custom_hostname(zone, domains[1].host)
    assert gone
    cloudflare._call("DELETE", f"/zones/{zone}/custom_hostnames/{gone.id}")  # by somebody, by hand
    fill(desk, vault)

    left = world.work(desk.ask(tenant, "offboard"))
    assert (left.phase, left.error) == (Phase.DONE, "")
    assert world.reread(tenant).state == State.DEPROVISIONED
    emptied = world.steps(left)["empty_vault"].result
    assert emptied
    assert emptied["objects"] >= OBJECTS
    assert not cloudflare.bucket_exists(vault)
    assert [cloudflare.custom_hostname(zone, domain.host) for domain in domains] == [None, None]
    assert world.gateways.edge.probe("leaves-anyway.localhost").status == 404
    assert desk.anna.post(f"/v1/tenants/{tenant.id}/operations/update", json={"reason": "too late"}).status_code == 409
