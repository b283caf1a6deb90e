"""How often somebody may ask. Counted in Redis; without it each process allows a quarter by itself, never all."""

import time
from dataclasses import dataclass

import redis
import structlog
from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter

log = structlog.get_logger(__name__)

_PAUSE = 2.0  # seconds without asking Redis after it failed
_SHARE = 4


@dataclass(frozen=True)
class Limit:
    name: str
    amount: int
    minutes: int = 1


@dataclass(frozen=True)
class Taken:
    allowed: bool
    limit: int
    left: int
    seconds: int  # until it is as it was

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.left),
            "RateLimit-Reset": str(self.seconds),
        }


class _Storage(RedisStorage):
    """Else it imports every client that is installed, for megabytes, and uses one."""

    DEPENDENCIES = {"redis": RedisStorage.DEPENDENCIES["redis"]}  # noqa: RUF012


class Limiter:
    def __init__(self, url: str, *, prefix: str) -> None:
        self._storage = _Storage(
            url, key_prefix=f"{prefix}:limits", wrap_exceptions=True, socket_timeout=1, socket_connect_timeout=1
        )
        self._shared = SlidingWindowCounterRateLimiter(self._storage)
        self._own = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._down_until = 0.0

    def take(self, limit: Limit, key: str) -> Taken:
        """Counts, also what it refuses."""
        if time.monotonic() >= self._down_until:
            try:
                return self._take(self._shared, limit, key, limit.amount)
            except (redis.RedisError, StorageError, OSError) as error:
                self._down_until = time.monotonic() + _PAUSE
                log.warning("limits.redis_unreachable", error=type(error).__name__)
        return self._take(self._own, limit, key, max(1, limit.amount // _SHARE))

    def spent(self, limit: Limit, key: str) -> bool:
        """Without counting: for limits that count failures only."""
        try:
            allowed = self._shared.test(RateLimitItemPerMinute(limit.amount, limit.minutes), limit.name, key)
        except (redis.RedisError, StorageError, OSError):
            own = RateLimitItemPerMinute(max(1, limit.amount // _SHARE), limit.minutes)
            allowed = self._own.test(own, limit.name, key)
        return not allowed

    def close(self) -> None:
        self._storage.storage.close()

    def _take(self, strategy: SlidingWindowCounterRateLimiter, limit: Limit, key: str, amount: int) -> Taken:
        item = RateLimitItemPerMinute(amount, limit.minutes)
        allowed = strategy.hit(item, limit.name, key)
        stats = strategy.get_window_stats(item, limit.name, key)
        left = stats.remaining if allowed else 0
        return Taken(allowed, amount, left, max(1, round(stats.reset_time - time.time())))
