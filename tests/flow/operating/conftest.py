"""Operators at the REST interface, in front of a product whose vendors, edge and engine are the emulated ones."""

from collections.abc import Callable
from dataclasses import dataclass
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
from tenants.models import Tenant
from tests.fixtures.http import Door
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
