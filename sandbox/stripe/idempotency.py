"""Idempotency keys: the answer is stored in the transaction of its effect, so a crash can not part the two."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc, StripeError

_KEPT = 24 * 3600
_LONGEST = 255


@dataclass(frozen=True)
class Answer:
    status: int
    body: Doc
    request_id: str
    replayed: bool = False


class Idempotency:
    def __init__(self, books: Books) -> None:
        self._books = books
        self._lock = threading.Lock()
        self._busy: set[str] = set()

    @contextmanager
    def hold(self, key: str | None) -> Iterator[None]:
        """One request per key at a time; the second is refused, not queued."""
        if key is None:
            yield
            return
        if len(key) > _LONGEST:
            raise _error(f"Idempotency keys must be {_LONGEST} characters or fewer.", 400)
        self._enter(key)
        try:
            yield
        finally:
            with self._lock:
                self._busy.discard(key)

    def replay(self, key: str | None, fingerprint: str) -> Answer | None:
        found = self._books.store.get("idempotency", key) if key else None
        if found is None or self._books.now() - found["at"] > _KEPT:
            return None
        if found["fingerprint"] != fingerprint:
            message = (
                "Keys for idempotent requests can only be used with the same parameters they were first used with. "
                f"Try using a key other than '{key}' if you meant to execute a different request."
            )
            raise _error(message, 400)
        return Answer(found["status"], found["body"], found["request_id"], replayed=True)

    def remember(self, key: str | None, fingerprint: str, answer: Answer) -> None:
        if key:
            kept = {"id": key, "at": self._books.now(), "fingerprint": fingerprint}
            body = {"status": answer.status, "body": answer.body, "request_id": answer.request_id}
            self._books.store.put("idempotency", key, {**kept, **body})

    def _enter(self, key: str) -> None:
        with self._lock:
            if key in self._busy:
                message = f"There is currently another in-progress request using this Idempotent Key: {key}"
                raise _error(message, 409, code="idempotency_key_in_use")
            self._busy.add(key)


def fingerprint(method: str, path: str, raw: Doc) -> str:
    return hashlib.sha256(json.dumps([method, path, raw], sort_keys=True).encode()).hexdigest()


def _error(message: str, status: int, code: str | None = None) -> StripeError:
    return StripeError(message, status=status, type="idempotency_error", code=code)
