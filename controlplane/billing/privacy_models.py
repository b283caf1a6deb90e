"""What a person asked us to do with their data."""

from enum import StrEnum
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field

from controlplane.core.db import Row, Stamp, json_field, stamp_field, words


class ErasureState(StrEnum):
    COOLING = "cooling"  # may still be taken back
    ENDING = "ending"  # subscriptions and platforms are being ended
    HELD = "held"  # a law or an open dispute forbids it for now
    DONE = "done"
    WITHDRAWN = "withdrawn"


OPEN = (ErasureState.COOLING, ErasureState.ENDING, ErasureState.HELD)


class Erasure(Row, table=True):
    __tablename__ = "erasures"
    __table_args__ = (
        Index(
            "uq_erasures_open",
            "customer_id",
            unique=True,
            postgresql_where=text("state IN ('cooling', 'ending', 'held')"),
        ),
    )

    customer_id: str = Field(foreign_key="customers.id", index=True)
    subject_key: str  # blind index: proves later whose request it was, without naming the person
    state: ErasureState = Field(default=ErasureState.COOLING, sa_type=words(ErasureState))
    requested_by: str = ""
    starts_at: Stamp = stamp_field()
    next_attempt_at: Stamp | None = stamp_field()
    reason: str = ""
    certificate: dict[str, Any] = json_field()
    done_at: Stamp | None = stamp_field()
