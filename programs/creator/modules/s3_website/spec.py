from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from programs.specs import STRICT


@dataclass(frozen=True, kw_only=True)
class Spec:
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    www: bool = True
    price_class: Literal["100", "200", "All"] = "100"
    spa: bool = True
    noncurrent_days: int = 90

    def __post_init__(self) -> None:
        if not 30 <= self.noncurrent_days <= 365:
            raise ValueError("noncurrent_days is 30 to 365")
