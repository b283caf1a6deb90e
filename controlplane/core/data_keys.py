"""Data keys: wrapped by a provider that may be far away, so what it opened is remembered for a short while.

The memory is bounded and lasts minutes: a right that is taken away at the provider ends here within that time.
A provider that does not answer is left alone for a moment, so that requests do not queue up behind it.
"""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from typing import Generic, Protocol, TypeVar

from controlplane.core.errors import TryLater

K = TypeVar("K")
V = TypeVar("V")
KNOWN, KNOWN_SECONDS = 2_000, 300.0
SHARED_SECONDS, SHARED_VALUES = 3_600.0, 1 << 20  # nonces are drawn: far below where two could meet
FAILURES, REST_SECONDS = 3, 2.0


class KeyProvider(Protocol):
    name: str

    @property
    def active(self) -> str: ...
    def wrap(self, key: bytes, *, kid: str, context: bytes) -> bytes: ...
    def unwrap(self, wrapped: bytes, *, kid: str, context: bytes) -> bytes: ...
    def rotate(self) -> str: ...
    def close(self) -> None: ...


class Memory(Generic[K, V]):
    """The newest few, each for a while and for so many uses."""

    def __init__(self, *, most: int, seconds: float, uses: int = 0) -> None:
        self._most, self._seconds, self._uses = most, seconds, uses
        self._kept: OrderedDict[K, tuple[float, int, V]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: K) -> V | None:
        with self._lock:
            until, used, value = self._kept.get(name, (0.0, 0, None))
            if value is None or until <= time.monotonic() or (self._uses and used >= self._uses):
                self._kept.pop(name, None)
                return None
            self._kept[name] = (until, used + 1, value)
            return value

    def put(self, name: K, value: V) -> V:
        with self._lock:
            self._kept[name] = (time.monotonic() + self._seconds, 1, value)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return value

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()


class DataKeys:
    """A provider, asked no more often than it must be."""

    def __init__(self, provider: KeyProvider) -> None:
        self.name, self._provider = provider.name, provider
        self._opened: Memory[tuple[str, bytes, bytes], bytes] = Memory(most=KNOWN, seconds=KNOWN_SECONDS)
        self._shared: Memory[tuple[str, bytes], tuple[bytes, bytes]] = Memory(
            most=KNOWN, seconds=SHARED_SECONDS, uses=SHARED_VALUES
        )
        self._moved: Memory[tuple[bytes, str, bytes], bytes] = Memory(most=KNOWN, seconds=KNOWN_SECONDS)
        self._failures, self._rests_until = 0, 0.0

    @property
    def active(self) -> str:
        return self._ask(lambda: self._provider.active)

    def fresh(self, kid: str, context: bytes, *, shared: bool) -> tuple[bytes, bytes]:
        """(key, wrapped): for one value, or the one that the values of a column share just now."""
        known = self._shared.get((kid, context)) if shared else None
        if known:
            return known
        key = secrets.token_bytes(32)
        made = (key, self._ask(lambda: self._provider.wrap(key, kid=kid, context=context)))
        self._opened.put((kid, made[1], context), key)
        return self._shared.put((kid, context), made) if shared else made

    def opened(self, kid: str, wrapped: bytes, context: bytes) -> bytes:
        name = (kid, wrapped, context)
        known = self._opened.get(name)
        if known is None:
            unwrapped = self._ask(lambda: self._provider.unwrap(wrapped, kid=kid, context=context))
            known = self._opened.put(name, unwrapped)
        return known

    def wrapped(self, key: bytes, kid: str, context: bytes, *, shared: bool) -> bytes:
        """An existing data key under another key of ours; one that many values share is wrapped once."""
        known = self._moved.get((key, kid, context)) if shared else None
        if known is None:
            known = self._ask(lambda: self._provider.wrap(key, kid=kid, context=context))
            self._moved.put((key, kid, context), known)
        return known

    def rotate(self) -> str:
        self._shared.clear()
        return self._ask(self._provider.rotate)

    def close(self) -> None:
        for memory in (self._opened, self._shared, self._moved):
            memory.clear()
        self._provider.close()

    def _ask(self, call: Callable[[], V]) -> V:
        if time.monotonic() < self._rests_until:
            raise TryLater(f"{self.name}: did not answer a moment ago", after=timedelta(seconds=REST_SECONDS))
        try:
            found = call()
        except TryLater:
            self._failures += 1
            if self._failures >= FAILURES:
                self._failures, self._rests_until = 0, time.monotonic() + REST_SECONDS
            raise
        self._failures = 0
        return found
