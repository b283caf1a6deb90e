"""Gap-free numbers and a chain of hashes, given after the commit: no insert ever waits for another."""

from datetime import datetime

from sqlalchemy import text as sql
from sqlalchemy import update
from sqlmodel import Session, col, select

from controlplane.audit.chain import START, link
from controlplane.audit.models import STREAMS, AuditEntry, AuditHead
from controlplane.gateways import Gateways

BATCH = 500
# Ids rise in the order of beginnings, not of commits. Below the oldest transaction that still runs nothing can
# appear any more, so nothing is skipped.
_SETTLED = sql("xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


def seal(gateways: Gateways) -> int:
    """How many were sealed."""
    with gateways.db.transaction() as session:
        if not session.execute(sql("SELECT pg_try_advisory_xact_lock(hashtext('audit_sealer'))")).scalar():
            return 0
        return sum(_seal_stream(session, stream, now=gateways.now()) for stream in _streams(session))


def _streams(session: Session) -> list[str]:
    known = set(STREAMS) | set(session.exec(select(AuditHead.stream)).all())
    waiting = session.exec(select(AuditEntry.stream).where(col(AuditEntry.seq).is_(None)).distinct()).all()
    return sorted(known & set(waiting)) + sorted(set(waiting) - known)


def _seal_stream(session: Session, stream: str, *, now: datetime) -> int:
    head = session.get(AuditHead, stream, with_for_update=True) or AuditHead(stream=stream, hash=START)
    waiting = select(AuditEntry).where(AuditEntry.stream == stream, col(AuditEntry.seq).is_(None), _SETTLED)
    rows = session.exec(waiting.order_by(col(AuditEntry.xid), col(AuditEntry.id)).limit(BATCH)).all()
    numbers = []
    for row in rows:
        head.seq, head.hash = head.seq + 1, link(head.hash, head.seq + 1, row)
        numbers.append({"id": row.id, "seq": head.seq, "hash": head.hash})
    if numbers:
        session.execute(update(AuditEntry), numbers)  # all in one go
    head.sealed_at = now
    session.add(head)
    return len(rows)
