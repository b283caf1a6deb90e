"""What a step gets to work with, and what it must give back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from controlplane.audit.service import tenant_recorder
from controlplane.gateways import Gateways
from controlplane.provisioning.lease import Lease
from controlplane.provisioning.models import Kind, Operation
from tenants import service as tenants
from tenants.conditions import Concern, Finding
from tenants.lifecycle import State
from tenants.models import Tenant

Facts = dict[str, Any]


class Stopped(Exception):
    """Asked to stop between steps or inside one; the operation goes on elsewhere."""


class Cancelled(Exception):
    """A person asked for the end of this operation."""


@dataclass
class Work:
    gateways: Gateways
    operation: Operation
    tenant: Tenant
    lease: Lease
    results: dict[str, Facts] = field(default_factory=dict)  # of the steps that are done
    step: str = ""
    should_stop: Callable[[], bool] = lambda: False

    @property
    def now(self) -> datetime:
        return self.gateways.now()

    @property
    def kind(self) -> Kind:
        return Kind(self.operation.kind)

    def result(self, step: str) -> Facts:
        return self.results.get(step, {})

    def find(self, concern: Concern, finding: Finding, *, expected_by: datetime | None = None) -> None:
        """Write down what is true of one concern now."""
        with self.gateways.db.transaction() as session:
            tenant = self._locked(session)
            tenants.set_condition(session, tenant, concern, finding, now=self.now, expected_by=expected_by)

    def move(self, to: State, *, reason: str) -> None:
        with self.gateways.db.transaction() as session:
            tenant = self._locked(session)
            tenants.move(session, tenant, to, reason=reason, now=self.now, record=tenant_recorder(session))
        self.tenant = tenant

    def change(self, change: Callable[[Tenant], None]) -> None:
        """Facts about the tenant, under the fence."""
        with self.gateways.db.transaction() as session:
            tenant = self._locked(session)
            change(tenant)
            session.add(tenant)
        self.tenant = tenant

    def learn(self, **facts: Any) -> None:
        def add(tenant: Tenant) -> None:
            tenant.facts = {**tenant.facts, **facts}

        self.change(add)

    def _locked(self, session: Session) -> Tenant:
        self.lease.settle(session)
        tenant = tenants.locked(session, self.tenant.id)
        assert tenant is not None
        return tenant


@dataclass(frozen=True)
class StepPlan:
    """A named step. It may run again after a crash at any point; what it returns is stored and then never changes."""

    name: str
    run: Callable[[Work], Facts | None]
