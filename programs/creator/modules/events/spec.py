from dataclasses import dataclass
from typing import Any, ClassVar

from programs.specs import STRICT


@dataclass(frozen=True, kw_only=True)
class Spec:
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    max_tickets_per_user: int = 4
    hold_minutes: int = 30  # in which seats wait for the money

    def __post_init__(self) -> None:
        if not 1 <= self.max_tickets_per_user <= 20:
            raise ValueError("max_tickets_per_user is 1 to 20")
        if not 5 <= self.hold_minutes <= 60:
            raise ValueError("hold_minutes is 5 to 60")
