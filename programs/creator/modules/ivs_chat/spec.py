from dataclasses import dataclass
from typing import Any, ClassVar

from programs.specs import STRICT

ROOM = 2000  # characters: functions are told things in an environment of four kilobytes


@dataclass(frozen=True, kw_only=True)
class Spec:
    """How many messages a second the room takes follows from the tier."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    max_length: int = 280
    retention_days: int = 30
    blocked_words: tuple[str, ...] = ()
    followers_only: bool = False  # only premium members write, everybody reads

    def __post_init__(self) -> None:
        if not 1 <= self.max_length <= 500 or not 1 <= self.retention_days <= 365:
            raise ValueError("max_length is 1 to 500, retention_days 1 to 365")
        if len(self.blocked_words) > 500 or len("\n".join(self.blocked_words)) > ROOM:
            raise ValueError(f"there may be 500 blocked words, of {ROOM} characters together")
        if any(not word.strip() or "\n" in word for word in self.blocked_words):
            raise ValueError("a blocked word is one line")
