"""A worker that dies after the effect of a step and before writing it down: at every step of an operation, in turn; and
an engine that is killed inside its `up`, at points that a seed chooses.

    KILLS=20 KILL_SEED=7 pytest tests/flow/platform/test_crashes.py
"""

import os
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace

import pytest
from sqlmodel import select

from controlplane.accounts.models import Account
from controlplane.provisioning import execution, lease
from controlplane.provisioning.creator_plans import CREATOR
from controlplane.provisioning.models import Kind, Operation, Phase
from controlplane.provisioning.work import Facts, StepPlan, Work
from tenants.models import Tenant
from tests.fixtures.polling import poll
from tests.flow.platform.conftest import SMALL, Creators
from tests.flow.platform.killing import Killer, nothing_twice_and_nothing_left

KILLS, SEED = int(os.environ.get("KILLS", "2")), int(os.environ.get("KILL_SEED", "1"))
PATIENCE = 600 + 60 * KILLS


class Died(BaseException):
    """Not an error that anybody handles: the process is gone."""


class Mortal:
    """Each step works, and the first time its worker dies right after."""

    def __init__(self) -> None:
        self.died: list[str] = []

    def steps_of(self, _product: str, kind: Kind, _wanted: object) -> tuple[StepPlan, ...]:
        return tuple(replace(plan, run=self._dying(plan)) for plan in CREATOR[kind])

    def _dying(self, plan: StepPlan) -> Callable[[Work], Facts | None]:
        def run(work: Work) -> Facts | None:
            found = plan.run(work)
            if plan.name not in self.died:
                self.died.append(plan.name)
                raise Died
            return found

        return run


def survive(
    creators: Creators, operation: Operation, monkeypatch: pytest.MonkeyPatch, killer: Killer | None = None
) -> list[str]:
    mortal = Mortal()
    monkeypatch.setattr(execution, "steps_of", mortal.steps_of)

    def go_on() -> Operation:
        creators.advance_all()
        creators.world.make_due(operation)
        with killer.lurking(operation) if killer else nullcontext():
            try:
                execution.run(creators.world.gateways, operation.id)
            except Died:
                end_lease(creators, operation)
        return creators.world.read(operation)

    done = poll(go_on, until=lambda row: row.phase not in {Phase.WAITING, Phase.RUNNING}, seconds=PATIENCE, every=0.2)
    monkeypatch.undo()
    assert (done.phase, done.error) == (Phase.DONE, "")
    return mortal.died


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
        "tables": sorted(member.tables()),
        "buckets": buckets,
        "pools": len(member.pools()),
        "keys": len(keys),
        "site": gateways.visitor.ask(f"{name}.localhost", "GET", "/").status,
        "api": gateways.visitor.ask(f"{name}.localhost", "GET", "/api/health").status,
        "state": creators.world.reread(tenant).state,
    }


LIVE = {
    "account": ("active", "active"),
    "tables": ["creator-auth-codes", "creator-privacy-requests", "creator-processed-events", "creator-users"],
    "buckets": ["-logs", "-media", "-site"],
    "pools": 1,
    "keys": 1,
    "site": 200,
    "api": 200,
    "state": "active",
}


@pytest.mark.timeout(2 * PATIENCE)
def test_a_death_after_each_step_changes_nothing_in_the_end(
    creators: Creators, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = creators.world.tenant("mortal", product="creator", tier="small", modules=SMALL)
    killer = Killer(creators, seed=SEED, count=KILLS)
    died = survive(creators, creators.world.ask(tenant, Kind.PROVISION), monkeypatch, killer)
    assert died == [plan.name for plan in CREATOR[Kind.PROVISION]]
    assert 1 <= killer.deaths <= KILLS  # how many calls a later attempt has left to strike is for the clock to say
    assert traces(creators, tenant) == LIVE
    nothing_twice_and_nothing_left(creators, tenant)

    died = survive(creators, creators.world.ask(tenant, Kind.UPDATE), monkeypatch)
    assert died == [plan.name for plan in CREATOR[Kind.UPDATE]]
    assert traces(creators, tenant) == LIVE
