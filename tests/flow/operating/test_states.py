"""What operators decide about a stack by hand: looked at, imported or cleared, restored; guarded and written down."""

import os
import signal
import threading
from dataclasses import replace

import pytest

from controlplane.provisioning import lease, processes, recovery
from controlplane.provisioning.models import Kind, Operation, Phase
from tenants.models import Tenant
from tests.fixtures.polling import poll
from tests.fixtures.product import TestClock
from tests.flow.operating.conftest import Desk, found, zone_id


def interrupted(desk: Desk, tenant: Tenant) -> Operation:
    """A provisioning whose engine dies while the vault is made, and whose leftover nobody can look up by name."""
    world = desk.world
    operation = world.ask(tenant, Kind.PROVISION)
    with world.control.fault("cloudflare", "POST */r2/buckets", "hang", times=1) as fault:
        worker = threading.Thread(target=world.work, args=(operation,), kwargs={"attempts": 1})
        worker.start()
        poll(lambda: any(entry["fault"] == fault.id for entry in world.control.injections()), seconds=60)
        marked = processes.marked(operation.id)
        for how in (signal.SIGSTOP, signal.SIGKILL):  # at once: an engine that saw its plugin die would write it down
            for pid in marked:
                os.kill(pid, how)
        worker.join(60)  # before the fault is lifted: the request of a process that is not quite dead would be served
    parked = world.work(operation)
    assert parked.phase == Phase.PARKED, parked
    return parked


def vault(tenant: Tenant) -> str:
    return f"sp-sandbox-{tenant.id}"


@pytest.mark.parametrize("was_made", [True, False])
def test_an_interrupted_create_is_imported_or_cleared_by_two_people(
    desk: Desk, was_made: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, tenant = desk.world, desk.world.tenant(f"pending-{'made' if was_made else 'not'}")
    vaults = "cloudflare:index/r2Bucket:R2Bucket"
    finders = {kind: finder for kind, finder in recovery.FINDERS.items() if kind != vaults}
    monkeypatch.setattr(recovery, "FINDERS", finders)
    parked = interrupted(desk, tenant)
    assert "import or clear" in parked.next_action

    looked = desk.ask(tenant, "drift")
    world.work(looked)
    seen = found(desk.anna.get(f"/v1/tenants/{tenant.id}/stack"))
    assert seen["lease"]["id"] == parked.id
    assert seen["lease"]["held"] is False
    assert {entry["type"] for entry in seen["seen"]["pending"]} == {"creating"}
    (pending,) = [entry for entry in seen["seen"]["pending"] if entry["urn"].endswith("::vault")]
    assert pending["urn"] in parked.error

    decision = {"urn": pending["urn"], "reason": "looked at the vendor"}
    if was_made:
        account = world.gateways.settings.cloudflare.account_id
        body = {"name": vault(tenant)}
        headers = {"cf-r2-jurisdiction": "eu"}
        world.gateways.cloudflare._call("POST", f"/accounts/{account}/r2/buckets", json=body, headers=headers)
        decision["found"] = vault(tenant)
    answer = desk.together("POST", f"/v1/tenants/{tenant.id}/pending", **decision)
    assert answer == {"id": parked.id, "kind": "provision", "phase": "waiting"}

    done = world.work(parked)
    assert (done.phase, done.error) == (Phase.DONE, "")
    assert world.gateways.edge.probe(f"{tenant.slug}.localhost").status == 200
    verb = "imported" if was_made else "cleared"
    (entry,) = desk.audited(f"pending.{verb}", parked.id)
    assert pending["urn"] in entry.reason


def test_a_kept_state_is_restored_and_what_it_does_not_know_is_found_again(desk: Desk) -> None:
    world, tenant = desk.world, desk.world.tenant("restored")
    assert world.do(tenant, Kind.PROVISION).phase == Phase.DONE
    first = found(desk.anna.get(f"/v1/tenants/{tenant.id}/stack"))["versions"][0]
    desk.own_domain(tenant, "www.restored.de")
    assert world.do(tenant, Kind.UPDATE).phase == Phase.DONE

    hostname = world.gateways.cloudflare.custom_hostname(zone_id(desk), "www.restored.de")
    assert hostname

    refused = desk.anna.post(f"/v1/tenants/{tenant.id}/operations/restore", json={"reason": "which one?"})
    assert refused.status_code == 428  # the second person comes before everything else
    operation = desk.ask(tenant, "restore", version=first["version"])
    done = world.work(operation)
    assert (done.phase, done.error) == (Phase.DONE, "")

    steps = world.steps(done)
    assert steps["restore_state"].result["resources"] > first["resources"]  # the host name was found by its name
    assert "delete" not in steps["stack"].result["changes"]
    same = world.gateways.cloudflare.custom_hostname(zone_id(desk), "www.restored.de")
    assert same
    assert same.id == hostname.id
    versions = found(desk.anna.get(f"/v1/tenants/{tenant.id}/stack"))["versions"]
    assert "restore" in {version["moment"] for version in versions}
    assert "body" not in versions[0]
    assert world.gateways.edge.probe("restored.localhost").status == 200
    assert desk.audited("operation.requested.restore", operation.id)


def test_the_lease_of_a_host_that_is_gone_is_released_by_two_people(desk: Desk, clock: TestClock) -> None:
    world, tenant = desk.world, desk.world.tenant("lease-released")
    operation = world.ask(tenant, Kind.PROVISION)
    claimed = lease.claim(world.gateways, operation.id)
    assert claimed
    path = f"/v1/operations/{operation.id}"
    shown = found(desk.anna.get(f"/v1/tenants/{tenant.id}/stack"))["lease"]
    assert (shown["id"], shown["held"]) == (operation.id, True)
    with pytest.raises(AssertionError, match="Its owner is alive"):
        desk.together("POST", f"{path}/release-lease")

    clock.advance(seconds=lease.LEASE.total_seconds() + 1)
    released = desk.together("POST", f"{path}/release-lease")
    assert (released["phase"], released["crashes"], released["lease_until"]) == ("waiting", 1, None)
    assert found(desk.anna.get(f"/v1/tenants/{tenant.id}/stack"))["lease"]["held"] is False
    with pytest.raises(lease.LeaseLost), world.gateways.db.transaction() as session:
        lease.Lease(world.gateways, claimed).settle(session)  # the old owner, should it come back

    found(desk.anna.post(f"{path}/retry"))
    desk.together("POST", f"{path}/cancel")
    done = ("lease_released", "retried", "cancelled")
    assert [len(desk.audited(f"operation.{verb}", operation.id)) for verb in done] == [1, 1, 1]


def test_drift_is_mended_on_request_and_by_rule(desk: Desk) -> None:
    world, tenant = desk.world, desk.world.tenant("mended")
    assert world.do(tenant, Kind.PROVISION).phase == Phase.DONE

    change_by_hand(desk, tenant)
    world.work(desk.ask(tenant, "drift"))
    assert condition(desk, tenant)["reason"] == "drifted"
    assert world.do(tenant, Kind.UPDATE).phase == Phase.DONE
    assert condition(desk, tenant)["reason"] == "drifted"  # an update does not read the world

    mended = world.work(desk.ask(tenant, "refresh"))
    assert (mended.phase, mended.error) == (Phase.DONE, "")
    assert condition(desk, tenant)["health"] == "ok"
    assert world.steps(world.do(tenant, Kind.DRIFT))["drift"].result["drifted"] == []

    settings = world.gateways.settings
    by_rule = settings.model_copy(update={"pulumi": settings.pulumi.model_copy(update={"repair_drift": True})})
    world.gateways = replace(world.gateways, settings=by_rule)
    change_by_hand(desk, tenant)
    looked = world.do(tenant, Kind.DRIFT)
    repair = desk.operation(world.steps(looked)["drift"].result["repair"])
    assert (repair.kind, repair.requested_by) == (Kind.REFRESH, "rule:drift")
    assert world.work(repair).phase == Phase.DONE
    assert condition(desk, tenant)["health"] == "ok"


def change_by_hand(desk: Desk, tenant: Tenant) -> None:
    cloudflare = desk.world.gateways.cloudflare
    account, space = desk.world.gateways.settings.cloudflare.account_id, cloudflare.namespace_id("sp-sandbox-routing")
    key = f"h%3A{tenant.slug}--preview.localhost"
    cloudflare._call("PUT", f"/accounts/{account}/storage/kv/namespaces/{space}/values/{key}", content=b"{}")


def condition(desk: Desk, tenant: Tenant) -> dict[str, str]:
    found_now: dict[str, str] = found(desk.anna.get(f"/v1/tenants/{tenant.id}"))["conditions"]["cloud"]
    return found_now
