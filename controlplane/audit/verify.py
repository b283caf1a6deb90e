"""Is the trail whole? Says what was altered, what is missing and what should have been sealed long ago."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from controlplane.audit import anchors
from controlplane.audit.chain import KEY, START, link, mac_right
from controlplane.audit.models import AuditEntry, AuditHead
from controlplane.core.clock import system_now
from controlplane.gateways import Gateways, new_key

TAIL = timedelta(seconds=60)
_PAGE = 1_000


@dataclass(frozen=True)
class Finding:
    stream: str
    what: str  # altered, missing, rewritten, truncated, unsealed, forged
    at: int
    entry: str = ""


@dataclass(frozen=True)
class Verdict:
    entries: int
    findings: list[Finding]


def verify(gateways: Gateways) -> Verdict:
    keys = dict(gateways.secrets.ring(KEY, new_key))
    findings: list[Finding] = []
    with gateways.db.transaction() as session:
        for head in session.exec(select(AuditHead).order_by(AuditHead.stream)).all():
            findings += _stream(session, head, keys)
        findings += _tail(session, keys)
        total = session.exec(select(func.count()).select_from(AuditEntry)).one()
    known = {(finding.stream, finding.what, finding.at) for finding in findings}
    outside = [Finding(one.stream, one.what, one.at) for one in anchors.differences(gateways)]
    return Verdict(total, [*findings, *(one for one in outside if (one.stream, one.what, one.at) not in known)])


def _stream(session: Session, head: AuditHead, keys: dict[str, str]) -> Iterator[Finding]:
    before, expected = START, 1
    for row in _rows(session, head.stream):
        assert row.seq is not None
        if row.seq != expected:
            yield Finding(head.stream, "missing", expected)
        if not mac_right(row, keys):
            yield Finding(head.stream, "altered", row.seq, row.id)
        elif row.seq == expected and row.hash != link(before, row.seq, row):
            yield Finding(head.stream, "rewritten", row.seq, row.id)
        before, expected = row.hash or "", row.seq + 1
    if expected <= head.seq:
        yield Finding(head.stream, "truncated", expected)
    elif expected == head.seq + 1 and before != head.hash:
        yield Finding(head.stream, "rewritten", head.seq)


def _rows(session: Session, stream: str) -> Iterator[AuditEntry]:
    after = 0
    while True:
        query = select(AuditEntry).where(AuditEntry.stream == stream, col(AuditEntry.seq) > after)
        rows = session.exec(query.order_by(col(AuditEntry.seq)).limit(_PAGE)).all()
        yield from rows
        if len(rows) < _PAGE:
            return
        after = rows[-1].seq or 0


def _tail(session: Session, keys: dict[str, str]) -> Iterator[Finding]:
    """Compared with the system's clock: the entries carry the database's."""
    for row in session.exec(select(AuditEntry).where(col(AuditEntry.seq).is_(None)).limit(_PAGE)).all():
        if not mac_right(row, keys):
            yield Finding(row.stream, "altered", 0, row.id)
        elif system_now() - row.created_at > TAIL:
            yield Finding(row.stream, "unsealed", 0, row.id)
