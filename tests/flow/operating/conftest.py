"""Operators at the REST interface, in front of a product whose vendors, edge and engine are the emulated ones."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import select
from structlog.testing import capture_logs

from controlplane.audit.models import AuditEntry
from controlplane.domains.models import Domain, HostState
from controlplane.gateways import Gateways
from controlplane.provisioning.models import Operation
from controlplane.publishing import platform
from controlplane.settings import Settings
from sandbox import product
from sandbox.cluster import CODE, answers
from sandbox.parts import Part, spawn
from sandbox.place import Place
from sandbox.ports import free_port
from tenants.models import Tenant
from tests.fixtures.host import said
from tests.fixtures.http import Door, operator_bearer
from tests.fixtures.spans import Spans, collecting
from tests.fixtures.world import World


@dataclass
class Desk:
    """Two engineers, each signed in."""

    world: World
    anna: TestClient
    bert: TestClient

    def ask(self, tenant: Tenant, kind: str, **body: Any) -> Operation:
        answer = self.together("POST", f"/v1/tenants/{tenant.id}/operations/{kind}", reason="it must be", **body)
        return self.operation(answer["id"])

    def together(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """What needs a second person is agreed to by the other one, and then sent again."""
        answer = self.anna.request(method, path, json=body or None)
        if answer.status_code == 428:
            own = self.anna.post(answer.json()["confirm"], json={"agree": True, "reason": "my own"})
            assert own.status_code == 403, own.text
            agreed = self.bert.post(answer.json()["confirm"], json={"agree": True, "reason": "looked at it"})
            assert agreed.status_code == 200, agreed.text
            answer = self.anna.request(method, path, json=body or None)
        return found(answer)

    def operation(self, identity: str) -> Operation:
        with self.world.gateways.db.transaction() as session:
            return session.get_one(Operation, identity)

    def audited(self, action: str, object_id: str) -> list[AuditEntry]:
        with self.world.gateways.db.transaction() as session:
            query = select(AuditEntry).where(AuditEntry.action == action, AuditEntry.object_id == object_id)
            return list(session.exec(query).all())

    def own_domain(self, tenant: Tenant, host: str) -> Domain:
        """As after its claim was proved."""
        row = Domain(tenant_id=tenant.id, host=host, state=HostState.REQUESTED, proved_at=self.world.gateways.now())
        with self.world.gateways.db.transaction() as session:
            session.add(row)
        return row

    def forget_domain(self, row: Domain) -> None:
        with self.world.gateways.db.transaction() as session:
            session.delete(session.get_one(Domain, row.id))


def found(answer: httpx2.Response) -> dict[str, Any]:
    assert answer.status_code < 300, answer.text
    body: dict[str, Any] = answer.json()
    return body


def zone_id(desk: Desk) -> str:
    with desk.world.gateways.db.transaction() as session:
        return str(platform.outputs(session, desk.world.gateways)["sites_zone_id"])


@pytest.fixture
def desk(world: World, build_app: Callable[[Gateways], FastAPI]):  # type: ignore[no-untyped-def]
    door = Door(build_app(world.gateways), world.gateways)
    with capture_logs():
        yield Desk(world, door.operator("engineer"), door.operator("engineer"))


@pytest.fixture(scope="session")
def spans() -> Iterator[Spans]:
    with collecting() as found:
        yield found


@pytest.fixture(scope="session")
def environment(world_place: Place, world_settings: Settings, spans: Spans) -> dict[str, str]:
    """As a process of its own would find it."""
    values = product.environment(world_place)
    values["CP_DATABASE__URL"] = world_settings.database.url.get_secret_value()
    values["CP_REDIS__URL"] = world_settings.redis.url.get_secret_value()
    values |= {"CP_TELEMETRY__OTLP_ENDPOINT": spans.url, "OTEL_BSP_SCHEDULE_DELAY": "200"}
    return {**values, "CP_REDIS__PREFIX": "processes", "CP_LIMITS__OPERATIONS_RUNNING": "50"}


@pytest.fixture(scope="session")
def api_url(environment: dict[str, str], world_place: Place) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "controlplane", "serve", "--port", str(port)]
    changed = {**environment, "CP_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    part = Part(
        "api",
        lambda: spawn(command, log=world_place.log("api"), environment=changed, folder=CODE),
        answers(f"http://127.0.0.1:{port}/health/live"),
    )
    part.up()
    part.wait(seconds=90)
    yield f"http://127.0.0.1:{port}"
    part.ask_to_stop()
    part.finish()


@dataclass(frozen=True)
class Seat:
    """One person at the command line, with a home of their own."""

    home: Path
    environment: dict[str, str]

    def __call__(self, *words: str, code: int = 0, stdin: str = "") -> str:
        answer = said(*words, stdin=stdin, environment={**self.environment, **self._own})
        assert (answer.code, "Traceback" in answer.err) == (code, False), (words, answer)
        return answer.out if code == 0 else answer.out + answer.err

    def json(self, *words: str, **options: Any) -> Any:
        return json.loads(self(*words, "--json", **options))

    def run(self, *words: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
        """As the installed program."""
        command = [str(Path(sys.executable).with_name("controlplane")), *words]
        own = {**self.environment, **self._own}
        return subprocess.run(
            command, env=own, input=stdin, capture_output=True, text=True, check=False, timeout=120, cwd=self.home
        )

    def sign_in(self, url: str, token: str) -> None:
        folder = self.home / ".config" / "controlplane"
        folder.mkdir(parents=True)
        file = folder / "token.json"
        file.write_text(json.dumps({"url": url, "token": token}))
        file.chmod(0o600)

    def together(self, other: "Seat", *words: str, code: int = 0) -> str:
        """Sent, agreed to by the other seat, and sent again."""
        asked = self(*words, code=1)
        (act,) = re.findall(r"It is act (\w+)\.", asked)
        assert act in other("acts", "list")
        assert other("acts", "decide", act, "--agree", "--reason", "looked at it").strip() == "approved"
        return self(*words, code=code)

    @property
    def _own(self) -> dict[str, str]:
        return {"HOME": str(self.home), "XDG_CONFIG_HOME": str(self.home / ".config")}


@pytest.fixture
def seat(environment: dict[str, str], tmp_path: Path) -> Callable[[str], Seat]:
    """By name; nobody has signed in there yet."""

    def made(name: str) -> Seat:
        (tmp_path / name).mkdir()
        return Seat(tmp_path / name, environment)

    return made


@pytest.fixture
def seats(api_url: str, world: World, seat: Callable[[str], Seat]) -> tuple[Seat, Seat]:
    both = seat("anna"), seat("bert")
    for one in both:
        one.sign_in(api_url, operator_bearer(world.gateways, "engineer")["authorization"].split()[1])
    return both
