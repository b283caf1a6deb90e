from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from programs.specs import STRICT


@dataclass(frozen=True, kw_only=True)
class Spec:
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    retention_days: int | None = None  # None: the tier's
    multi_region: bool = False
    backup_region: Literal["eu-west-1"] = "eu-west-1"  # of the second copy

    def __post_init__(self) -> None:
        if self.retention_days is not None and not 14 <= self.retention_days <= 35:
            raise ValueError("retention_days is 14 to 35")
