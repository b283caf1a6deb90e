"""Deliveries by state, each state a kind of its own: the sender reads only what is still to be sent."""

import time

from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc

PENDING, FAILED, DELIVERED = "outbox", "undelivered", "delivered"
_KINDS = (PENDING, FAILED, DELIVERED)


def schedule(books: Books, event: Doc, endpoint: Doc) -> None:
    id = f"{event['id']}:{endpoint['id']}"
    about = {"id": id, "event": event["id"], "type": event["type"], "endpoint": endpoint["id"]}
    books.store.put(PENDING, id, {**about, "due": time.time(), "attempt": 0, "held": False, "asked": False})


def move(books: Books, delivery: Doc, kind: str) -> None:
    with books.store.transaction():
        for other in _KINDS:
            books.store.delete(other, delivery["id"])
        books.store.put(kind, delivery["id"], delivery)


def unanswered(books: Books, event: str) -> int:
    return sum(len(books.store.all(kind, event=event)) for kind in (PENDING, FAILED))


def unanswered_events(books: Books) -> set[str]:
    return {doc["event"] for kind in (PENDING, FAILED) for doc in books.store.all(kind)}


def of_event(books: Books, event: str) -> list[Doc]:
    return [{**doc, "state": kind} for kind in _KINDS for doc in books.store.all(kind, event=event)]


def forget(books: Books, endpoint: str) -> None:
    for kind in _KINDS:
        for doc in books.store.all(kind, endpoint=endpoint):
            books.store.delete(kind, doc["id"])


def redeliver(books: Books, event: str, endpoint: str | None = None) -> int:
    """Once more to every endpoint that this event concerns, also after success."""
    found = [doc for doc in of_event(books, event) if endpoint in (None, doc["endpoint"])]
    for doc in found:
        again = {name: value for name, value in doc.items() if name != "state"}
        move(books, {**again, "due": time.time(), "attempt": 0, "asked": True, "held": False}, PENDING)
    return len(found)
