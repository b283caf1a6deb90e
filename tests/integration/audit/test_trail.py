"""The trail: nothing is changed unnoticed, nothing is skipped, nothing is told that must not be."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlmodel import Session, col, select

from controlplane.audit import anchors, sealing
from controlplane.audit.models import AuditEntry
from controlplane.audit.service import record
from controlplane.audit.verify import verify
from controlplane.gateways import Gateways
from controlplane.settings import Audit
from tests.fixtures.host import Host
from tests.fixtures.http import Door
from tests.fixtures.polling import poll
from tests.fixtures.product import TestClock


def write(session: Session, number: int, stream: str = "tenant") -> AuditEntry:
    return record(session, actor="t:1", action="x", object_type="y", object_id=str(number), stream=stream)


def sealed(gateways: Gateways, numbers: int) -> None:
    with gateways.db.transaction() as session:
        for number in range(numbers):
            write(session, number)
    seal_all(gateways)


def seal_all(gateways: Gateways) -> None:
    """Other databases of this server hold the snapshot back while their transactions run."""

    def waiting() -> int:
        sealing.seal(gateways)
        with gateways.db.transaction() as session:
            return len(session.exec(select(AuditEntry.id).where(col(AuditEntry.seq).is_(None))).all())

    poll(waiting, until=lambda left: left == 0)


def tamper(gateways: Gateways, statement: str) -> None:
    """As somebody could who owns the database."""
    with gateways.db.transaction() as session:
        session.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_guard"))
        session.execute(text(statement))
        session.execute(text("ALTER TABLE audit_entries ENABLE TRIGGER audit_entries_guard"))


def found(gateways: Gateways) -> list[tuple[str, int]]:
    return [(finding.what, finding.at) for finding in verify(gateways).findings]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_entries SET actor = 'other'", "DELETE FROM audit_entries", "UPDATE audit_entries SET seq = NULL"],
)
def test_the_database_itself_refuses_a_change(gateways: Gateways, statement: str) -> None:
    sealed(gateways, 1)
    with pytest.raises(ProgrammingError, match="append-only"), gateways.db.transaction() as session:
        session.execute(text(statement))


class TestChain:
    def test_numbers_have_no_gap_and_all_agrees(self, gateways: Gateways) -> None:
        sealed(gateways, 7)
        with gateways.db.transaction() as session:
            numbers = session.exec(select(AuditEntry.seq).order_by(col(AuditEntry.seq))).all()
        assert numbers == [1, 2, 3, 4, 5, 6, 7]
        assert found(gateways) == []

    def test_a_late_commit_is_not_skipped(self, gateways: Gateways) -> None:
        with Session(gateways.db.engine) as late:
            write(late, 1)
            late.flush()
            with gateways.db.transaction() as session:
                write(session, 2)
            assert sealing.seal(gateways) == 0  # what began earlier may still come
            late.commit()
        seal_all(gateways)
        with gateways.db.transaction() as session:
            rows = session.exec(select(AuditEntry).order_by(col(AuditEntry.seq))).all()
        assert [(row.seq, row.object_id) for row in rows] == [(1, "1"), (2, "2")]
        assert found(gateways) == []

    @pytest.mark.parametrize(
        ("statement", "finding"),
        [
            ("UPDATE audit_entries SET actor = 'other' WHERE seq = 2", ("altered", 2)),
            ("UPDATE audit_entries SET changes = '{\"state\": 1}' WHERE seq = 3", ("altered", 3)),
            ("UPDATE audit_entries SET created_at = now() - interval '1 day' WHERE seq = 2", ("rewritten", 2)),
            ("DELETE FROM audit_entries WHERE seq = 2", ("missing", 2)),
            ("DELETE FROM audit_entries WHERE seq = 4", ("truncated", 4)),
        ],
    )
    def test_what_got_past_the_database_is_named(
        self, gateways: Gateways, statement: str, finding: tuple[str, int]
    ) -> None:
        sealed(gateways, 4)
        tamper(gateways, statement)
        assert finding in found(gateways)

    def test_a_tail_that_nobody_seals(self, gateways: Gateways) -> None:
        with gateways.db.transaction() as session:
            write(session, 1)
        tamper(gateways, "UPDATE audit_entries SET created_at = now() - interval '2 minutes'")
        assert found(gateways) == [("unsealed", 0)]


class TestContent:
    def test_only_what_is_named_shows_its_value(self, session: Session) -> None:
        entry = record(
            session,
            actor="t:1",
            action="x",
            object_type="y",
            object_id="z",
            reason="key cpl_at_" + "a" * 49,
            changes={"state": ["a", "b"], "email": ["old@example.com", "new@example.com"], "password": ["x", "y"]},
        )
        assert entry.changes == {"state": ["a", "b"], "email": "changed", "password": "changed"}
        assert entry.reason == "key [secret]"

    def test_it_can_be_searched_by_page(self, door: Door) -> None:
        sealed(door.gateways, 5)
        client = door.operator("auditor")
        first = client.get("/v1/audit", params={"action": "x", "limit": 3}).json()
        rest = client.get("/v1/audit", params={"action": "x", "limit": 3, "cursor": first["next"]}).json()
        ids = [row["id"] for row in [*first["items"], *rest["items"]]]
        assert (len(ids), ids) == (5, sorted(ids, reverse=True))
        assert client.get("/v1/audit/verify").json()["whole"] is True

    def test_engineers_see_their_own_acts(self, door: Door) -> None:
        sealed(door.gateways, 2)
        client = door.operator("engineer")
        client.post("/v1/operations/none/retry")
        assert client.post("/v1/auth/totp").status_code == 200
        actions = [row["action"] for row in client.get("/v1/audit").json()["items"]]
        assert actions == ["api.called"]


class TestAnchors:
    """Whoever owns the database can cut the trail or compute it anew: what lies elsewhere tells."""

    @pytest.fixture
    def anchored(self, gateways: Gateways, tmp_path: Path) -> Gateways:
        audit = Audit(anchors=f"file://{tmp_path}/anchors")
        built = replace(gateways, settings=gateways.settings.model_copy(update={"audit": audit}))
        sealed(built, 4)
        assert anchors.anchor(built) == 1
        return built

    def test_one_for_each_new_head_and_one_an_hour(self, anchored: Gateways, clock: TestClock, tmp_path: Path) -> None:
        assert (anchors.anchor(anchored), found(anchored)) == (0, [])
        sealed(anchored, 1)
        assert anchors.anchor(anchored) == 1
        clock.advance(minutes=61)
        assert anchors.anchor(anchored) == 1
        files = sorted((tmp_path / "anchors").rglob("*.json"))
        assert len(files) == 3
        assert {file.stat().st_mode & 0o222 for file in files} == {0}
        assert found(anchored) == []

    def test_a_trail_that_was_cut_together_with_its_head(self, anchored: Gateways) -> None:
        tamper(anchored, "DELETE FROM audit_entries WHERE seq > 2")
        tamper(anchored, "UPDATE audit_heads SET seq = 2, hash = (SELECT hash FROM audit_entries WHERE seq = 2)")
        assert found(anchored) == [("truncated", 4)]

    def test_a_trail_that_was_computed_anew_with_the_right_keys(self, anchored: Gateways) -> None:
        tamper(anchored, "DELETE FROM audit_heads")
        tamper(anchored, "DELETE FROM audit_entries")
        sealed(anchored, 4)
        assert found(anchored) == [("rewritten", 4)]

    def test_an_anchor_that_somebody_else_wrote(self, anchored: Gateways, tmp_path: Path) -> None:
        [file] = (tmp_path / "anchors").rglob("*.json")
        (file.parent / "999999.json").write_text(file.read_text().replace('\\"seq\\": 4', '\\"seq\\": 3'))
        assert found(anchored) == [("forged", 0)]

    def test_the_command_line_says_so_too(self, anchored: Gateways, host: Host, tmp_path: Path) -> None:
        setting = {"AUDIT__ANCHORS": f"file://{tmp_path}/anchors"}
        assert host("audit", "verify", **setting).code == 0
        sealed(anchored, 1)
        assert host("audit", "anchor", "--json", **setting).json == {"heads": 1}
        tamper(anchored, "DELETE FROM audit_heads")
        tamper(anchored, "DELETE FROM audit_entries")
        cut = host("audit", "verify", "--json", **setting)
        assert (cut.code, {one["what"] for one in cut.json}) == (1, {"truncated"})
