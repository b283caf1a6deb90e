"""A worker that dies after the effect of a step and before writing it down: at every step, not at a sample of them."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from controlplane.provisioning import execution, lease
from controlplane.provisioning.models import Kind, Operation, Phase
from controlplane.provisioning.plans import SITE
from controlplane.provisioning.work import Facts, StepPlan, Work
from tenants.models import Tenant
from tests.fixtures.world import World


class Died(BaseException):
    """Not an error that anybody handles: the process is gone."""


def dying_after(name: str) -> Callable[[str, Kind], tuple[StepPlan, ...]]:
    def run_and_die(plan: StepPlan) -> Callable[[Work], Facts | None]:
        def run(work: Work) -> Facts | None:
            plan.run(work)
            raise Died

        return run

    def steps_of(_product: str, kind: Kind) -> tuple[StepPlan, ...]:
        return tuple(replace(plan, run=run_and_die(plan)) if plan.name == name else plan for plan in SITE[kind])

    return steps_of


def die_and_recover(world: World, operation: Operation, step: str, monkeypatch: pytest.MonkeyPatch) -> Operation:
    with monkeypatch.context() as patch:
        patch.setattr(execution, "steps_of", dying_after(step))
        run_until_dead(world, operation)
    end_lease(world, operation)
    return world.work(operation)


def run_until_dead(world: World, operation: Operation) -> None:
    """A vendor that is not ready yet ends an attempt before the step could die in it."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        world.make_due(operation)
        try:
            execution.run(world.gateways, operation.id)
        except Died:
            return
    pytest.fail(f"nothing died: {world.steps(operation)}")


def end_lease(world: World, operation: Operation) -> None:
    with world.gateways.db.transaction() as session:
        row = session.get_one(Operation, operation.id)
        assert row.phase == Phase.RUNNING
        row.lease_until = world.gateways.now()
        session.add(row)
    with world.gateways.db.transaction() as session:
        assert [row.id for row in lease.take_back(session, world.gateways)] == [operation.id]


def traces(world: World, tenant: Tenant) -> dict[str, object]:
    """What the vendors hold for this tenant, with its name taken out."""
    gateways = world.gateways
    keys = [name for _id, name in gateways.resend.sending_keys() if tenant.id in name]
    domain = gateways.resend.find_domain(f"mail.{tenant.slug}.localhost")
    return {
        "bucket": gateways.cloudflare.bucket_exists(f"sp-sandbox-{tenant.id}"),
        "keys": len(keys),
        "domain": domain.status if domain else None,
        "page": gateways.edge.probe(f"{tenant.slug}.localhost").status,
        "state": world.reread(tenant).state,
        "edge": (gateways.edge.tenant(tenant.id) or {}).get("status"),
    }


LIVE = {"bucket": True, "keys": 1, "domain": "verified", "page": 200, "state": "active", "edge": "active"}
GONE = {"bucket": False, "keys": 0, "domain": None, "page": 404, "state": "deprovisioned", "edge": "gone"}


@pytest.mark.parametrize("step", [plan.name for plan in SITE[Kind.PROVISION]])
def test_provisioning_survives_a_death_after_each_step(
    world: World, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = world.tenant(f"crash-p-{step.replace('_', '-')}")
    operation = die_and_recover(world, world.ask(tenant, Kind.PROVISION), step, monkeypatch)
    assert (operation.phase, operation.error) == (Phase.DONE, "")
    assert traces(world, tenant) == LIVE


def test_offboarding_survives_a_death_after_every_step(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """One operation that dies once at each boundary: its tenant can be offboarded only once."""
    tenant = world.tenant("crash-o")
    assert world.do(tenant, Kind.PROVISION).phase == Phase.DONE
    operation = world.ask(tenant, Kind.OFFBOARD)
    for plan in SITE[Kind.OFFBOARD]:
        with monkeypatch.context() as patch:
            patch.setattr(execution, "steps_of", dying_after(plan.name))
            run_until_dead(world, operation)
        assert not world.steps(operation)[plan.name].finished_at
        end_lease(world, operation)
    operation = world.work(operation)
    assert (operation.phase, operation.error) == (Phase.DONE, "")
    assert min(step.attempts for step in world.steps(operation).values()) == 2
    assert traces(world, tenant) == GONE


def test_updating_survives_a_death_after_each_step(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = world.tenant("crash-u")
    assert world.do(tenant, Kind.PROVISION).phase == Phase.DONE
    for plan in SITE[Kind.UPDATE]:
        operation = die_and_recover(world, world.ask(tenant, Kind.UPDATE), plan.name, monkeypatch)
        assert (operation.phase, operation.error) == (Phase.DONE, ""), plan.name
        assert traces(world, tenant) == LIVE
