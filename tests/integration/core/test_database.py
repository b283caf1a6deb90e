import pytest
from sqlmodel import select

from controlplane.audit.models import AuditEntry
from controlplane.audit.service import record
from controlplane.core.queue import Wakeup
from controlplane.gateways import Gateways


def queued(gateways: Gateways) -> list[bytes]:
    found: list[bytes] = gateways.queue._redis.zrange(gateways.queue.name("quick"), 0, -1)  # type: ignore[assignment]
    return found


def record_and_fail(gateways: Gateways) -> None:
    with gateways.db.transaction() as session:
        record(session, actor="test:1", action="x", object_type="y", object_id="z")
        gateways.queue.defer(session, Wakeup("inbox.handle", "1"))
        raise RuntimeError


class TestTransaction:
    def test_a_job_is_queued_when_the_row_is_safe_and_not_before(self, gateways: Gateways) -> None:
        with gateways.db.transaction() as session:
            entry = record(session, actor="test:1", action="x", object_type="y", object_id="z")
            gateways.queue.defer(session, Wakeup("inbox.handle", entry.id))
            assert queued(gateways) == []
        assert queued(gateways) == [f"inbox.handle:{entry.id}:0".encode()]

    def test_a_rollback_takes_its_jobs_along(self, gateways: Gateways) -> None:
        with pytest.raises(RuntimeError):
            record_and_fail(gateways)
        assert queued(gateways) == []
        with gateways.db.transaction() as session:
            assert session.exec(select(AuditEntry)).all() == []

    def test_the_same_wakeup_twice_is_one(self, gateways: Gateways) -> None:
        gateways.queue.push([Wakeup("inbox.handle", "1"), Wakeup("inbox.handle", "1")])
        assert len(queued(gateways)) == 1
