from dataclasses import dataclass
from typing import Any, ClassVar

from programs.specs import STRICT


@dataclass(frozen=True, kw_only=True)
class Spec:
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    retention_days: int = 400
    sample: float = 1.0  # the share of visits that is counted

    def __post_init__(self) -> None:
        if not 30 <= self.retention_days <= 1095 or not 0 < self.sample <= 1:
            raise ValueError("retention_days is 30 to 1095, sample above 0 and at most 1")
