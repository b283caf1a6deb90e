"""What is known of the shared platform, and which release of its site a tenant has."""

from typing import Any

from sqlmodel import Field

from controlplane.core.db import Row, json_field


class PlatformState(Row, table=True):
    """The outputs of the platform program in this environment; one row."""

    __tablename__ = "platform_states"

    environment: str = Field(unique=True)
    release: str = ""
    outputs: dict[str, Any] = json_field()
