from dataclasses import dataclass
from typing import Any, ClassVar

from programs.specs import STRICT


@dataclass(frozen=True, kw_only=True)
class Spec:
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    retention_days: int | None = None  # None: the tier's

    def __post_init__(self) -> None:
        if self.retention_days is not None and not 14 <= self.retention_days <= 35:
            raise ValueError("retention_days is 14 to 35")
