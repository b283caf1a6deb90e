from dataclasses import dataclass
from typing import Any, ClassVar

from programs.specs import STRICT


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Opting in twice is no setting: the law wants it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    from_name: str

    def __post_init__(self) -> None:
        if not 1 <= len(self.from_name) <= 60 or any(sign in self.from_name for sign in '\r\n<>"'):
            raise ValueError("from_name is 1 to 60 plain characters")
