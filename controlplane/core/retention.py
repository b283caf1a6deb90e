"""Rows that have had their time go in small batches, each in a transaction of its own: nobody waits for the broom."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlmodel import Session

from controlplane.core.db import Database

BATCH, BATCHES = 500, 40  # at most 20,000 rows in one night; what is left goes in the next


def forget(db: Database, table: Any, *when: ColumnElement[bool]) -> int:
    """Deletes what `when` says; returns how many."""
    ids = select(table.id).where(*when).limit(BATCH).with_for_update(skip_locked=True)
    return in_batches(
        db, lambda session: int(session.connection().execute(delete(table).where(table.id.in_(ids))).rowcount)
    )


def in_batches(db: Database, one_batch: Callable[[Session], int]) -> int:
    """Until a batch finds nothing more; returns how many rows there were in all."""
    total = 0
    for _ in range(BATCHES):
        with db.transaction() as session:
            done = one_batch(session)
        total += done
        if done == 0:
            break
    return total
