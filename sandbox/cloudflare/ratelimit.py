"""1,200 calls in five minutes per token, then nothing until the window ends."""

import time
from dataclasses import dataclass

QUOTA, WINDOW = 1200, 300
PER_SECOND = 200


@dataclass
class _Window:
    ends: float
    used: int = 0


@dataclass(frozen=True)
class Grant:
    allowed: bool
    left: int
    resets_in: int

    def headers(self) -> dict[str, str]:
        headers = {
            "Ratelimit": f'"default";r={self.left};t={self.resets_in}',
            "Ratelimit-Policy": f'"default";q={QUOTA};w={WINDOW}',
        }
        return headers if self.allowed else {**headers, "Retry-After": str(self.resets_in)}


class RateLimit:
    """In real seconds and in memory: a client that waits must really wait, a restart of the sandbox forgives."""

    def __init__(self) -> None:
        self.quota = QUOTA
        self._windows: dict[str, _Window] = {}
        self._second = _Window(0)

    def take(self, key: str) -> Grant:
        now = time.monotonic()
        window = self._windows.get(key)
        if window is None or window.ends <= now:
            window = self._windows[key] = _Window(now + WINDOW)
        window.used += 1
        burst = self._burst(now)
        left = max(0, self.quota - window.used)
        if burst:
            return Grant(allowed=False, left=left, resets_in=1)
        return Grant(allowed=window.used <= self.quota, left=left, resets_in=max(1, round(window.ends - now)))

    def forget(self) -> None:
        self._windows.clear()

    def _burst(self, now: float) -> bool:
        if self._second.ends <= now:
            self._second = _Window(now + 1)
        self._second.used += 1
        return self._second.used > PER_SECOND
