import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from controlplane.audit.models import AuditEntry
from controlplane.audit.service import record
from controlplane.core.queue import Queue, Wakeup
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

    def test_what_is_queued_in_a_moment_is_there_when_the_process_ends(self, gateways: Gateways) -> None:
        own = Queue(gateways.settings.redis.url.get_secret_value(), prefix=gateways.settings.redis.prefix)
        threads = [threading.Thread(target=own.push_soon, args=[Wakeup("inbox.handle", str(n))]) for n in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        own.close()
        assert len(queued(gateways)) == 20


class TestAlone:
    def test_a_connection_that_was_lost_meanwhile_costs_nobody_anything(self, gateways: Gateways) -> None:
        [before] = gateways.db.alone("SELECT pg_backend_pid()", {})
        with gateways.db.transaction() as session:
            session.connection().execute(text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": before})
        [after] = gateways.db.alone("SELECT pg_backend_pid()", {})
        assert after != before

    def test_what_a_rule_refuses_is_refused_and_the_connection_serves_on(self, gateways: Gateways) -> None:
        with pytest.raises(DBAPIError):
            gateways.db.alone("SELECT 1 / %(none)s", {"none": 0})
        assert tuple(gateways.db.alone("SELECT %(one)s::int", {"one": 1})) == (1,)
