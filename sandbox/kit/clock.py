"""One emulated time for all emulators, kept as an offset in a file that every process reads."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path


class Clock:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = 0
        self._offset = timedelta()
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> datetime:
        return datetime.now(UTC) + self._read()

    def timestamp(self) -> int:
        return int(self.now().timestamp())

    def advance(self, by: timedelta) -> datetime:
        """Move forward, never back, and let the listeners do what has come due."""
        if by < timedelta():
            raise ValueError("time only moves forward")
        self._write(self._read() + by)
        for listener in self._listeners:
            listener()
        return self.now()

    def on_advance(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def reset(self) -> None:
        self._write(timedelta())

    def _read(self) -> timedelta:
        try:
            changed = self._path.stat().st_mtime_ns
        except FileNotFoundError:
            return timedelta()
        if changed != self._seen:
            self._offset = timedelta(seconds=json.loads(self._path.read_text())["offset_seconds"])
            self._seen = changed
        return self._offset

    def _write(self, offset: timedelta) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".draft")
        draft.write_text(json.dumps({"offset_seconds": offset.total_seconds()}))
        draft.replace(self._path)
