from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from programs.specs import STRICT


@dataclass(frozen=True, kw_only=True)
class Spec:
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    password_min: int = 10
    session_days: int = 30
    mfa: Literal["off", "optional"] = "optional"  # by an app that shows codes
    signup: Literal["open", "invite", "closed"] = "open"
    pool_tier: Literal["LITE", "ESSENTIALS"] = "LITE"

    def __post_init__(self) -> None:
        if not 8 <= self.password_min <= 32:
            raise ValueError("password_min is 8 to 32")
        if not 1 <= self.session_days <= 90:
            raise ValueError("session_days is 1 to 90")
