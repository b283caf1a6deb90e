"""What can go wrong inside a step: a killed engine, a vendor whose answer is lost, a plan that needs a yes."""

import os
import signal
import threading
from contextlib import ExitStack

import pytest
from sqlmodel import select

from controlplane.core.errors import Forbidden
from controlplane.provisioning import approvals, processes
from controlplane.provisioning.models import Approval, Kind, OperationEvent, Phase, StateVersion
from tenants import service as tenants
from tenants.conditions import Concern
from tenants.models import Tenant
from tests.fixtures.polling import poll
from tests.fixtures.world import World

# A provider plugin asks five times: for a bucket, and for each of three records.
LOST = (
    ("resend", "POST /domains", 1),
    ("cloudflare", "POST */r2/buckets", 5),
    ("cloudflare", "POST */dns_records", 15),
)


class TestEngine:
    def test_a_killed_engine_leaves_nothing_behind_and_the_next_attempt_adopts_what_it_made(self, world: World) -> None:
        tenant = world.tenant("kill-engine")
        operation = world.ask(tenant, Kind.PROVISION)
        with world.control.fault("cloudflare", "PUT */storage/kv/*/values/*", "hang", times=1) as fault:
            worker = threading.Thread(target=world.work, args=(operation,), kwargs={"attempts": 1})
            worker.start()
            poll(lambda: any(entry["fault"] == fault.id for entry in world.control.injections()), seconds=60)
            for pid in processes.marked(operation.id):
                os.kill(pid, signal.SIGKILL)
        worker.join(60)
        assert processes.marked(operation.id) == set()
        assert world.read(operation).phase == Phase.WAITING

        done = world.work(operation)
        assert (done.phase, done.error) == (Phase.DONE, "")
        assert world.gateways.edge.probe("kill-engine.localhost").status == 200

    def test_an_effect_whose_answer_was_lost_is_not_repeated(self, world: World) -> None:
        """Asked again, the vendor refuses what is there already; and the engine forgets a create that failed."""
        tenant = world.tenant("lost-answer")
        with ExitStack() as stack:
            for vendor, operation, times in LOST:
                stack.enter_context(world.control.fault(vendor, operation, "timeout_after", times=times))
            done = world.do(tenant, Kind.PROVISION)
        assert (done.phase, done.error) == (Phase.DONE, "")
        names = [entry["name"] for entry in world.gateways.resend._all("/domains")]
        assert names.count("mail.lost-answer.localhost") == 1
        with world.gateways.db.transaction() as session:
            moments = session.exec(select(StateVersion.moment).where(StateVersion.tenant_id == tenant.id)).all()
        assert "recovery" in moments

    def test_a_vendor_that_is_down_for_a_while_only_delays(self, world: World) -> None:
        tenant = world.tenant("vendor-down")
        with world.control.fault("cloudflare", "POST */r2/buckets", "error", times=3, status=500, code="10001"):
            operation = world.do(tenant, Kind.PROVISION)
        assert (operation.phase, operation.error) == (Phase.DONE, "")

    def test_what_the_engine_says_is_kept_for_those_who_watch(self, world: World) -> None:
        tenant = world.tenant("watchers")
        operation = world.do(tenant, Kind.PROVISION)
        with world.gateways.db.transaction() as session:
            events = session.exec(select(OperationEvent).where(OperationEvent.operation_id == operation.id)).all()
        made = {event.urn.rsplit("::", 1)[-1] for event in events if event.op == "create"}
        assert {"vault", "host-sub", "host-preview"} <= made


class TestApproval:
    def test_a_plan_that_replaces_the_vault_waits_for_another_person(self, world: World) -> None:
        tenant = world.tenant("approve")
        assert world.do(tenant, Kind.PROVISION).phase == Phase.DONE
        events = [{"kind": "resource_pre_event", "op": "delete", "urn": vault_urn(tenant), "text": ""}]
        plan = approvals.classify(events)
        assert plan["critical"] == [{"op": "delete", "urn": vault_urn(tenant)}]

    def test_who_asks_cannot_agree(self, world: World) -> None:
        tenant = world.tenant("two-people")
        operation = world.ask(tenant, Kind.UPDATE)
        with world.gateways.db.transaction() as session:
            approval = Approval(
                operation_id=operation.id,
                tenant_id=tenant.id,
                requested_by="operator:anna",
                plan={},
                plan_hash="x",
                expires_at=world.gateways.now() + approvals.APPROVAL_LIFE,
            )
            session.add(approval)
        with pytest.raises(Forbidden), world.gateways.db.transaction() as session:
            approvals.decide(session, world.gateways, approval.id, actor="operator:anna", approve=True, reason="fine")


class TestDrift:
    def test_what_somebody_changed_by_hand_is_seen_and_not_touched(self, world: World) -> None:
        tenant = world.tenant("drifting")
        assert world.do(tenant, Kind.PROVISION).phase == Phase.DONE
        world.gateways.cloudflare._call("PUT", kv_path(world, tenant), content=b"{}")

        operation = world.do(tenant, Kind.DRIFT)
        assert (operation.phase, operation.error) == (Phase.DONE, "")
        drifted = world.steps(operation)["drift"].result["drifted"]
        assert [entry["urn"].rsplit("::", 1)[-1] for entry in drifted] == ["host-preview"]
        with world.gateways.db.transaction() as session:
            condition = tenants.conditions(session, tenant.id)[Concern.CLOUD]
        assert (condition.health, condition.reason) == ("attention", "drifted")


def kv_path(world: World, tenant: Tenant) -> str:
    account = world.gateways.settings.cloudflare.account_id
    namespace = world.gateways.cloudflare.namespace_id("sp-sandbox-routing")
    return f"/accounts/{account}/storage/kv/namespaces/{namespace}/values/h%3A{tenant.slug}--preview.localhost"


def vault_urn(tenant: Tenant) -> str:
    return f"urn:pulumi:sandbox-{tenant.id}::site-tenant::cloudflare:index/r2Bucket:R2Bucket::vault"
