"""The product's own processes: a worker that is told to stop, and the command line against a running API."""

import json
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import httpx

from controlplane.api import acts, operations, stacks, tenants
from controlplane.provisioning import processes
from controlplane.provisioning.models import Approval, Operation, Phase
from controlplane.provisioning.outcome import APPROVAL_LIFE
from controlplane.provisioning.service import RUN
from sandbox.cluster import CODE
from sandbox.parts import spawn
from tests.fixtures.http import operator_bearer
from tests.fixtures.polling import poll
from tests.fixtures.spans import Spans
from tests.fixtures.world import World
from tests.flow.operating.conftest import Seat

REQUEST = "POST /v1/tenants/{tenant_id}/operations/{kind}"


class TestWorker:
    def test_told_to_stop_it_saves_what_is_in_flight_and_another_one_goes_on(
        self, world: World, environment: dict[str, str], api_url: str, spans: Spans
    ) -> None:
        tenant = world.tenant("told-to-stop")
        operation = self._ask(world, api_url, tenant.id)
        command = [sys.executable, "-m", "controlplane", "worker", "slow"]
        with world.control.fault("cloudflare", "POST */r2/buckets", "delay", times=1, seconds=4.0) as fault:
            worker = self._worker(command, environment, world)
            poll(lambda: any(entry["fault"] == fault.id for entry in world.control.injections()), seconds=90)
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(90) == 0

        self._one_trace(spans, operation)
        left = world.read(operation)
        assert (left.phase, left.error_class, left.lease_owner) == (Phase.WAITING, "handed_over", None)
        assert processes.marked(operation.id) == set()
        locks = Path(world.place.folder, "states/.pulumi/locks")
        assert not [lock for lock in locks.rglob("*.json") if tenant.id in str(lock)]
        (state,) = Path(world.place.folder, "states/.pulumi/stacks").rglob(f"*{tenant.id}.json")
        latest = json.loads(state.read_text())["checkpoint"]["latest"]
        assert not latest.get("pending_operations")
        assert "vault" in {resource["urn"].rsplit("::", 1)[-1] for resource in latest["resources"]}

        done = world.work(operation)
        assert (done.phase, done.error) == (Phase.DONE, "")
        assert world.steps(done)["stack"].memory_mb > 0
        assert world.steps(done)["stack"].seconds > 0

    def _worker(self, command: list[str], environment: dict[str, str], world: World) -> "subprocess.Popen[bytes]":
        return spawn(command, log=world.place.log("worker"), environment=environment, folder=CODE)

    def _ask(self, world: World, api_url: str, tenant_id: str) -> Operation:
        with httpx.Client(base_url=api_url, headers=operator_bearer(world.gateways, "engineer")) as client:
            asked = client.post(f"/v1/tenants/{tenant_id}/operations/provision", json={"reason": "by a request"})
        return world_operation(world, asked.raise_for_status().json()["id"])

    def _one_trace(self, spans: Spans, operation: Operation) -> None:
        """From the request through the queue and the job into the child that runs the engine."""
        child = poll(lambda: spans.named("pulumi up", operation=operation.id), seconds=60)[0]
        trace = poll(lambda: spans.of(child.trace_id), until=lambda found: REQUEST in {s.name for s in found})
        line = [child, *spans.above(child)]
        assert [(span.service, span.name) for span in line if "fastapi" not in span.name] == [
            ("controlplane-child", "pulumi up"),
            ("controlplane-slow", "operation.provision"),
            ("controlplane-api", REQUEST),
        ]
        assert ("controlplane-slow", RUN) in {(span.service, span.name) for span in trace}


class TestCommandLine:
    def test_an_operator_does_everything_from_the_command_line(self, world: World, seats: tuple[Seat, Seat]) -> None:
        anna, bert = seats
        tenant = world.tenant("by-command")
        asked = json.loads(anna("tenants", "ask", tenant.id, "provision", "--json"))
        with world.control.fault("cloudflare", "POST */r2/buckets", "delay", times=1, seconds=1.5):
            worker = threading.Thread(target=world.work, args=(world_operation(world, asked["id"]),))
            worker.start()
            watched = anna("operations", "watch", asked["id"])
            worker.join()
        assert "hand_over" in watched
        assert re.search(r"stack .* \d+ resources", watched)  # the engine's own words arrived while it worked
        assert json.loads(anna("tenants", "list", "--q", "by-command", "--json"))[0]["state"] == "active"
        assert "active" in anna("tenants", "show", tenant.id)
        assert "provisioning" in anna("tenants", "history", tenant.id)
        assert asked["id"] in anna("operations", "list", "--tenant", tenant.id)
        assert "probe" in anna("operations", "show", asked["id"])
        assert "create" in anna("operations", "events", asked["id"])
        assert len(anna("operations", "log", asked["id"]).splitlines()) >= 10
        assert "provision" in anna("tenants", "timeline", tenant.id, "--kind", "operation")
        assert "only what waits or is parked" in anna("operations", "retry", asked["id"], code=1)
        self._stack(world, anna, bert, tenant.id)

    def _stack(self, world: World, anna: Seat, bert: Seat, tenant_id: str) -> None:
        looked = anna("stacks", "look", tenant_id, "--no-follow").strip()
        world.work(world_operation(world, looked))
        shown = json.loads(anna("stacks", "show", tenant_id, "--json"))
        assert (shown["seen"]["locks"], shown["seen"]["pending"]) == ([], [])
        version = str(json.loads(anna("stacks", "states", tenant_id, "--json"))[0]["version"])
        restore = ("stacks", "restore", tenant_id, version, "--reason", "practice", "--no-follow")
        operation = world_operation(world, anna.together(bert, *restore).strip())
        assert operation.wanted == {"version": int(version)}
        assert "Nobody holds it" in anna.together(bert, "operations", "release-lease", operation.id, code=1)
        anna.together(bert, "operations", "cancel", operation.id)
        assert world.read(operation).phase == Phase.CANCELLED
        urn = f"urn:pulumi:sandbox-{tenant_id}::site-tenant::cloudflare:index/r2Bucket:R2Bucket::other"
        going = anna.together(bert, "stacks", "clear", tenant_id, urn, "--reason", "nothing there")
        assert "refresh" in going
        anna.together(bert, "stacks", "import", tenant_id, urn, "an-id", "--reason", "found it")
        self._steered(world, anna, bert, tenant_id)
        self._approval(world, anna, tenant_id, operation.id)

    def _steered(self, world: World, anna: Seat, bert: Seat, tenant_id: str) -> None:
        """The operation that stands there now, and two kept states: what was made in between is told by name."""
        open_ = json.loads(anna("operations", "list", "--tenant", tenant_id, "--phase", "waiting", "--json"))[0]["id"]
        assert anna("operations", "park", open_, "--reason", "let me see").strip() == "parked"
        assert anna("operations", "take", open_).startswith("operator:")
        anna.together(bert, "operations", "go-on-at", open_, "edge_document", "--reason", "the stack is right")
        assert world.read(world_operation(world, open_)).phase == Phase.WAITING
        unlock = ("tenants", "unlock-owner", tenant_id, "--reason", "lost the phone", "--proof", "called back")
        assert "no such creator" in anna.together(bert, *unlock, code=1)  # a site has no such door
        kept = [str(row["version"]) for row in json.loads(anna("stacks", "states", tenant_id, "--json"))]
        made = json.loads(anna("stacks", "compare", tenant_id, kept[0], kept[-1], "--json"))
        assert {row["what"] for row in made} <= {"made", "changed", "gone"}
        assert "ciphertext" not in json.dumps(made)

    def _approval(self, world: World, anna: Seat, tenant_id: str, operation_id: str) -> None:
        row = Approval(
            operation_id=operation_id,
            tenant_id=tenant_id,
            requested_by="operator:somebody",
            plan={"critical": [{"op": "delete", "urn": "a::vault"}], "changes": []},
            plan_hash="x",
            expires_at=world.gateways.now() + APPROVAL_LIFE,
        )
        with world.gateways.db.transaction() as session:
            session.add(row)
        assert row.id in [found["id"] for found in json.loads(anna("approvals", "list", "--json"))]
        assert "a::vault" in anna("approvals", "show", row.id)
        assert anna("approvals", "decide", row.id, "--refuse", "--reason", "not now").strip() == "refused"


def world_operation(world: World, identity: str) -> Operation:
    with world.gateways.db.transaction() as session:
        return session.get_one(Operation, identity)


def test_each_route_of_an_operator_has_a_verb() -> None:
    said = "".join(file.read_text() for file in (CODE / "controlplane" / "commands").glob("*.py"))
    spoken = {re.sub(r"{[^}]*}", "{}", path) for path in re.findall(r'"(/v1/[^"?]*)"', said)}
    for router in (acts.router, operations.router, stacks.router, tenants.router):
        for route in router.routes:
            path = re.sub(r"{[^}]*}", "{}", route.path)  # type: ignore[attr-defined]
            assert path in spoken, f"no verb for {path}"
