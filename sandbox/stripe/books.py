"""The account's books: documents, time, settings and the events that follow from changes."""

import secrets
import string
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sandbox.kit.home import Home
from sandbox.kit.store import Store
from sandbox.stripe import settings
from sandbox.stripe.errors import Doc, no_such

API_VERSION = "2026-10-28.endive"
_ALPHABET = string.ascii_letters + string.digits
HOME = "home"  # the emulated time that all emulators share, as opposed to a test clock
_moment: ContextVar[tuple[str, int] | None] = ContextVar("moment", default=None)
request: ContextVar[Doc | None] = ContextVar("request", default=None)


def token(prefix: str, length: int = 24) -> str:
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(length))


@contextmanager
def at(clock: str, moment: int) -> Iterator[None]:
    """While something that came due is carried out, now is when it came due."""
    before = _moment.set((clock, moment))
    try:
        yield
    finally:
        _moment.reset(before)


@dataclass(frozen=True)
class Books:
    home: Home
    store: Store

    @property
    def url(self) -> str:
        return f"{self.home.url}/stripe"

    def setting(self, name: str) -> Any:
        return settings.read(self.store)[name]

    def now(self, test_clock: str | None = None) -> int:
        moment = _moment.get()
        if moment is not None and moment[0] == (test_clock or HOME):
            return moment[1]
        if test_clock:
            return int(self.need("test_helpers.test_clock", test_clock)["frozen_time"])
        return self.home.clock.timestamp()

    def time_of(self, customer: str | None) -> int:
        """Customers attached to a test clock live in its time."""
        return self.now(self.clock_of(customer))

    def clock_of(self, customer: str | None) -> str | None:
        doc = self.store.get("customer", customer) if customer else None
        return doc.get("test_clock") if doc else None

    def new(self, object: str, prefix: str, *, created: int | None = None, **fields: Any) -> Doc:
        created = self.now() if created is None else created
        return {"id": token(prefix), "object": object, "created": created, "livemode": False, **fields}

    def put(self, doc: Doc) -> Doc:
        return self.store.put(doc["object"], doc["id"], doc)

    def get(self, kind: str, id: str | None) -> Doc | None:
        return self.store.get(kind, id) if id else None

    def need(self, kind: str, id: str, param: str = "id", status: int = 400) -> Doc:
        """The document, or Stripe's `resource_missing`; 404 where the id is in the path."""
        found = self.store.get(kind, id)
        if found is None or found.get("deleted"):
            raise no_such(kind.rpartition(".")[2], id, param, status)
        return found

    def all(self, kind: str, **equal: Any) -> list[Doc]:
        return [doc for doc in self.store.all(kind, **equal) if not doc.get("deleted")]
