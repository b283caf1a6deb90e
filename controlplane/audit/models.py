"""Who did what, append-only."""

from typing import Any

from sqlmodel import Field

from controlplane.core.db import Row, json_field


class AuditEntry(Row, table=True):
    __tablename__ = "audit_entries"

    stream: str  # identity, tenant, money, system
    actor: str  # kind:id
    action: str = Field(index=True)
    object_type: str
    object_id: str = Field(index=True)
    tenant_id: str = Field(default="", index=True)
    request_id: str = ""
    outcome: str = "done"
    reason: str = ""
    changes: dict[str, Any] = json_field()  # field → [before, after]; no secret, no personal data
