"""Workers that die after the effect of a step and before writing it down, at each step once; and an engine that is
killed inside its `up`, at points that a seed chooses.

    KILLS=20 KILL_SEED=7 pytest tests/flow/platform
"""

import os
from collections.abc import Callable, Collection, Mapping
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import select

from controlplane.accounts.models import Account
from controlplane.provisioning import execution, lease, plans
from controlplane.provisioning.creator_plans import CREATOR
from controlplane.provisioning.models import Kind, Operation, Phase
from controlplane.provisioning.work import Facts, StepPlan, Work
from tenants.models import Tenant
from tests.fixtures.polling import poll
from tests.flow.platform.conftest import Creators
from tests.flow.platform.killing import Killer

KILLS, SEED = int(os.environ.get("KILLS", "2")), int(os.environ.get("KILL_SEED", "1"))
PATIENCE = 600 + 60 * KILLS


class Died(BaseException):
    """Not an error that anybody handles: the process is gone."""


LIVE = {
    "account": ("active", "active"),
    "tables": {"creator-auth-codes", "creator-privacy-requests", "creator-processed-events", "creator-users"},
    "buckets": ["-logs", "-media", "-site"],
    "pools": 1,
    "keys": 1,
    "site": 200,
    "api": 200,
    "state": "active",
}  # as without any death


class Mortal:
    """At all steps, or at these only."""

    def __init__(self, at: Collection[str] | None = None) -> None:
        self.at, self.lost = at, dict[str, Facts | None]()  # by step, what nobody wrote down

    def steps_of(self, product: str, kind: Kind, wanted: Mapping[str, Any]) -> tuple[StepPlan, ...]:
        return tuple(replace(plan, run=self._dying(plan)) for plan in plans.steps_of(product, kind, wanted))

    def _dying(self, plan: StepPlan) -> Callable[[Work], Facts | None]:
        def run(work: Work) -> Facts | None:
            found = plan.run(work)
            if plan.name not in self.lost and (self.at is None or plan.name in self.at):
                self.lost[plan.name] = found
                raise Died
            return found

        return run


def died_at_each_step(creators: Creators, operation: Operation, killer: Killer | None = None) -> Operation:
    mortal = Mortal()
    done = survive(creators, mortal, operation, killer=killer)
    assert (done.phase, done.error) == (Phase.DONE, "")
    assert list(mortal.lost) == [plan.name for plan in CREATOR[Kind(operation.kind)]]
    return done


def survive(creators: Creators, mortal: Mortal, operation: Operation, *, killer: Killer | None = None) -> Operation:
    """Until it is done, by another worker after each death."""

    def go_on() -> Operation:
        creators.advance_all()
        creators.world.make_due(operation)
        with killer.lurking(operation) if killer else nullcontext():
            try:
                execution.run(creators.world.gateways, operation.id)
            except Died:
                end_lease(creators, operation)
        return creators.world.read(operation)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(execution, "steps_of", mortal.steps_of)
        return poll(
            go_on, until=lambda row: row.phase not in {Phase.WAITING, Phase.RUNNING}, seconds=PATIENCE, every=0.2
        )


def end_lease(creators: Creators, operation: Operation) -> None:
    gateways = creators.world.gateways
    with gateways.db.transaction() as session:
        row = session.get_one(Operation, operation.id)
        assert row.phase == Phase.RUNNING
        row.lease_until = gateways.now()
        session.add(row)
    with gateways.db.transaction() as session:
        assert [row.id for row in lease.take_back(session, gateways)] == [operation.id]


def traces(creators: Creators, tenant: Tenant) -> dict[str, object]:
    """What the vendors hold for this creator, with its name taken out."""
    gateways, name = creators.world.gateways, tenant.slug
    with gateways.db.transaction() as session:
        accounts = session.exec(select(Account).where(Account.tenant_id == tenant.id)).all()
    [account] = accounts
    member = gateways.aws.member(str(account.account_id))
    buckets = sorted(bucket.split(str(account.account_id))[1] for bucket in member.buckets())
    keys = [entry for _id, entry in gateways.resend.sending_keys() if tenant.id in entry]
    return {
        "account": (account.state, account.unit),
        "tables": set(member.tables()),
        "buckets": buckets,
        "pools": len(member.pools()),
        "keys": len(keys),
        "site": gateways.visitor.ask(f"{name}.localhost", "GET", "/").status,
        "api": gateways.visitor.ask(f"{name}.localhost", "GET", "/api/health").status,
        "state": creators.world.reread(tenant).state,
    }
