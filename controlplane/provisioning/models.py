"""Operations: what is being done to a tenant, step by step, by whom, and what came of it."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, UniqueConstraint

from controlplane.core.db import Row, Stamp, json_field, stamp_field, words


class Kind(StrEnum):
    PROVISION = "provision"
    UPDATE = "update"
    SUSPEND = "suspend"
    RESUME = "resume"
    REFRESH = "refresh"
    RESTORE = "restore"
    OFFBOARD = "offboard"
    DRIFT = "drift"


class Phase(StrEnum):
    WAITING = "waiting"  # due at next_attempt_at
    RUNNING = "running"  # somebody holds the lease
    APPROVAL = "approval"  # a person must agree first
    PARKED = "parked"  # a person must act first
    DONE = "done"
    CANCELLED = "cancelled"


OPEN = (Phase.WAITING, Phase.RUNNING, Phase.APPROVAL, Phase.PARKED)
MUTATING = tuple(kind for kind in Kind if kind is not Kind.DRIFT)
# Paid and waiting comes before everything that runs anyway.
PRIORITY = {
    Kind.PROVISION: 0,
    Kind.RESUME: 0,
    Kind.SUSPEND: 1,
    Kind.RESTORE: 1,
    Kind.OFFBOARD: 2,
    Kind.UPDATE: 3,
    Kind.REFRESH: 3,
    Kind.DRIFT: 9,
}
OPEN_SQL = "phase IN ('waiting', 'running', 'approval', 'parked')"


class Operation(Row, table=True):
    __tablename__ = "operations"
    __table_args__ = (
        Index(
            "uq_operations_open_mutating",
            "tenant_id",
            unique=True,
            postgresql_where=text(f"{OPEN_SQL} AND kind <> 'drift'"),
        ),
        Index("ix_operations_due", "priority", "next_attempt_at", postgresql_where=text("phase = 'waiting'")),
        Index("ix_operations_lease", "lease_until", postgresql_where=text("phase = 'running'")),
        Index("ix_operations_open", "phase", "id", postgresql_where=text(OPEN_SQL)),
        Index("ix_operations_cancel", "id", postgresql_where=text(f"cancel_requested AND {OPEN_SQL}")),
        CheckConstraint("(phase = 'running') = (lease_owner IS NOT NULL)", name="lease"),
    )

    tenant_id: str = Field(foreign_key="tenants.id", index=True, max_length=26)
    kind: Kind = Field(sa_type=words(Kind))
    phase: Phase = Field(default=Phase.WAITING, sa_type=words(Phase))
    priority: int = 5
    cause: str = ""  # paid, dunning, operator, customer, rule
    requested_by: str = ""
    wanted: dict[str, Any] = json_field()  # what this operation shall bring about, beyond the tenant's spec
    release: str | None = None
    attempt: int = 0
    crashes: int = 0  # of its workers, and
    failures: int = 0  # unforeseen errors: both since the last finished step
    fence: int = 0
    lease_owner: str | None = None
    lease_until: Stamp | None = stamp_field()
    heartbeat_at: Stamp | None = stamp_field()
    next_attempt_at: Stamp | None = stamp_field()
    started_at: Stamp | None = stamp_field()
    finished_at: Stamp | None = stamp_field()
    error_class: str = ""
    error: str = ""
    who: str = ""
    next_action: str = ""
    held_by: str = ""  # the operator who looks into it
    cancel_requested: bool = False
    correlation: dict[str, Any] = json_field()


class Step(Row, table=True):
    __tablename__ = "steps"
    __table_args__ = (UniqueConstraint("operation_id", "name"),)

    operation_id: str = Field(foreign_key="operations.id", index=True)
    position: int
    name: str
    result: dict[str, Any] | None = json_field(lambda: None)  # stored before the next step begins; no secret
    attempts: int = 0
    started_at: Stamp | None = stamp_field()
    finished_at: Stamp | None = stamp_field()
    error: str = ""
    seconds: float = 0.0
    memory_mb: float = 0.0


class OperationEvent(Row, table=True):
    """What the engine said while it worked, for people who watch."""

    __tablename__ = "operation_events"

    operation_id: str = Field(foreign_key="operations.id", index=True)
    sequence: int
    step: str
    kind: str
    urn: str = ""
    op: str = ""
    text: str = ""


class Approval(Row, table=True):
    __tablename__ = "approvals"
    __table_args__ = (
        Index("ix_approvals_open", "expires_at", postgresql_where=text("decision IS NULL")),
        CheckConstraint("decided_by IS NULL OR decided_by <> requested_by OR decision = 'withdrawn'", name="two"),
    )

    operation_id: str = Field(foreign_key="operations.id", index=True)
    tenant_id: str = Field(index=True)
    requested_by: str
    reason: str = ""
    plan: dict[str, Any] = json_field()
    plan_hash: str
    release: str = ""
    expires_at: Stamp = stamp_field()
    decision: str | None = None  # approved, refused, withdrawn, expired
    decided_by: str | None = None
    decided_at: Stamp | None = stamp_field()


class StateVersion(Row, table=True):
    """The engine's state as it was around a mutating operation; sealed."""

    __tablename__ = "state_versions"
    __table_args__ = (UniqueConstraint("tenant_id", "stack", "version"),)

    tenant_id: str = Field(index=True)
    stack: str
    version: int
    operation_id: str = ""
    moment: str  # before, after, recovery, restore
    digest: str
    resources: int = 0
    body: str  # sealed
