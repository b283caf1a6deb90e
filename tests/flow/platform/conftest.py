"""The outside world of a creator: the vendors of the flow tests and the AWS stand-in beside them."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlmodel import col, select

from controlplane.accounts import factory, pool
from controlplane.accounts.models import Account
from controlplane.provisioning.models import Operation, Phase
from sandbox import product
from sandbox.cluster import CODE, answers
from sandbox.parts import Part, spawn
from sandbox.place import Place
from tenants.models import Tenant
from tests.fixtures.polling import poll
from tests.fixtures.world import World

SMALL = {name: {"enabled": True} for name in ("s3-website", "user-auth", "monitoring", "backup", "contact-form")}


@pytest.fixture(scope="session")
def aws_part(world_place: Place) -> Iterator[Part]:
    """As in the cluster: the same folder, so that one DNS and one clock serve all."""
    command = [sys.executable, "-m", "sandbox.aws", "--folder", str(world_place.folder)]
    command += ["--port", str(world_place.ports["aws"]), "--parent", str(os.getpid())]
    environment = product.environment(world_place)
    part = Part(
        "aws",
        lambda: spawn(command, log=world_place.log("aws"), environment=environment, folder=CODE),
        answers(f"{world_place.url('aws')}/_sim/settings"),
    )
    part.up()
    part.wait(seconds=60)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", world_place.secrets["aws_access_key_id"])
        patch.setenv("AWS_SECRET_ACCESS_KEY", world_place.secrets["aws_secret_access_key"])
        yield part
    part.ask_to_stop()
    part.finish()


@dataclass
class Creators:
    world: World

    def sim(self, method: str, path: str, **more: object) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.world.place.secrets['control_token']}"}
        url = f"{self.world.place.url('aws')}/_sim{path}"
        return httpx.request(method, url, headers=headers, trust_env=False, **more)  # type: ignore[arg-type]

    def stock(self) -> Account:
        """One account, ready."""
        gateways = self.world.gateways
        with gateways.db.transaction() as session:
            row = pool.order(session, gateways, actor="operator:test")
        return self.until(row.id, "ready")

    def until(self, row_id: str, state: str) -> Account:
        def go_on() -> Account:
            gateways = self.world.gateways
            with gateways.db.transaction() as session:
                row = session.get_one(Account, row_id)
                row.next_check_at = gateways.now()
                session.add(row)
            factory.advance(gateways, row_id)
            with gateways.db.transaction() as session:
                return session.get_one(Account, row_id)

        return poll(go_on, until=lambda row: row.state == state, seconds=60)

    def work(self, operation: Operation) -> Operation:
        """As the workers of both queues would, without waiting for back-off."""

        def go_on() -> Operation:
            self.advance_all()
            return self.world.work(operation, attempts=1)

        return poll(go_on, until=lambda row: row.phase not in {Phase.WAITING, Phase.RUNNING}, seconds=900, every=0.2)

    def account(self, tenant: Tenant) -> str:
        with self.world.gateways.db.transaction() as session:
            row = pool.of_tenant(session, tenant.id)
        assert row is not None
        return str(row.account_id)

    def result(self, operation: Operation, step: str) -> dict[str, Any]:
        found = self.world.steps(operation)[step].result
        assert found is not None
        return found

    def advance_all(self) -> None:
        gateways = self.world.gateways
        pool.fill(gateways)
        with gateways.db.transaction() as session:
            due = session.exec(select(Account.id).where(col(Account.next_check_at).is_not(None))).all()
        for row_id in due:
            factory.advance(gateways, row_id)


@pytest.fixture
def creators(aws_part: Part, world: World) -> Creators:
    return Creators(world)
