"""Tenants, what is true of them, what happened to them, and the names that are taken."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, Computed, DateTime, Enum, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from tenants.conditions import Concern, Finding, Health, Who
from tenants.lifecycle import State


def _time(*, default: Any = None, index: bool = False) -> Any:
    return Field(default=default, sa_type=DateTime(timezone=True), index=index)


def _words(kind: type[StrEnum]) -> Enum:
    """Stored as the word itself, read as the member."""
    return Enum(kind, native_enum=False, create_constraint=False, length=30, values_callable=_values)


def _values(kind: type[StrEnum]) -> list[str]:
    return [member.value for member in kind]


class Tenant(SQLModel, table=True):
    __tablename__ = "tenants"
    __table_args__ = (
        CheckConstraint("product IN ('site', 'creator')", name="product"),
        Index("ix_tenants_state_created_at", "state", "created_at"),
        Index("ix_tenants_state_id", "state", "id"),  # the filtered list, newest first
        Index(
            "ix_tenants_search",
            "search",
            postgresql_using="gin",
            postgresql_ops={"search": "gin_trgm_ops"},
            postgresql_with={"fastupdate": "off"},  # written seldom; looks would read all that is not sorted in yet
        ),
    )

    id: str = Field(primary_key=True, max_length=26)
    order_id: str = Field(unique=True, max_length=40)  # one tenant for one order, whatever arrives how often
    customer_id: str = Field(index=True, max_length=40)
    product: str
    slug: str = Field(index=True, max_length=40)
    name: str = Field(max_length=200)
    locale: str = Field(default="de", max_length=2)
    state: State = Field(sa_type=_words(State))
    spec: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)  # what is wanted
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)  # what came to be: addresses, ids; no secret
    desired_release: str | None = None
    applied_release: str | None = None
    failed_release: str | None = None
    revision: int = 0  # of what the edge was told; only rises
    created_at: datetime = _time()
    changed_at: datetime = _time(index=True)
    promised_at: datetime | None = _time()
    live_at: datetime | None = _time()
    suspended_at: datetime | None = _time()
    retention_until: datetime | None = _time(index=True)
    next_drift_at: datetime | None = _time(index=True)  # when the stack is compared with the world again
    search: str | None = Field(  # any part of it is found; casts as the database writes them, so that they compare
        default=None, sa_column=Column(Text, Computed("lower(slug::text || ' '::text || name::text)", persisted=True))
    )


class Condition(SQLModel, table=True):
    __tablename__ = "conditions"
    __table_args__ = (
        Index("ix_conditions_health_tenant_id", "health", "tenant_id"),
        Index("ix_conditions_drifted", "since", postgresql_where=text("reason = 'drifted'")),
    )

    tenant_id: str = Field(primary_key=True, foreign_key="tenants.id")
    concern: Concern = Field(primary_key=True, sa_type=_words(Concern))
    health: Health = Field(sa_type=_words(Health))
    reason: str = ""
    detail: str = ""
    next_action: str = ""
    who: Who = Field(default=Who.NOBODY, sa_type=_words(Who))
    since: datetime = _time()
    expected_by: datetime | None = _time()

    @property
    def finding(self) -> Finding:
        return Finding(self.health, self.reason, self.detail, self.next_action, self.who)


class History(SQLModel, table=True):
    """Each lifecycle move and each change of a condition, in order."""

    __tablename__ = "tenant_history"

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: str = Field(foreign_key="tenants.id", index=True)
    at: datetime = _time()
    subject: str  # lifecycle, or a concern
    before: str = ""
    after: str = ""
    reason: str = ""


class Name(SQLModel, table=True):
    """Who holds a slug: an order that is being paid, a tenant, or nobody while it rests."""

    __tablename__ = "names"
    __table_args__ = (Index("ix_names_until", "until", postgresql_where=text("until IS NOT NULL")),)

    slug: str = Field(primary_key=True, max_length=40)
    skeleton: str = Field(index=True, max_length=40)
    holder: str = Field(max_length=40)
    until: datetime | None = _time()  # free again from then on; None: as long as the tenant lives
