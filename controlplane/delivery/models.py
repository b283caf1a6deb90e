"""E-mails: each has a row before anything is sent, and one row only."""

from enum import StrEnum
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field

from controlplane.core.db import Row, Stamp, json_field, stamp_field, words


class EmailState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"  # somebody holds the lease
    SENT = "sent"  # the vendor gave it an id
    DELIVERED = "delivered"
    DELAYED = "delayed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    PARKED = "parked"  # a person must look
    EXPIRED = "expired"  # too old to be of use


OPEN = frozenset({EmailState.QUEUED, EmailState.SENDING})


class Email(Row, table=True):
    __tablename__ = "emails"
    __table_args__ = (
        Index("ix_emails_due", "next_attempt_at", postgresql_where=text("state IN ('queued', 'sending')")),
    )

    dedup: str = Field(unique=True, max_length=200)  # made of ids only
    kind: str = Field(index=True)
    to: str = Field(max_length=320)
    locale: str = Field(default="de", max_length=2)
    data: dict[str, Any] = json_field()  # what the text names; never a secret
    sealed: str = ""  # what else it names and nobody else may read: a sign-in link
    customer_id: str = Field(default="", index=True)
    order_id: str = Field(default="", index=True)
    state: EmailState = Field(default=EmailState.QUEUED, sa_type=words(EmailState))
    vendor_id: str = Field(default="", index=True)
    attempts: int = 0
    fence: int = 0
    first_attempt_at: Stamp | None = stamp_field()
    next_attempt_at: Stamp | None = stamp_field()
    sent_at: Stamp | None = stamp_field()
    error: str = ""


class Suppression(Row, table=True):
    """An address that gets no more mail from us. Only its hash is kept, so that it survives an erasure."""

    __tablename__ = "suppressions"

    address_key: str = Field(unique=True, max_length=64)
    reason: str  # bounced, complained, manual
    email_id: str = ""
    lifted_at: Stamp | None = stamp_field()
