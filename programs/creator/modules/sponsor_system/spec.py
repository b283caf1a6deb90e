from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from programs.specs import STRICT


@dataclass(frozen=True, kw_only=True)
class Spec:
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    slots: tuple[Literal["top", "bottom", "left", "right"], ...] = ("top", "bottom", "left", "right")
    price_per_day: int = 0  # cents; 0: places are given away
    auto_approve: bool = False
    image_max_kb: int = 512
    max_days: int = 90

    def __post_init__(self) -> None:
        if not self.slots or len(set(self.slots)) != len(self.slots):
            raise ValueError("there is at least one slot, and each once")
        if not (self.price_per_day == 0 or 50 <= self.price_per_day <= 1_000_000):
            raise ValueError("price_per_day is nothing, or at least 50 cents")
        if not 1 <= self.image_max_kb <= 5120 or not 1 <= self.max_days <= 365:
            raise ValueError("image_max_kb is 1 to 5120, max_days 1 to 365")
