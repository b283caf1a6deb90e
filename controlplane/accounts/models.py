"""AWS member accounts: each made for one creator at most, and never for a second one."""

from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import Field

from controlplane.core.db import Row, Stamp, json_field, stamp_field, words


class AccountState(StrEnum):
    REQUESTED = "requested"
    CREATING = "creating"  # the vendor works on it; its request has an id
    CREATED = "created"
    PLACED = "placed"  # in the unit of the pool
    PROBING = "probing"  # its services become usable one after the other
    READY = "ready"
    CLAIMED = "claimed"  # for a creator, on its way into the unit of the active
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSING = "closing"
    CLOSED = "closed"
    FAILED = "failed"
    QUARANTINED = "quarantined"


S = AccountState
COMING = (S.REQUESTED, S.CREATING, S.CREATED, S.PLACED, S.PROBING)
LIVING = (*COMING, S.READY, S.CLAIMED, S.ACTIVE, S.SUSPENDED, S.QUARANTINED)


class Account(Row, table=True):
    __tablename__ = "accounts"
    __table_args__ = (
        Index("ix_accounts_due", "next_check_at", postgresql_where=text("next_check_at IS NOT NULL")),
        CheckConstraint("account_id IS NOT NULL OR state IN ('requested', 'creating', 'failed')", name="id_known"),
    )

    email: str = Field(unique=True, max_length=64)  # the natural key: how a lost one is found again
    name: str = Field(unique=True, max_length=50)
    state: AccountState = Field(default=S.REQUESTED, sa_type=words(AccountState))
    wanted: AccountState | None = Field(default=None, sa_type=words(AccountState))  # by a person or an operation
    account_id: str | None = Field(default=None, unique=True, max_length=12)
    tenant_id: str | None = Field(default=None, unique=True, max_length=26)  # set once, never cleared
    request_id: str = ""  # car-…
    unit: str = ""  # where it stands in the organisation
    asked_at: Stamp | None = stamp_field()  # before the call: it may have been made
    created_there_at: Stamp | None = stamp_field()
    ready_at: Stamp | None = stamp_field()
    claimed_at: Stamp | None = stamp_field()
    closed_at: Stamp | None = stamp_field()
    probes: dict[str, Any] = json_field()  # service → {ok, at, detail}
    quotas: dict[str, Any] = json_field()  # what the vendor grants it
    attempts: int = 0
    fence: int = 0
    lease_until: Stamp | None = stamp_field()
    next_check_at: Stamp | None = stamp_field()
    error: str = ""
    who: str = ""
    next_action: str = ""
    reason: str = ""  # why it was suspended, quarantined or closed
    reason_at: Stamp | None = stamp_field()


class AccountClaim(Row, table=True):
    """A creator that needs an account; the oldest gets the next one."""

    __tablename__ = "account_claims"

    tenant_id: str = Field(unique=True, max_length=26)
    account_row: str | None = Field(default=None, unique=True, max_length=40)
    asked_at: Stamp = stamp_field()
    given_at: Stamp | None = stamp_field()


class OrganizationTurn(Row, table=True):
    """One row: when the next write to the organisation may be made, and whether new accounts have to wait."""

    __tablename__ = "organization_turns"

    free_at: Stamp | None = stamp_field()
    paused_until: Stamp | None = stamp_field()
    paused_reason: str = ""


class AccountUse(Row, table=True):
    """What the vendor told of one account, one service and one month: what it costs, or how much of it was used."""

    __tablename__ = "account_uses"
    __table_args__ = (Index("uq_account_uses_part", "account_id", "month", "service", unique=True),)

    tenant_id: str = Field(index=True, max_length=26)
    account_id: str = Field(max_length=12)
    month: str = Field(index=True, max_length=7)  # 2026-11
    service: str = Field(max_length=80)  # in the vendor's words, or ours for what we counted ourselves
    unit: str = Field(max_length=10)  # usd, hours, gigabytes
    thousandths: int = Field(default=0, sa_type=BigInteger)
    seen_at: Stamp = stamp_field()


class AccountReport(Row, table=True):
    """What a comparison with the organisation or a drill has found; kept."""

    __tablename__ = "account_reports"

    kind: str = Field(index=True)  # reconcile, drill
    tenant_id: str = Field(default="", index=True, max_length=26)
    passed: bool = True
    body: dict[str, Any] = json_field()
