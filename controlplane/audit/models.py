"""Who did what, append-only: a trigger refuses every other change, a MAC and a chain show what got past it."""

from typing import Any

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from controlplane.core.db import Row, Stamp, json_field, stamp_field

STREAMS = ("identity", "tenant", "money", "system")


class AuditEntry(Row, table=True):
    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("uq_audit_entries_seq", "stream", "seq", unique=True, postgresql_where=text("seq IS NOT NULL")),
        Index("ix_audit_entries_unsealed", "xid", "id", postgresql_where=text("seq IS NULL")),
        Index("ix_audit_entries_actor_id", "actor", "id"),
    )

    stream: str  # identity, tenant, money, system
    actor: str  # kind:id
    factors: str = ""  # by what the actor was proved
    on_behalf: str = ""
    action: str = Field(index=True)
    object_type: str
    object_id: str = Field(index=True)
    tenant_id: str = Field(default="", index=True)
    customer_id: str = Field(default="", index=True)
    operation_id: str = ""
    request_id: str = Field(default="", index=True)
    trace_id: str = ""
    address: str = ""  # cut to its network
    outcome: str = "done"
    reason: str = ""
    changes: dict[str, Any] = json_field()  # field → [before, after]; no secret, no personal data
    row_mac: str = ""
    xid: int | None = Field(
        default=None,
        sa_type=BigInteger,
        sa_column_kwargs={"server_default": text("pg_current_xact_id()::text::bigint"), "nullable": False},
    )
    seq: int | None = Field(default=None, sa_type=BigInteger)  # gap-free within its stream; set once by the sealer
    hash: str | None = None


class AuditHead(SQLModel, table=True):
    """The last sealed entry of a stream."""

    __tablename__ = "audit_heads"

    stream: str = Field(primary_key=True)
    seq: int = Field(default=0, sa_type=BigInteger)
    hash: str = ""
    sealed_at: Stamp | None = stamp_field()
    anchored_seq: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    anchored_at: Stamp | None = stamp_field()
