from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from programs.specs import STRICT


@dataclass(frozen=True, kw_only=True)
class Spec:
    """The kind of channel follows from the tier: it decides about most of the bill."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    latency: Literal["LOW", "NORMAL"] = "LOW"
    record: bool = True
    recording_days: int = 30
    thumbnail_seconds: int = 60
    private_playback: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.recording_days <= 365 or not 1 <= self.thumbnail_seconds <= 60:
            raise ValueError("recording_days is 1 to 365, thumbnail_seconds 1 to 60")
