"""The queue is a wake-up: a job name and one row id. Four calls: defer, push, push_soon, drop.

The wire format is arq's own, written synchronously, so that rules stay free of event loops. A job that is lost
here (Redis down, process dead between commit and push) is found again by the sweep of the noun it belongs to.
"""

import json
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from queue import SimpleQueue
from typing import Any

import redis
import structlog
from arq.constants import default_queue_name, job_key_prefix
from arq.jobs import serialize_job
from sqlmodel import Session

from controlplane.core.db import after_commit
from controlplane.core.telemetry import carrier

log = structlog.get_logger(__name__)

QUICK, SLOW = "quick", "slow"
_EXPIRES_MS = 24 * 3600 * 1000  # beyond it only the sweep counts
_PENDING = "jobs"
_GATHER = 0.01  # seconds


def dumps(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode()


def loads(raw: bytes) -> dict[str, Any]:
    """Never pickle: whoever can write to Redis must not be able to run code here."""
    value = json.loads(raw)
    if not isinstance(value, dict):
        raise ValueError("a job is a JSON object")
    return value


@dataclass(frozen=True)
class Wakeup:
    job: str
    row_id: str
    queue: str = QUICK
    after: timedelta = timedelta()
    attempt: int = 0  # tells a later wake-up for the same row from one that is still queued

    @property
    def id(self) -> str:
        return f"{self.job}:{self.row_id}:{self.attempt}"


@dataclass(frozen=True)
class _Message:
    id: str
    queue: str
    body: bytes
    due_ms: int
    expires_ms: int


class Queue:
    def __init__(self, url: str, *, prefix: str = "cp") -> None:
        self._redis = redis.Redis.from_url(url, socket_timeout=3, socket_connect_timeout=2)
        self._prefix = prefix
        self._lock = threading.Lock()
        self._sender: threading.Thread | None = None
        self._gathered: SimpleQueue[_Message | None] = SimpleQueue()

    def name(self, queue: str) -> str:
        return f"{default_queue_name}:{self._prefix}:{queue}"

    def defer(self, session: Session, wakeup: Wakeup) -> None:
        """Queue it when this transaction has been committed, and only then."""
        pending: list[Wakeup] | None = session.info.get(_PENDING)
        if pending is None:
            pending = session.info[_PENDING] = []
            after_commit(session, lambda: self._push_kept(session))
        pending.append(wakeup)

    def push(self, wakeups: Iterable[Wakeup]) -> None:
        """Queue now. A failure is only logged: the row is already there and the sweep will find it."""
        self._send([_message(wakeup) for wakeup in wakeups])

    def push_soon(self, wakeup: Wakeup) -> None:
        """Queue in a moment, many at once, while the caller answers; the trace is the caller's."""
        with self._lock:
            if self._sender is None:
                self._sender = threading.Thread(target=self._send_gathered, name="wakeups", daemon=True)
                self._sender.start()
        self._gathered.put(_message(wakeup))

    def drop(self, wakeup: Wakeup) -> None:
        """Forget a wake-up that has not started."""
        pipe = self._redis.pipeline(transaction=True)
        pipe.zrem(self.name(wakeup.queue), wakeup.id)
        pipe.delete(job_key_prefix + wakeup.id)
        pipe.execute()

    def publish(self, channel: str, message: str) -> None:
        """For whoever watches just now; nobody depends on it."""
        try:
            self._redis.publish(f"{self._prefix}:{channel}", message)
        except redis.RedisError as error:
            log.debug("queue.not_published", error=type(error).__name__)

    def has(self, key: str) -> bool:
        return bool(self._redis.exists(key))

    def ping(self) -> None:
        self._redis.ping()

    def try_everything(self) -> str:
        """Each kind of command that we and arq use, on a key of its own; what it does when it is full."""
        key = f"{self._prefix}:doctor"
        pipe: Any = self._redis.pipeline(transaction=True)
        pipe.set(key, "1", px=1_000).get(key).pexpire(key, 1_000).delete(key)
        pipe.zadd(key, {"a": 1}).zrange(key, 0, -1).zscore(key, "a").zrem(key, "a").incr(f"{key}:n").delete(f"{key}:n")
        pipe.execute()
        self._redis.publish(key, "1")
        memory: Any = self._redis.info("memory")
        return str(memory.get("maxmemory_policy", "")) if memory.get("maxmemory") else ""

    def close(self) -> None:
        if self._sender:
            self._gathered.put(None)
            self._sender.join()
        self._redis.close()

    def _push_kept(self, session: Session) -> None:
        self.push(session.info.pop(_PENDING, []))

    def _send_gathered(self) -> None:
        message = self._gathered.get()
        while message:
            time.sleep(_GATHER)
            found = [message, *(self._gathered.get() for _ in range(self._gathered.qsize()))]
            self._send([one for one in found if one])
            message = self._gathered.get() if all(found) else None

    def _send(self, messages: list[_Message]) -> None:
        try:
            pipe = self._redis.pipeline(transaction=True)
            for message in messages:
                pipe.set(job_key_prefix + message.id, message.body, px=message.expires_ms, nx=True)
                pipe.zadd(self.name(message.queue), {message.id: message.due_ms}, nx=True)
            for queue in {message.queue for message in messages}:
                pipe.publish(self.name(queue), "")  # a worker that sleeps looks at once
            pipe.execute()
        except redis.RedisError as error:
            log.warning("queue.unreachable", error=type(error).__name__)


def _message(wakeup: Wakeup) -> _Message:
    now_ms, after_ms = int(time.time() * 1000), int(wakeup.after.total_seconds() * 1000)
    arguments = {"row_id": wakeup.row_id, "trace": carrier()}
    body = serialize_job(wakeup.job, (), arguments, None, now_ms, serializer=dumps)
    return _Message(wakeup.id, wakeup.queue, body, now_ms + after_ms, after_ms + _EXPIRES_MS)
