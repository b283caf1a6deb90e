"""Idempotency keys of the two sending endpoints, remembered for 24 hours of emulated time."""

import hashlib
import json
from datetime import timedelta
from typing import Any

from sandbox.kit.store import Doc
from sandbox.resend.errors import ApiError
from sandbox.resend.vendor import Vendor

REMEMBERED = timedelta(hours=24)
LONGEST = 256


class Idempotency:
    """A key whose request died with the process is free again; one in flight is not."""

    def __init__(self, vendor: Vendor) -> None:
        self._clock, self._store = vendor.clock, vendor.store
        self._in_flight: dict[str, str] = {}

    def recall(self, team: str, key: str | None, request: Any) -> dict[str, Any] | None:
        """The answer of an earlier equal request; errors for another request under the same key."""
        if key is None:
            return None
        if not 1 <= len(key) <= LONGEST:
            raise ApiError(400, "invalid_idempotency_key", f"The key must be between 1-{LONGEST} chars.")
        seen, digest = self._seen(team, key), _digest(request)
        known = self._in_flight.get(_id(team, key)) or (seen["digest"] if seen else None)
        if known is not None and known != digest:
            text = "Same idempotency key used with a different request payload"
            raise ApiError(409, "invalid_idempotent_request", text)
        if _id(team, key) in self._in_flight:
            text = "Same idempotency key used while original request is still in progress"
            raise ApiError(409, "concurrent_idempotent_requests", text)
        return seen["answer"] if seen else None

    def begin(self, team: str, key: str | None, request: Any) -> None:
        if key is not None:
            self._in_flight[_id(team, key)] = _digest(request)

    def end(self, team: str, key: str | None) -> None:
        if key is not None:
            self._in_flight.pop(_id(team, key), None)

    def remember(self, team: str, key: str | None, request: Any, answer: dict[str, Any]) -> None:
        """To be called in the transaction that does what the answer says."""
        if key is not None:
            entry = {"digest": _digest(request), "answer": answer, "at": self._clock.now().timestamp()}
            self._store.put("idempotency", _id(team, key), entry)

    def _seen(self, team: str, key: str) -> Doc | None:
        seen = self._store.get("idempotency", _id(team, key))
        fresh = seen and self._clock.now().timestamp() - seen["at"] < REMEMBERED.total_seconds()
        return seen if fresh else None


def _id(team: str, key: str) -> str:
    return f"{team}:{key}"


def _digest(request: Any) -> str:
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
