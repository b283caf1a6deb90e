"""A worker that dies after the effect of a step and before writing it down: at every step, not at a sample of them, and
as a process that is gone. In the end all is as it would have been: at the vendors, in the stack, in our rows."""

import json
import time
from typing import Any

import pytest
from sqlmodel import select

from controlplane.delivery.credentials_models import Credential
from controlplane.delivery.models import Email
from controlplane.provisioning import lease, states
from controlplane.provisioning.models import Kind, Operation, Phase
from controlplane.provisioning.plans import SITE
from tenants import service as tenants
from tenants.models import History, Tenant
from tests.fixtures.world import World
from tests.flow.site.dying import dies_after

Traces = dict[str, object]


def die_and_recover(world: World, tenant: Tenant, kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once at each boundary: what comes after a step stands on what was left by a death in it."""
    operation = world.ask(tenant, kind)
    for plan in SITE[kind]:
        run_until_dead(world, operation, plan.name, monkeypatch)
    operation = world.work(operation)
    assert (operation.phase, operation.error) == (Phase.DONE, ""), kind
    assert min(step.attempts for step in world.steps(operation).values()) >= 2


def run_until_dead(world: World, operation: Operation, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A vendor that is not ready yet ends an attempt before the step could die in it."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        world.make_due(operation)
        with monkeypatch.context() as patch:
            dead = dies_after(world.gateways, operation.id, step, patch)
        if dead:
            assert not world.steps(operation)[step].finished_at
            return end_lease(world, operation)
    pytest.fail(f"nothing died: {world.steps(operation)}")


def end_lease(world: World, operation: Operation) -> None:
    with world.gateways.db.transaction() as session:
        row = session.get_one(Operation, operation.id)
        assert row.phase == Phase.RUNNING
        row.lease_until = world.gateways.now()
        session.add(row)
    with world.gateways.db.transaction() as session:
        assert [row.id for row in lease.take_back(session, world.gateways)] == [operation.id]


def traces(world: World, tenant: Tenant) -> Traces:
    """What the vendors and we hold for this tenant, with its name taken out."""
    found = {**at_vendors(world, tenant), **at_home(world, tenant)}
    text = json.dumps(found, sort_keys=True).replace(tenant.id, "(id)").replace(tenant.slug, "(slug)")
    named: Traces = json.loads(text)
    return named


def at_vendors(world: World, tenant: Tenant) -> Traces:
    gateways, host = world.gateways, f"{tenant.slug}.localhost"
    domain = gateways.resend.find_domain(f"mail.{host}")
    space = gateways.cloudflare.namespace_id("sp-sandbox-routing")
    hosts = [host, f"{tenant.slug}--preview.localhost"]
    edge = gateways.edge.tenant(tenant.id) or {}
    return {
        "bucket": gateways.cloudflare.bucket_exists(f"sp-sandbox-{tenant.id}"),
        "routes": [gateways.cloudflare.kv_value(str(space), f"h:{name}") for name in hosts],
        "records": records(world, tenant),
        "keys": len([name for _id, name in gateways.resend.sending_keys() if tenant.id in name]),
        "domain": domain.status if domain else None,
        "page": gateways.edge.probe(host).status,
        "edge": edge.get("status"),
    }


def records(world: World, tenant: Tenant) -> list[list[str]]:
    cloudflare = world.gateways.cloudflare
    zone = cloudflare.zone_id("localhost")
    found: list[dict[str, Any]] = cloudflare._call("GET", f"/zones/{zone}/dns_records", params={"per_page": "5000"})
    return sorted([entry["type"], entry["name"]] for entry in found if tenant.id in str(entry["comment"]))


def at_home(world: World, tenant: Tenant) -> Traces:
    with world.gateways.db.transaction() as session:
        history = session.exec(select(History).where(History.tenant_id == tenant.id).order_by("id")).all()
        letters = session.exec(select(Email.kind).where(Email.order_id == tenant.order_id)).all()
        keys = session.exec(select(Credential).where(Credential.tenant_id == tenant.id)).all()
        conditions = tenants.conditions(session, tenant.id)
        kept = states.latest(session, tenant.id, f"sandbox-{tenant.id}")
        assert kept is not None
        state = states.open_state(world.gateways, kept)["deployment"]
        row = session.get_one(Tenant, tenant.id)
    return {
        "state": row.state,
        "facts": row.facts,
        "moves": [f"{move.before} > {move.after}" for move in history if move.subject == "lifecycle"],
        "conditions": {str(concern): [row.health, row.reason] for concern, row in conditions.items()},
        "letters": sorted(letters),
        "keys of ours": sorted(bool(key.revoked_at) for key in keys),
        "stack": sorted(resource["urn"].rsplit("::", 1)[-1] for resource in state.get("resources") or []),
        "pending": state.get("pending_operations") or [],
    }


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, Traces]:
    """What nobody disturbed, made when it is first asked for."""
    return {}


@pytest.fixture
def live(world: World, undisturbed: dict[str, Traces]) -> Traces:
    if "live" not in undisturbed:
        tenant = world.tenant("calm")
        assert world.do(tenant, Kind.PROVISION).phase == Phase.DONE
        undisturbed["live"] = traces(world, tenant)
        assert world.do(tenant, Kind.OFFBOARD).phase == Phase.DONE
        undisturbed["gone"] = traces(world, tenant)
    return undisturbed["live"]


def test_a_site_survives_a_death_after_each_step_of_its_life(
    world: World, live: Traces, undisturbed: dict[str, Traces], monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = world.tenant("crash")
    for kind in (Kind.PROVISION, Kind.UPDATE):
        die_and_recover(world, tenant, kind, monkeypatch)
        assert traces(world, tenant) == live, kind
    assert (live["state"], live["page"], live["keys"], live["domain"]) == ("active", 200, 1, "verified")

    die_and_recover(world, tenant, Kind.OFFBOARD, monkeypatch)
    gone = undisturbed["gone"]
    assert traces(world, tenant) == gone
    assert (gone["state"], gone["page"], gone["keys"], gone["domain"]) == ("deprovisioned", 404, 0, None)
    assert (gone["bucket"], gone["routes"], gone["records"]) == (False, [None, None], [])
