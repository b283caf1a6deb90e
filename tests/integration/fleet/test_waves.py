"""A release that is brought to many: one first, a few at a time, nobody held up, and a halt when too many fail."""

import pytest
from sqlmodel import col, select

from controlplane.audit.models import AuditEntry
from controlplane.fleet import waves
from controlplane.fleet.models import Member, Outcome, Wave, WavePhase
from controlplane.fleet.tasks import advance_waves
from controlplane.provisioning.models import Kind, Operation, Phase
from tenants.lifecycle import State
from tenants.models import Tenant
from tests.fixtures.http import Door
from tests.integration.provisioning.conftest import House

NEW = "site@9+abc"


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What is installed here, by product; a test may install something else."""
    found = {"site": NEW, "creator": "creator@9+abc"}
    monkeypatch.setattr(waves, "installed", lambda product: found[product])
    return found


def tenants(house: House, count: int, *, release: str = "site@8+old") -> list[Tenant]:
    made = [house.tenant(customer=f"c{number}", state=State.ACTIVE) for number in range(count)]
    for tenant in made:
        change(house, tenant, applied_release=release)
    return made


def change(house: House, tenant: Tenant, **values: object) -> None:
    with house.gateways.db.transaction() as session:
        row = session.get_one(Tenant, tenant.id)
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)


def start(house: House, *, at_once: int = 3, tolerated: int = 1, product: str = "site") -> str:
    with house.gateways.db.transaction() as session:
        wave = waves.start(
            session, product=product, at_once=at_once, tolerated=tolerated, reason="new pages", actor="operator:anna"
        )
        return wave.id


def read(house: House, wave_id: str) -> tuple[Wave, dict[Outcome, int]]:
    with house.gateways.db.transaction() as session:
        wave = waves.find(session, wave_id)
        return wave, {outcome: count for outcome, count in waves.counts(session, wave).items() if count}


def under_way(house: House) -> list[Operation]:
    with house.gateways.db.transaction() as session:
        query = select(Operation).join(Member, col(Member.operation_id) == Operation.id)
        return list(session.exec(query.where(Member.outcome == Outcome.UNDER_WAY).order_by(Member.tenant_id)).all())


def end_with(house: House, phase: Phase, *operations: Operation) -> None:
    for operation in operations:
        house.change(operation, phase=phase, lease_owner=None, error="it broke" if phase is Phase.PARKED else "")


def test_one_shows_the_way_then_a_few_at_a_time_until_all_are_through(house: House) -> None:
    tenants(house, 6)
    tenants(house, 2, release=NEW)  # have it already
    wave_id = start(house, at_once=3)
    sizes = []
    while read(house, wave_id)[0].phase is WavePhase.RUNNING:
        advance_waves(house.gateways)
        advance_waves(house.gateways)  # again, as a tick does, starts nobody twice
        sizes.append(len(operations := under_way(house)))
        end_with(house, Phase.DONE, *operations)
    assert sizes == [1, 3, 2, 0]
    wave, count = read(house, wave_id)
    assert (wave.phase, count) == (WavePhase.DONE, {Outcome.DONE: 6})
    assert wave.finished_at is not None


def test_its_updates_come_after_what_somebody_waits_for(house: House) -> None:
    tenants(house, 1)
    start(house)
    advance_waves(house.gateways)
    [operation] = under_way(house)
    paid = house.ask(house.tenant())
    assert (operation.kind, operation.release) == (Kind.UPDATE, None)
    assert operation.priority > paid.priority
    assert operation.cause.startswith("wave ")


def test_too_many_failures_halt_it_and_who_resumes_has_looked_at_them(house: House) -> None:
    tenants(house, 8)
    wave_id = start(house, at_once=2, tolerated=1)
    advance_waves(house.gateways)
    end_with(house, Phase.DONE, *under_way(house))
    advance_waves(house.gateways)
    end_with(house, Phase.PARKED, *under_way(house))
    advance_waves(house.gateways)
    wave, count = read(house, wave_id)
    assert (wave.phase, wave.halted_because) == (WavePhase.HALTED, "2 failed, 1 are tolerated")
    assert count == {Outcome.DONE: 1, Outcome.FAILED: 2, Outcome.TO_COME: 5}
    advance_waves(house.gateways)
    assert under_way(house) == []
    with house.gateways.db.transaction() as session:
        waves.resume(session, wave_id, actor="operator:bert", reason="a typing error of theirs")
    advance_waves(house.gateways)
    assert len(under_way(house)) == 2


def test_one_that_failed_and_was_brought_home_by_a_person_counts_as_done(house: House) -> None:
    tenants(house, 1)
    wave_id = start(house)
    advance_waves(house.gateways)
    [operation] = under_way(house)
    end_with(house, Phase.PARKED, operation)
    with house.gateways.db.transaction() as session:
        waves.halt(session, wave_id, actor="operator:anna", reason="I look at it")
    end_with(house, Phase.DONE, operation)
    with house.gateways.db.transaction() as session:
        waves.resume(session, wave_id, actor="operator:anna", reason="mended")
    advance_waves(house.gateways)
    assert read(house, wave_id)[1] == {Outcome.DONE: 1}


def test_one_that_waits_for_an_approval_keeps_its_place(house: House) -> None:
    tenants(house, 3)
    wave_id = start(house, at_once=1)
    advance_waves(house.gateways)
    end_with(house, Phase.APPROVAL, *under_way(house))
    advance_waves(house.gateways)
    assert read(house, wave_id)[1] == {Outcome.UNDER_WAY: 1, Outcome.TO_COME: 2}


def test_who_is_busy_or_gone_is_skipped_and_holds_nobody_up(house: House) -> None:
    gone, busy, fit = tenants(house, 3)
    wave_id = start(house)
    change(house, gone, state=State.CANCELLED)
    house.ask(busy, Kind.SUSPEND)
    advance_waves(house.gateways)
    assert [operation.tenant_id for operation in under_way(house)] == [fit.id]
    with house.gateways.db.transaction() as session:
        notes = {row.tenant_id: row.note for row in session.exec(select(Member).where(Member.wave_id == wave_id)).all()}
    assert notes[gone.id] == "it is cancelled"
    assert "is not finished" in notes[busy.id]


def test_another_release_that_is_installed_meanwhile_halts_it(house: House, installed: dict[str, str]) -> None:
    tenants(house, 2)
    wave_id = start(house)
    installed["site"] = "site@10+def"
    advance_waves(house.gateways)
    assert read(house, wave_id)[0].halted_because == "another release is installed by now"
    assert under_way(house) == []


def test_over_http(door: Door, house: House) -> None:
    made = tenants(house, 2)
    engineer, auditor = door.operator("engineer"), door.operator("auditor")
    body = {"product": "site", "reason": "new pages", "at_once": 1, "tolerated": 0}
    assert auditor.post("/v1/fleet/waves", json=body).status_code == 403
    wave = engineer.post("/v1/fleet/waves", json=body).json()
    assert (wave["release"], wave["tenants"]["to_come"]) == (NEW, 2)
    assert engineer.post("/v1/fleet/waves", json=body).json()["code"] == "wave_open"
    advance_waves(house.gateways)
    path = f"/v1/fleet/waves/{wave['id']}"
    assert [row["tenant_id"] for row in auditor.get(f"{path}/members?outcome=under_way").json()["items"]] == [
        made[0].id
    ]
    assert engineer.post(f"{path}/halt", json={"reason": "stop it"}).json()["phase"] == "halted"
    assert engineer.post(f"{path}/resume", json={"reason": "go on"}).json()["phase"] == "running"
    assert engineer.post(f"{path}/end", json={"reason": "enough"}).json()["phase"] == "ended"
    assert engineer.post(f"{path}/halt", json={"reason": "again"}).status_code == 409
    assert auditor.get("/v1/fleet/waves").json()["items"][0]["id"] == wave["id"]
    assert auditor.get("/v1/fleet/waves/none").status_code == 404
    [row] = auditor.get("/v1/fleet/releases").json()
    assert (row["release"], row["tenants"], row["is_installed"]) == ("site@8+old", 2, False)
    with house.gateways.db.transaction() as session:
        found = session.exec(select(AuditEntry.action).where(AuditEntry.object_id == wave["id"])).all()
    assert sorted(found) == ["wave.ended", "wave.halted", "wave.resumed", "wave.started"]
