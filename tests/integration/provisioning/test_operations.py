"""One operation: claimed by one, resumed where it stopped, handed over, parked, cancelled."""

import threading
from datetime import timedelta

import pytest
from sqlmodel import select

from controlplane.core.errors import Conflict, NeedsPerson, Refused, TryLater
from controlplane.provisioning import actions, execution, lease, plans, states, tasks
from controlplane.provisioning.models import Kind, Phase, StateVersion
from controlplane.provisioning.work import Facts, Work
from tenants.conditions import Health, Who
from tenants.lifecycle import State
from tests.fixtures.polling import poll
from tests.fixtures.product import TestClock
from tests.integration.provisioning.conftest import House


def nothing(_work: Work) -> None:
    pass


def raising(error: Exception):  # type: ignore[no-untyped-def]
    def run(_work: Work) -> Facts:
        raise error

    return run


class TestOneAtATime:
    def test_a_second_request_is_told_of_the_first(self, house: House) -> None:
        tenant = house.tenant()
        first = house.ask(tenant)
        with pytest.raises(Conflict) as refused:
            house.ask(tenant, Kind.SUSPEND)
        assert refused.value.extra == {"operation_id": first.id}

    def test_of_many_workers_one_gets_it(self, house: House) -> None:
        operation = house.ask(house.tenant())
        claims: list[object] = []
        threads = [
            threading.Thread(target=lambda: claims.append(lease.claim(house.gateways, operation.id)))
            for _number in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len([claim for claim in claims if claim]) == 1
        assert house.read(operation).fence == 1

    def test_nothing_is_asked_of_a_tenant_that_is_gone(self, house: House) -> None:
        with pytest.raises(Conflict, match="nothing is left"):
            house.ask(house.tenant(state=State.DEPROVISIONED), Kind.UPDATE)


class TestFence:
    def test_a_settle_after_a_takeover_changes_nothing(self, house: House, clock: TestClock) -> None:
        operation = house.ask(house.tenant())
        claimed = lease.claim(house.gateways, operation.id)
        assert claimed
        late = lease.Lease(house.gateways, claimed)
        clock.advance(seconds=lease.LEASE.total_seconds() + 1)
        tasks.sweep(house.gateways)
        assert lease.claim(house.gateways, operation.id)
        with pytest.raises(lease.LeaseLost), house.gateways.db.transaction() as session:
            late.settle(session)
        assert house.read(operation).fence == 2

    def test_the_lease_is_renewed_while_the_work_goes_on(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(lease, "RENEWAL", 0.05)
        operation = house.ask(house.tenant())

        def work_until_renewed(work: Work) -> None:
            before = house.read(operation).heartbeat_at
            poll(lambda: house.read(operation).heartbeat_at, until=lambda now: now != before)
            assert not work.lease.lost

        house.steps(long=work_until_renewed)
        assert house.run(operation).phase == Phase.RUNNING or house.ran == ["long"]


class TestResuming:
    def test_finished_steps_are_not_done_again(self, house: House) -> None:
        operation = house.ask(house.tenant(state=State.ACTIVE), Kind.UPDATE)
        house.steps(one=lambda _work: {"answer": 42}, two=raising(TryLater("not yet", after=timedelta())))
        assert house.run(operation).error == "not yet"
        seen: list[Facts] = []
        house.steps(one=nothing, two=lambda work: seen.append(work.result("one")))
        assert house.run(operation).phase == Phase.DONE
        assert house.ran == ["one", "two", "two"]
        assert seen == [{"answer": 42}]

    def test_a_worker_that_is_to_end_hands_over_at_once(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(execution, "stopping", threading.Event())
        operation = house.ask(house.tenant(state=State.ACTIVE), Kind.UPDATE)
        house.steps(one=lambda _work: execution.stopping.set(), two=nothing)
        left = house.run(operation)
        assert (left.phase, left.error_class, left.lease_owner) == (Phase.WAITING, "handed_over", None)
        assert left.next_attempt_at <= house.gateways.now()
        assert house.run(operation).phase == Phase.WAITING  # and takes nothing more
        execution.stopping.clear()
        assert house.run(operation).phase == Phase.DONE
        assert house.ran == ["one", "two"]


class TestErrors:
    def test_each_class_of_error_says_what_comes_next(self, house: House) -> None:
        parked = self._after(house, NeedsPerson("the name is taken", next_action="agree on another"))
        assert (parked.phase, parked.who, parked.next_action) == (Phase.PARKED, "operator", "agree on another")
        assert self._after(house, Refused("never")).phase == Phase.PARKED
        later = self._after(house, TryLater("busy", after=timedelta(seconds=40)))
        assert later.phase == Phase.WAITING
        assert later.next_attempt_at - house.gateways.now() > timedelta(seconds=35)

    def test_a_bug_is_tried_again_with_growing_pauses_and_then_needs_a_person(
        self, house: House, clock: TestClock
    ) -> None:
        tenant = house.tenant(state=State.PROVISIONING)
        operation = house.ask(tenant)
        house.steps(one=raising(ZeroDivisionError("by nothing")))
        pauses = []
        for _failure in range(execution.FAILURES - 1):
            waits = house.run(operation)
            assert (waits.phase, waits.error_class) == (Phase.WAITING, "ZeroDivisionError")
            pauses.append((waits.next_attempt_at - house.gateways.now()).total_seconds())
            clock.advance(seconds=pauses[-1] + 1)
        assert pauses[0] < 8 < pauses[2] < pauses[4]
        assert max(pauses) < 900 * 1.3
        parked = house.run(operation)
        assert (parked.phase, parked.next_action) == (Phase.PARKED, "read the log, then retry")
        shown = house.condition(tenant)
        assert (shown.health, shown.who) == (Health.BLOCKED, Who.OPERATOR)
        assert house.state(tenant) == State.FAILED

    def test_a_failed_tenant_that_is_retried_arrives(self, house: House) -> None:
        tenant = house.tenant()
        operation = house.ask(tenant)
        house.steps(begin=lambda work: work.move(State.PROVISIONING, reason="begun"), two=raising(Refused("no")))
        assert house.run(operation).phase == Phase.PARKED
        assert house.state(tenant) == State.FAILED
        with house.gateways.db.transaction() as session:
            actions.retry(session, house.gateways, operation.id, actor="operator:anna")
        house.steps(begin=nothing, two=nothing)
        assert house.run(operation).phase == Phase.DONE
        assert house.state(tenant) == State.ACTIVE

    def test_getting_on_clears_the_count(self, house: House) -> None:
        operation = house.ask(house.tenant(state=State.ACTIVE), Kind.UPDATE)
        house.steps(one=nothing, two=raising(ValueError("once")))
        house.change(operation, failures=execution.FAILURES - 1, crashes=3)
        assert (house.run(operation).failures, house.read(operation).crashes) == (1, 0)

    def test_who_keeps_killing_its_worker_is_parked(self, house: House) -> None:
        tenant = house.tenant()
        operation = house.ask(tenant)
        for _crash in range(lease.CRASHES):
            house.holds(operation, until=-1)
            tasks.sweep(house.gateways)
            assert house.read(operation).phase == Phase.WAITING
        house.holds(operation, until=-1)
        tasks.sweep(house.gateways)
        assert (house.read(operation).phase, house.read(operation).error_class) == (Phase.PARKED, "crash_loop")
        assert house.condition(tenant).reason == "crash_loop"

    def test_a_product_without_steps_parks_and_says_so(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(plans, "PLANS", {"site": plans.PLANS["site"]})
        operation = house.ask(house.tenant(product="creator"))
        parked = house.run(operation)
        assert (parked.phase, parked.who) == (Phase.PARKED, "operator")
        assert "no steps to provision a creator" in parked.error

    def test_a_look_that_fails_is_not_drift_and_calls_nobody(self, house: House) -> None:
        tenant = house.tenant(state=State.ACTIVE)
        with house.gateways.db.transaction() as session:
            from tenants import service as tenants
            from tenants.conditions import OK, Concern

            row = tenants.locked(session, tenant.id)
            assert row
            tenants.set_condition(session, row, Concern.CLOUD, OK, now=house.gateways.now())
        operation = house.ask(tenant, Kind.DRIFT)
        house.steps(drift=raising(OSError("the vendor is away")))
        for _look in range(execution.LOOKS):
            house.change(operation, next_attempt_at=house.gateways.now())
            house.run(operation)
        assert house.read(operation).phase == Phase.CANCELLED
        assert (house.condition(tenant).health, house.condition(tenant).reason) == (Health.UNKNOWN, "drift_unknown")

    def _after(self, house: House, error: Exception):  # type: ignore[no-untyped-def]
        operation = house.ask(house.tenant(state=State.ACTIVE), Kind.UPDATE)
        house.steps(one=raising(error))
        return house.run(operation)


class TestCancelling:
    @pytest.mark.parametrize("phase", [Phase.WAITING, Phase.PARKED, Phase.APPROVAL])
    def test_what_a_rule_wants_to_end_and_nobody_works_on_ends_at_the_next_sweep(
        self, house: House, phase: Phase
    ) -> None:
        tenant = house.tenant()
        operation = house.ask(tenant)
        house.change(operation, phase=phase, cancel_requested=True)
        tasks.sweep(house.gateways)
        ended = house.read(operation)
        assert (ended.phase, ended.next_attempt_at) == (Phase.CANCELLED, None)
        assert house.condition(tenant).reason == "cancelled"

    def test_a_running_one_stops_before_its_next_step(self, house: House) -> None:
        operation = house.ask(house.tenant())

        def be_cancelled(work: Work) -> None:
            with house.gateways.db.transaction() as session:
                actions.cancel(session, house.gateways, operation.id, actor="operator:anna")
            work.lease._renew()

        house.steps(one=be_cancelled, two=nothing)
        ended = house.run(operation)
        assert (ended.phase, house.ran) == (Phase.CANCELLED, ["one"])
        assert ended.finished_at is not None

    def test_one_whose_worker_died_after_the_request_is_not_taken_up_again(self, house: House) -> None:
        operation = house.ask(house.tenant())
        house.steps(one=nothing)
        house.holds(operation, until=-1)
        house.change(operation, cancel_requested=True)
        tasks.sweep(house.gateways)
        assert house.read(operation).phase == Phase.CANCELLED
        assert house.ran == []


def test_of_the_engine_s_states_the_last_twenty_are_kept(house: House) -> None:
    tenant, other = house.tenant(), house.tenant()
    with house.gateways.db.transaction() as session:
        for number in range(states.KEPT + 3):
            text = {"deployment": {"resources": [{"urn": f"urn:{number}", "id": "secret-id"}]}}
            states.store(session, house.gateways, tenant.id, "main", text, moment="after")
        states.store(session, house.gateways, other.id, "main", {}, moment="after")
    with house.gateways.db.transaction() as session:
        rows = session.exec(select(StateVersion).where(StateVersion.tenant_id == tenant.id)).all()
        assert sorted(row.version for row in rows) == list(range(4, 24))
        assert not any("secret-id" in row.body for row in rows)
        oldest = states.version_of(session, tenant.id, "main", 4)
        assert oldest
        assert states.open_state(house.gateways, oldest)["deployment"]["resources"][0]["urn"] == "urn:3"
        assert states.latest(session, other.id, "main")
