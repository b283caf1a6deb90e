from dataclasses import dataclass, field
from typing import Any, ClassVar

from programs.specs import STRICT


@dataclass(frozen=True, kw_only=True)
class Spec:
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    recipient: str
    topics: tuple[str, ...] = field(default=())
    rate_per_ip: int = 5  # an hour

    def __post_init__(self) -> None:
        if self.recipient.count("@") != 1:
            raise ValueError("recipient is an e-mail address")
        if len(self.topics) > 10 or any("\n" in topic or not topic.strip() for topic in self.topics):
            raise ValueError("there may be ten topics, each of one line")
        if self.rate_per_ip < 1:
            raise ValueError("rate_per_ip is at least 1")
