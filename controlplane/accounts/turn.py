"""Writes to the organisation are made one at a time and with a pause between them: the vendor refuses a crowd.

A process that dies in its turn blocks the others for a minute, not longer.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, select

from controlplane.accounts.models import OrganizationTurn
from controlplane.core.errors import TryLater
from controlplane.gateways import Gateways

WRITER = "writer"
LONGEST = timedelta(seconds=60)


@contextmanager
def turn(gateways: Gateways) -> Iterator[None]:
    """Ours now, or `TryLater` with the time when it may be."""
    _take(gateways)
    try:
        yield
    finally:
        pause = timedelta(seconds=gateways.settings.aws.write_spacing_seconds)
        with gateways.db.transaction() as session:
            row = locked(session)
            row.free_at = gateways.now() + pause
            session.add(row)


def _take(gateways: Gateways) -> None:
    now = gateways.now()
    with gateways.db.transaction() as session:
        row = locked(session)
        free_at = row.free_at
        if free_at is None or free_at <= now:
            row.free_at = now + LONGEST
            session.add(row)
            return
    raise TryLater("another write to the organisation goes first", after=max(free_at - now, timedelta(seconds=0.2)))


def locked(session: Session) -> OrganizationTurn:
    session.connection().execute(insert(OrganizationTurn).values(id=WRITER, paused_reason="").on_conflict_do_nothing())
    return session.exec(select(OrganizationTurn).where(OrganizationTurn.id == WRITER).with_for_update()).one()


def pause(gateways: Gateways, *, until: datetime, reason: str) -> None:
    """No new accounts for now: a limit of the vendor is reached."""
    with gateways.db.transaction() as session:
        row = locked(session)
        row.paused_until, row.paused_reason = until, reason[:200]
        session.add(row)


def paused(session: Session, now: datetime) -> OrganizationTurn | None:
    row = session.get(OrganizationTurn, WRITER)
    return row if row and row.paused_until and row.paused_until > now else None
