"""A change that would delete something with data in it: planned, waited for, agreed to by another, looked at again."""

from dataclasses import replace

from controlplane.provisioning import tasks
from controlplane.provisioning.models import Approval, Kind, Operation, Phase
from tenants.models import Tenant
from tests.fixtures.product import TestClock
from tests.flow.operating.conftest import Desk, found, zone_id


def waiting(desk: Desk, operation: Operation) -> dict[str, object]:
    shown = found(desk.anna.get(f"/v1/operations/{operation.id}"))
    assert shown["phase"] == "approval", shown["error"]
    (asked,) = [row for row in shown["approvals"] if row["decision"] is None]
    return dict(asked)


def decide(desk: Desk, approval: dict[str, object], *, approve: bool) -> None:
    body = {"approve": approve, "reason": "read the plan"}
    own = desk.anna.post(f"/v1/approvals/{approval['id']}", json=body)
    assert own.status_code == 403, own.text
    found(desk.bert.post(f"/v1/approvals/{approval['id']}", json=body))


def refused_or_forgotten(desk: Desk, tenant: Tenant) -> None:
    """What nobody agreed to within three days is as good as refused."""
    world = desk.world
    operation = world.work(desk.ask(tenant, "update"))
    decide(desk, waiting(desk, operation), approve=False)
    assert (world.read(operation).phase, world.read(operation).error_class) == (Phase.CANCELLED, "refused")

    operation = world.work(desk.ask(tenant, "update"))
    asked = waiting(desk, operation)
    later = TestClock()
    later.advance(hours=71)
    tasks.sweep(replace(world.gateways, now=later))
    assert world.read(operation).phase == Phase.APPROVAL
    later.advance(hours=2)
    tasks.sweep(replace(world.gateways, now=later))
    assert (world.read(operation).phase, world.read(operation).error_class) == (Phase.CANCELLED, "expired")
    with world.gateways.db.transaction() as session:
        assert session.get_one(Approval, asked["id"]).decision == "expired"


def test_asked_agreed_and_stopped_by_what_came_later(desk: Desk) -> None:
    """A live tenant with two own host names, which count as stateful."""
    world, tenant = desk.world, desk.world.tenant("asked-first")
    first, second = (desk.own_domain(tenant, f"{name}.asked-first.de") for name in ("www", "shop"))
    assert world.do(tenant, Kind.PROVISION).phase == Phase.DONE
    desk.forget_domain(first)
    refused_or_forgotten(desk, tenant)
    operation = world.work(desk.ask(tenant, "update"))

    asked = waiting(desk, operation)
    plan = asked["plan"]
    assert [change["urn"].rsplit("::", 1)[-1] for change in plan["critical"]] == [f"own-{first.host}"]
    assert plan["counts"]["delete:stateful"] == 1
    assert plan["counts"]["delete:stateless"] >= 1
    assert asked["id"] in [row["id"] for row in desk.anna.get("/v1/approvals").json()]

    desk.forget_domain(second)  # after the plan was read, before it is carried out
    decide(desk, asked, approve=True)
    again = waiting(desk, world.work(operation))
    assert again["id"] != asked["id"]
    assert len(again["plan"]["critical"]) == 2
    zone = world.gateways.cloudflare
    assert zone.custom_hostname(zone_id(desk), first.host)  # nothing was touched

    decide(desk, again, approve=True)
    done = world.work(operation)
    assert (done.phase, done.error) == (Phase.DONE, "")
    assert zone.custom_hostname(zone_id(desk), first.host) is None
    assert world.steps(done)["preview"].result["plan"]["counts"]["delete:stateful"] == 2
    assert desk.audited("approval.approved", str(again["id"]))
