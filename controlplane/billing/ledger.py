"""Rows that mirror what Stripe says now. Written from re-read objects only, never from an event's body.

`read_at` is the database's time before the object was read: an older reading never replaces a newer one.
"""

from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, UniqueConstraint

from controlplane.core.db import Row, Stamp, json_field, stamp_field, words


class Subscription(Row, table=True):
    __tablename__ = "subscriptions"

    stripe_id: str = Field(unique=True)
    order_id: str = Field(foreign_key="orders.id", index=True)
    status: str
    items: list[dict[str, Any]] = json_field(list)
    period_start: Stamp | None = stamp_field()
    period_end: Stamp | None = stamp_field()
    cancel_at: Stamp | None = stamp_field()
    cancel_at_period_end: bool = False
    trial_end: Stamp | None = stamp_field()
    ended_at: Stamp | None = stamp_field()
    past_due_since: Stamp | None = stamp_field()
    latest_invoice: str = ""
    read_at: Stamp = stamp_field()


class Invoice(Row, table=True):
    __tablename__ = "invoices"

    stripe_id: str = Field(unique=True)
    order_id: str = Field(foreign_key="orders.id", index=True)
    subscription: str = Field(default="", index=True)
    number: str = ""
    status: str
    billing_reason: str = ""
    currency: str = "eur"
    total: int = Field(default=0, sa_type=BigInteger)
    tax: int = Field(default=0, sa_type=BigInteger)
    amount_due: int = Field(default=0, sa_type=BigInteger)
    amount_paid: int = Field(default=0, sa_type=BigInteger)
    attempts: int = 0
    next_attempt_at: Stamp | None = stamp_field()
    issued_at: Stamp = stamp_field()
    paid_at: Stamp | None = stamp_field()
    hosted_url: str = ""
    pdf_url: str = ""
    read_at: Stamp = stamp_field()


class Payment(Row, table=True):
    """One charge and what became of it."""

    __tablename__ = "payments"

    stripe_id: str = Field(unique=True)
    order_id: str = Field(foreign_key="orders.id", index=True)
    invoice: str = ""
    payment_intent: str = Field(default="", index=True)
    status: str
    currency: str = "eur"
    amount: int = Field(default=0, sa_type=BigInteger)
    refunded: int = Field(default=0, sa_type=BigInteger)
    disputed: bool = False
    fingerprint: str = Field(default="", index=True)
    read_at: Stamp = stamp_field()


class Claim(Row, table=True):
    """Money that somebody wants or got back: a refund, a dispute, or a bank's warning of fraud."""

    __tablename__ = "claims"

    stripe_id: str = Field(unique=True)
    kind: str  # refund, dispute, fraud_warning
    order_id: str = Field(foreign_key="orders.id", index=True)
    charge: str = Field(default="", index=True)
    amount: int = Field(default=0, sa_type=BigInteger)
    status: str = ""
    reason: str = ""
    ours: bool = False  # decided here, so that it is no surprise
    read_at: Stamp = stamp_field()


class DecisionState(StrEnum):
    OPEN = "open"
    CHOSEN = "chosen"  # a person or rule said what; it is being carried out
    DONE = "done"


class Decision(Row, table=True):
    """Something about money that no machine may decide alone; what was chosen is then carried out."""

    __tablename__ = "decisions"
    __table_args__ = (
        UniqueConstraint("dedup"),
        Index("ix_decisions_open", "created_at", postgresql_where=text("state <> 'done'")),
        Index("ix_decisions_due", "next_attempt_at", postgresql_where=text("next_attempt_at IS NOT NULL")),
    )

    dedup: str
    kind: str  # late_payment, dispute, refund, fraud_warning, free_order, amount_differs, delay, referral_cap
    order_id: str = Field(index=True)
    tenant_id: str = Field(default="", index=True)
    question: str
    facts: dict[str, Any] = json_field()
    choices: list[str] = json_field(list)
    amount: int = Field(default=0, sa_type=BigInteger)
    currency: str = "eur"
    state: DecisionState = Field(default=DecisionState.OPEN, sa_type=words(DecisionState))
    choice: str = ""
    chosen_by: str = ""
    reason: str = ""
    chosen_at: Stamp | None = stamp_field()
    result: dict[str, Any] = json_field()
    error: str = ""
    next_attempt_at: Stamp | None = stamp_field()


class Usage(Row, table=True):
    """What a tenant used of one meter in one period; told to Stripe once, by its own identifier."""

    __tablename__ = "usage_records"
    __table_args__ = (
        UniqueConstraint("tenant_id", "meter", "period"),
        Index("ix_usage_records_unsent", "created_at", postgresql_where=text("sent_at IS NULL")),
    )

    tenant_id: str
    order_id: str = Field(index=True)
    meter: str
    period: str  # the day or hour it stands for
    quantity: int = Field(sa_type=BigInteger)
    used_at: Stamp = stamp_field()
    sent_at: Stamp | None = stamp_field()
    error: str = ""


class Reconciliation(Row, table=True):
    """One comparison of our mirrors with Stripe."""

    __tablename__ = "reconciliations"
    __table_args__ = (
        Index("uq_reconciliations_open", text("(finished_at IS NULL)"), unique=True,
              postgresql_where=text("finished_at IS NULL")),
        Index("ix_reconciliations_due", "next_attempt_at", postgresql_where=text("next_attempt_at IS NOT NULL")),
    )  # fmt: skip

    stage: str = ""  # events, orders, subscriptions, done
    cursor: str = ""  # where the next slice begins
    since: Stamp | None = stamp_field()
    fence: int = 0
    next_attempt_at: Stamp | None = stamp_field()
    error: str = ""
    finished_at: Stamp | None = stamp_field()
    checked: dict[str, Any] = json_field()
    differences: list[dict[str, Any]] = json_field(list)  # {object, id, field, ours, theirs, outcome}
