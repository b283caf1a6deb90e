"""Keys that customers get from us: sealed, revealed once, rotated on request."""

from sqlalchemy import Index, text
from sqlmodel import Field

from controlplane.core.db import Row, Stamp, stamp_field


class Credential(Row, table=True):
    __tablename__ = "credentials"
    __table_args__ = (
        Index(
            "uq_credentials_living",
            "tenant_id",
            "kind",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    tenant_id: str = Field(foreign_key="tenants.id", index=True)
    kind: str  # mail_key
    version: int = 1
    vendor_id: str = ""
    body: str = ""  # sealed; empty until the vendor gave it
    last_four: str = ""
    revealed_at: Stamp | None = stamp_field()
    revoked_at: Stamp | None = stamp_field()
