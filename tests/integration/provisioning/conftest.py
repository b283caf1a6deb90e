"""Operations without an engine: tenants, their operations, and steps that the test writes itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select
from structlog.testing import capture_logs

from controlplane.audit.service import tenant_recorder
from controlplane.core.ids import new_id
from controlplane.gateways import Gateways
from controlplane.provisioning import execution
from controlplane.provisioning.models import Kind, Operation, Phase, Step
from controlplane.provisioning.service import request
from controlplane.provisioning.work import Facts, StepPlan, Work
from tenants import service as tenants
from tenants.lifecycle import State
from tenants.models import Condition, Tenant

Run = Callable[[Work], Facts | None]


@dataclass
class House:
    gateways: Gateways
    patch: pytest.MonkeyPatch
    ran: list[str] = field(default_factory=list)

    def tenant(self, *, customer: str = "customer", product: str = "site", state: State = State.QUEUED) -> Tenant:
        identity = new_id()
        new = tenants.NewTenant(
            id=identity,
            order_id=new_id(),
            customer_id=customer,
            product=product,
            slug=f"t-{identity[-12:]}",
            name="Blumen Anna",
            locale="de",
            spec={},
        )
        with self.gateways.db.transaction() as session:
            tenant, _ = tenants.start(session, new, now=self.gateways.now(), record=tenant_recorder(session))
            tenant.state = state
            session.add(tenant)
        return tenant

    def ask(self, tenant: Tenant, kind: Kind = Kind.PROVISION, **more: Any) -> Operation:
        with self.gateways.db.transaction() as session:
            row = session.get_one(Tenant, tenant.id)
            return request(session, self.gateways, row, kind, cause="test", actor="operator:anna", **more)

    def steps(self, **runs: Run) -> None:
        """What every operation consists of from now on."""
        plan = tuple(StepPlan(name, self._noting(name, run)) for name, run in runs.items())
        self.patch.setattr(execution, "steps_of", lambda _product, _kind, _wanted: plan)

    def run(self, operation: Operation) -> Operation:
        execution.run(self.gateways, operation.id)
        return self.read(operation)

    def read(self, operation: Operation) -> Operation:
        with self.gateways.db.transaction() as session:
            return session.get_one(Operation, operation.id)

    def change(self, operation: Operation, **values: Any) -> None:
        with self.gateways.db.transaction() as session:
            row = session.get_one(Operation, operation.id)
            for name, value in values.items():
                setattr(row, name, value)
            session.add(row)

    def holds(self, operation: Operation, *, until: float = 30) -> None:
        """Somebody else works on it."""
        end = self.gateways.now() + timedelta(seconds=until)
        self.change(operation, phase=Phase.RUNNING, lease_owner="another", lease_until=end)

    def condition(self, tenant: Tenant) -> Condition:
        with self.gateways.db.transaction() as session:
            return session.get_one(Condition, (tenant.id, "cloud"))

    def state(self, tenant: Tenant) -> State:
        with self.gateways.db.transaction() as session:
            return session.get_one(Tenant, tenant.id).state

    def step(self, operation: Operation, name: str) -> Step:
        with self.gateways.db.transaction() as session:
            return session.exec(select(Step).where(Step.operation_id == operation.id, Step.name == name)).one()

    def _noting(self, name: str, run: Run) -> Run:
        def noted(work: Work) -> Facts | None:
            self.ran.append(name)
            return run(work)

        return noted


@pytest.fixture
def house(gateways: Gateways, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    with capture_logs():  # a traceback drawn for people takes seconds
        yield House(gateways, monkeypatch)
