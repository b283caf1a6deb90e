"""What is known of the shared platform, and which release of its site a tenant has."""

from enum import StrEnum
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field

from controlplane.core.db import Row, Stamp, json_field, stamp_field, words


class ExportState(StrEnum):
    PREPARING = "preparing"
    READY = "ready"
    FAILED = "failed"


class PlatformState(Row, table=True):
    """The outputs of the platform program in this environment; one row."""

    __tablename__ = "platform_states"

    environment: str = Field(unique=True)
    release: str = ""
    outputs: dict[str, Any] = json_field()


class SiteExport(Row, table=True):
    """An archive of a site's content in its vault, for its owner."""

    __tablename__ = "site_exports"
    __table_args__ = (
        Index("ix_site_exports_due", "next_attempt_at", postgresql_where=text("next_attempt_at IS NOT NULL")),
    )

    tenant_id: str = Field(foreign_key="tenants.id", index=True)
    state: ExportState = Field(default=ExportState.PREPARING, sa_type=words(ExportState))
    key: str = ""
    bytes: int = 0
    sha256: str = ""
    requested_by: str = ""
    attempts: int = 0
    error: str = ""
    next_attempt_at: Stamp | None = stamp_field()
