"""Doing a thing once: a caller may repeat a request whose answer was lost."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256

from programs.creator.runtime.documents import Unmet, change, delete, get, put, write
from programs.creator.runtime.errors import Problem, invalid
from programs.creator.runtime.http import Answer, Request

TABLE = "processed-events"
DAY = 86_400
MOMENT = 12  # longer than any function that answers visitors may run
LEASE = 60  # longer than any function with such routes may run: after that its attempt is dead


def first(event_id: str, *, kind: str, seconds: int) -> bool:
    """Whether this was never seen within so many seconds. TTL deletes late, so the time is checked as well."""
    now = int(time.time())
    item = {"eventId": event_id, "kind": kind, "at": now, "ttl": now + seconds}
    try:
        write(put(TABLE, item, when="attribute_not_exists(#eventId) OR #ttl <= :now", values={"now": now}))
    except Unmet:
        return False
    return True


@contextmanager
def once(event_id: str, *, kind: str, seconds: int) -> Iterator[bool]:
    """False: it was done within so many seconds. An attempt that died has done nothing: soon another may follow."""
    if not first(event_id, kind=kind, seconds=MOMENT):
        _require_done(event_id, kind)
        yield False
        return
    try:
        yield True
    except Exception:
        forget(event_id)
        raise
    now = int(time.time())
    write(change(TABLE, {"eventId": event_id}, set={"doneAt": now, "ttl": now + seconds, "kind": kind}))


def _require_done(event_id: str, kind: str) -> None:
    try:
        write(change(TABLE, {"eventId": event_id}, set={"kind": kind}, when="attribute_exists(#doneAt)"))
    except Unmet:
        raise Problem("unavailable", "the first attempt is still running") from None


def forget(event_id: str) -> None:
    """It was not done after all."""
    write(delete(TABLE, {"eventId": event_id}))


def idempotent(request: Request, who: str, work: Callable[[str], Answer]) -> Answer:
    """The work gets an id that is the same in each attempt: what it creates must be named by it."""
    key = _key(request)
    event_id = f"idem#{request.route}#{who}#{key}"
    body = sha256(request.raw).hexdigest()
    if not _claimed(event_id, body):
        return _known(event_id, body)
    try:
        answer = work(sha256(event_id.encode()).hexdigest()[:26])
    except Problem:
        forget(event_id)
        raise
    kept = json.dumps({"status": answer.status, "body": answer.body})
    write(change(TABLE, {"eventId": event_id}, set={"response": kept}))
    return answer


def _key(request: Request) -> str:
    try:
        return str(uuid.UUID(request.header("idempotency-key")))
    except ValueError:
        raise invalid("Idempotency-Key", "this header has to hold a UUID") from None


def _claimed(event_id: str, body: str) -> bool:
    now = int(time.time())
    item = {"eventId": event_id, "kind": "request", "bodyHash": body, "at": now, "ttl": now + DAY}
    dead = "attribute_not_exists(#response) AND #at < :dead AND #bodyHash = :body"
    free = f"attribute_not_exists(#eventId) OR #ttl <= :now OR ({dead})"
    try:
        write(put(TABLE, item, when=free, values={"now": now, "dead": now - LEASE, "body": body}))
    except Unmet:
        return False
    return True


def _known(event_id: str, body: str) -> Answer:
    found = get(TABLE, consistent=True, eventId=event_id)
    if found is None or "response" not in found:
        raise Problem("conflict", "the first attempt is still running")
    if found["bodyHash"] != body:
        raise Problem("conflict", "this key was used for another request")
    answer = json.loads(found["response"])
    return Answer(answer["status"], answer["body"])
