"""Time as an argument."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

Now = Callable[[], datetime]


def system_now() -> datetime:
    return datetime.now(UTC)


def rehearsed_now(file: Path) -> Now:
    """The system's time moved by the offset in a file, so that a rehearsal can live through a year."""
    seen, offset = 0, timedelta()

    def now() -> datetime:
        nonlocal seen, offset
        changed = file.stat().st_mtime_ns if file.exists() else 0
        if changed != seen:
            seconds = json.loads(file.read_text())["offset_seconds"] if changed else 0
            seen, offset = changed, timedelta(seconds=seconds)
        return datetime.now(UTC) + offset

    return now


class Deadline:
    """How long something may still take; counts time that a suspended machine slept through."""

    def __init__(self, seconds: float) -> None:
        self._end = time.clock_gettime(time.CLOCK_BOOTTIME) + seconds

    @property
    def left(self) -> float:
        return self._end - time.clock_gettime(time.CLOCK_BOOTTIME)

    @property
    def passed(self) -> bool:
        return self.left <= 0
