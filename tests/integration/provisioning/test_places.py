"""Who may start now: caps, turns between customers, and paid work before everything that runs anyway."""

from datetime import timedelta

import pytest
from arq.constants import default_queue_name
from redis import Redis
from sqlmodel import select

from controlplane.audit.service import tenant_recorder
from controlplane.provisioning import drift, lease, places, tasks
from controlplane.provisioning.models import Kind, Operation
from controlplane.settings import Limits
from tenants import service as tenants
from tenants.lifecycle import State
from tenants.models import Tenant
from tests.integration.provisioning.conftest import House


def chosen(house: House, **limits: object) -> list[str]:
    with house.gateways.db.transaction() as session:
        found = places.admitted(session, Limits(**limits), now=house.gateways.now())  # type: ignore[arg-type]
    return [row.id for row in found]


class TestCaps:
    def test_no_more_run_than_there_are_places(self, house: House) -> None:
        waiting = [house.ask(house.tenant(customer=f"c{number}")) for number in range(3)]
        house.holds(waiting[0])
        assert len(chosen(house, operations_running=2)) == 1
        assert len(chosen(house, operations_running=1)) == 0

    def test_a_vendor_is_asked_by_no_more_than_its_share_and_the_others_go_on(self, house: House) -> None:
        creators = [house.ask(house.tenant(customer=f"c{n}", product="creator")) for n in range(3)]
        site = house.ask(house.tenant(customer="c9"))
        found = chosen(house, operations_running=10, running_per_vendor={"aws": 2})
        assert site.id in found
        assert len({row.id for row in creators} & set(found)) == 2

    def test_the_claim_keeps_the_caps(self, house: House) -> None:
        first, second = (house.ask(house.tenant(customer=name)) for name in ("a", "b"))
        narrow = house.gateways.settings.model_copy(update={"limits": Limits(operations_running=1)})
        gateways = house.gateways.__class__(**{**vars(house.gateways), "settings": narrow})
        assert lease.claim(gateways, second.id) is None  # the other is due for longer
        assert lease.claim(gateways, first.id) is not None
        assert lease.claim(gateways, second.id) is None

    def test_one_tenant_has_one_at_a_time(self, house: House) -> None:
        tenant = house.tenant()
        house.holds(house.ask(tenant))
        house.ask(tenant, Kind.DRIFT)
        assert chosen(house, operations_running=9) == []


class TestTurns:
    def test_who_has_much_queued_does_not_keep_others_waiting(self, house: House) -> None:
        many = [house.ask(house.tenant(customer="many")) for _ in range(5)]
        one = house.ask(house.tenant(customer="one"))
        assert set(chosen(house, operations_running=2)) == {many[0].id, one.id}

    def test_who_has_one_running_comes_after_who_has_none(self, house: House) -> None:
        house.holds(house.ask(house.tenant(customer="many")))
        house.ask(house.tenant(customer="many"))
        one = house.ask(house.tenant(customer="one"))
        assert chosen(house, operations_running=2) == [one.id]

    @pytest.mark.parametrize("kind", [Kind.PROVISION, Kind.RESUME])
    def test_paid_and_waiting_comes_before_updates(self, house: House, kind: Kind) -> None:
        for number in range(3):
            house.ask(house.tenant(customer=f"u{number}", state=State.ACTIVE), Kind.UPDATE)
        paid = house.ask(house.tenant(customer="paid"), kind)
        assert chosen(house, operations_running=1) == [paid.id]

    def test_background_work_takes_a_quarter_and_nothing_while_others_wait(self, house: House) -> None:
        for number in range(8):
            house.ask(house.tenant(customer=f"d{number}", state=State.ACTIVE), Kind.DRIFT)
        assert len(chosen(house, operations_running=8)) == 2
        for _number in range(2):
            house.ask(house.tenant(customer="paid", product="creator"))
        found = chosen(house, operations_running=8, running_per_vendor={"aws": 1})
        assert len(found) == 1  # the second waits for its vendor, and no drift overtakes it


class TestSweeps:
    def test_a_row_whose_wakeup_was_lost_is_found(self, house: House) -> None:
        operation = house.ask(house.tenant())
        with Redis.from_url(house.gateways.settings.redis.url.get_secret_value()) as client:
            client.flushdb()
            tasks.sweep(house.gateways)
            queued = client.zrange(f"{default_queue_name}:test:slow", 0, -1)
        assert [name.decode().split(":")[1] for name in queued] == [operation.id]

    def test_what_is_not_due_yet_is_left_alone(self, house: House) -> None:
        operation = house.ask(house.tenant())
        house.change(operation, next_attempt_at=house.gateways.now() + timedelta(minutes=1))
        assert places.wake(house.gateways) == 0
        assert lease.claim(house.gateways, operation.id) is None

    def test_drift_is_looked_for_daily_and_not_while_a_paid_tenant_waits(self, house: House) -> None:
        live = house.tenant(state=State.ACTIVE)
        with house.gateways.db.transaction() as session:
            row = session.get_one(Tenant, live.id)
            row.next_drift_at = house.gateways.now()
        waiting = house.ask(house.tenant())
        drift.sweep(house.gateways)
        assert self._drifts(house) == 0
        house.change(waiting, next_attempt_at=house.gateways.now() + timedelta(hours=1))  # for an account
        drift.sweep(house.gateways)
        drift.sweep(house.gateways)
        assert self._drifts(house) == 1

    def test_the_looks_of_a_day_are_spread_over_it(self, house: House) -> None:
        began = [house.tenant(state=State.PROVISIONING) for _tenant in range(24)]
        now, hours = house.gateways.now(), set()
        for tenant in began:
            with house.gateways.db.transaction() as session:
                row = session.get_one(Tenant, tenant.id)
                tenants.move(session, row, State.ACTIVE, reason="test", now=now, record=tenant_recorder(session))
                assert row.next_drift_at
                assert now <= row.next_drift_at < now + drift.EVERY
                hours.add(int((row.next_drift_at - now) / timedelta(hours=3)))
        assert len(hours) >= 4  # of eight

    def _drifts(self, house: House) -> int:
        with house.gateways.db.transaction() as session:
            return len(session.exec(select(Operation).where(Operation.kind == Kind.DRIFT)).all())
