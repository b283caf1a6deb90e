from dataclasses import dataclass
from typing import Any, ClassVar

from programs.specs import STRICT


@dataclass(frozen=True, kw_only=True)
class Spec:
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    min: int = 100  # cents
    max: int = 50_000
    goal: int | None = None
    public_wall: bool = True

    def __post_init__(self) -> None:
        if not 50 <= self.min <= self.max <= 99_999_900:
            raise ValueError("min is at least 50 cents, and not above max")
        if self.goal is not None and self.goal < self.max:
            raise ValueError("a goal is more than one donation")
