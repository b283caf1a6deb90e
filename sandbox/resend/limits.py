"""Requests per second and team, all keys together: told in headers, refused with Retry-After. In real time."""

import math
import time

from sandbox.kit import Store

PER_SECOND = 5


class Limits:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._windows: dict[str, tuple[float, int]] = {}

    @property
    def per_second(self) -> int:
        setting = self._store.get("setting", "limits")
        return int(setting["per_second"]) if setting else PER_SECOND

    def set(self, per_second: int) -> None:
        self._store.put("setting", "limits", {"per_second": per_second})

    def take(self, team: str) -> tuple[bool, dict[str, str]]:
        """Whether the request may pass, and the headers of its answer."""
        now, limit = time.monotonic(), self.per_second
        started, used = self._windows.get(team, (now, 0))
        if now - started >= 1:
            started, used = now, 0
        self._windows[team] = (started, used + 1)
        reset = str(math.ceil(started + 1 - now))
        headers = {
            "ratelimit-limit": str(limit),
            "ratelimit-remaining": str(max(limit - used - 1, 0)),
            "ratelimit-reset": reset,
            "ratelimit-policy": f"{limit};w=1",
        }
        passes = used < limit
        return passes, headers if passes else {**headers, "retry-after": reset}
