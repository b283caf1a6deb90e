"""Doing a thing once: a caller may repeat a request whose answer was lost."""

import json
import time
import uuid
from collections.abc import Callable
from hashlib import sha256

from programs.creator.runtime.documents import Unmet, change, delete, get, put, write
from programs.creator.runtime.errors import Problem, invalid
from programs.creator.runtime.http import Answer, Request

TABLE = "processed-events"
DAY = 86_400
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
