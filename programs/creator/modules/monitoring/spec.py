from dataclasses import dataclass
from typing import Any, ClassVar

from programs.specs import STRICT


@dataclass(frozen=True, kw_only=True)
class Spec:
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    alarm_emails: tuple[str, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.alarm_emails) <= 5 or any(each.count("@") != 1 for each in self.alarm_emails):
            raise ValueError("alarm_emails are one to five addresses")
