from dataclasses import dataclass
from typing import Any, ClassVar

from programs.specs import STRICT


@dataclass(frozen=True, kw_only=True)
class Spec:
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    max_options: int = 10
    live_results: bool = False  # shown while people still vote

    def __post_init__(self) -> None:
        if not 2 <= self.max_options <= 10:
            raise ValueError("max_options is 2 to 10")
