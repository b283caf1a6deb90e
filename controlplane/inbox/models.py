"""What vendors told us, stored before anything is done about it.

Of the body only ids and types are kept: the object itself is read again from the vendor, and nothing personal stays.
"""

from enum import StrEnum
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, UniqueConstraint

from controlplane.core.db import Row, Stamp, json_field, stamp_field, words


class EventState(StrEnum):
    WAITING = "waiting"
    HANDLED = "handled"
    FOREIGN = "foreign"  # of another environment, another product, or a kind we do not follow
    IGNORED = "ignored"  # by a person, with a reason
    PARKED = "parked"  # a person must look


class InboxEvent(Row, table=True):
    __tablename__ = "inbox_events"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        Index("ix_inbox_events_due", "next_attempt_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_inbox_events_state_id", "state", "id"),
    )

    source: str  # stripe, resend, aws
    external_id: str = Field(max_length=255)
    type: str
    object_id: str = Field(default="", index=True, max_length=255)
    facts: dict[str, Any] = json_field()  # ids that help to find whom it concerns
    state: EventState = Field(default=EventState.WAITING, sa_type=words(EventState))
    attempts: int = 0
    fence: int = 0
    next_attempt_at: Stamp | None = stamp_field()
    lease_until: Stamp | None = stamp_field()
    handled_at: Stamp | None = stamp_field()
    error: str = ""
    who: str = ""
    reason: str = ""
