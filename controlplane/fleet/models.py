"""Waves: the same update for many tenants, a few at a time, and where each of them is."""

from enum import StrEnum

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from controlplane.core.db import Row, Stamp, stamp_field, words


class WavePhase(StrEnum):
    RUNNING = "running"
    HALTED = "halted"  # nothing new is started until a person has looked
    DONE = "done"
    ENDED = "ended"  # by a person, before all had their turn


class Outcome(StrEnum):
    TO_COME = "to_come"
    UNDER_WAY = "under_way"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


class Wave(Row, table=True):
    __tablename__ = "waves"
    __table_args__ = (
        Index("uq_waves_open", "product", unique=True, postgresql_where=text("phase IN ('running', 'halted')")),
    )

    product: str
    release: str  # of the program that was installed when somebody asked
    reason: str
    asked_by: str
    at_once: int
    tolerated: int  # failures; one more halts the wave
    forgiven: int = 0  # failures that a person has looked at
    phase: WavePhase = Field(default=WavePhase.RUNNING, sa_type=words(WavePhase))
    halted_because: str = ""
    finished_at: Stamp | None = stamp_field()


class Member(SQLModel, table=True):
    """One tenant's turn in a wave."""

    __tablename__ = "wave_members"
    __table_args__ = (Index("ix_wave_members_turn", "wave_id", "outcome", "tenant_id"),)

    wave_id: str = Field(primary_key=True, foreign_key="waves.id", max_length=40)
    tenant_id: str = Field(primary_key=True, foreign_key="tenants.id", max_length=26)
    outcome: Outcome = Field(default=Outcome.TO_COME, sa_type=words(Outcome))
    operation_id: str | None = Field(default=None, max_length=40)
    note: str = ""
