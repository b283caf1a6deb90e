"""Faults on demand: what to break, how, how often; and a log of every injection.

A fault names a vendor, an operation pattern (`POST /v1/refunds`, `webhook:invoice.*`, `*`) and a kind:

    delay            wait `seconds`, then go on
    error            answer `status` and `code` in the vendor's own error shape; no effect
    timeout_after    let the effect happen, then close the connection without an answer
    drop             close the connection before any effect
    hang             do not answer until the fault is lifted
    garbage          let the effect happen, answer 200 with a body that is no JSON
    flap             every second call fails like `error`
    quota            answer the vendor's rate-limit error with Retry-After `seconds`
    duplicate, reorder, partial, and any other word: left to the emulator that asks `take()` for it
"""

import asyncio
import fnmatch
import json
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.kit.store import Store

WIRE = frozenset({"delay", "error", "timeout_after", "drop", "hang", "garbage", "flap", "quota"})

# (status, code, message) -> the JSON body the vendor answers an error with
ErrorShape = Callable[[int, str, str], dict[str, Any]]


@dataclass
class Fault:
    vendor: str
    operation: str
    kind: str
    times: int | None = None  # None: until lifted
    probability: float = 1.0
    seed: int = 0
    seconds: float = 1.0
    status: int = 500
    code: str = "internal_error"
    message: str = "injected fault"
    detail: dict[str, Any] = field(default_factory=dict)
    id: str = ""
    taken: int = 0

    def matches(self, vendor: str, operation: str) -> bool:
        return vendor == self.vendor and fnmatch.fnmatchcase(operation, self.operation)

    @property
    def spent(self) -> bool:
        return self.times is not None and self.taken >= self.times


class Faults:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._dice: dict[str, random.Random] = {}

    def add(self, fault: Fault) -> Fault:
        fault.id = f"fault_{self._store.next('fault')}"
        self._store.put("fault", fault.id, vars(fault))
        return fault

    def active(self) -> list[Fault]:
        return [Fault(**doc) for doc in self._store.all("fault")]

    def lift(self, id: str) -> bool:
        return self._store.delete("fault", id)

    def lift_all(self) -> None:
        for fault in self.active():
            self.lift(fault.id)

    def log(self) -> list[dict[str, Any]]:
        return self._store.all("injection")

    def take(self, vendor: str, operation: str, kinds: Iterable[str]) -> Fault | None:
        """The first fault that strikes now; counted and logged."""
        if not self._store.first("fault"):
            return None
        wanted = frozenset(kinds)
        with self._store.transaction():
            for fault in self.active():
                if fault.kind in wanted and fault.matches(vendor, operation) and self._strikes(fault):
                    return self._count(fault, operation)
        return None

    def is_active(self, id: str) -> bool:
        return self._store.get("fault", id) is not None

    def _strikes(self, fault: Fault) -> bool:
        if fault.spent or fault.probability >= 1:
            return not fault.spent
        dice = self._dice.setdefault(fault.id, random.Random(fault.seed))
        return dice.random() < fault.probability

    def _count(self, fault: Fault, operation: str) -> Fault:
        fault.taken += 1
        self._store.put("fault", fault.id, vars(fault))
        entry = {"fault": fault.id, "vendor": fault.vendor, "operation": operation, "kind": fault.kind}
        self._store.put("injection", f"injection_{self._store.next('injection')}", {**entry, "at": time.time()})
        return fault


class FaultMiddleware:
    """Breaks one vendor's HTTP interface; `shape` turns an error into the vendor's body."""

    def __init__(self, app: ASGIApp, *, vendor: str, faults: Faults, shape: ErrorShape) -> None:
        self._app, self._vendor, self._faults, self._shape = app, vendor, faults, shape

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self._strike(scope) if scope["type"] == "http" else None
        if fault is None:
            await self._app(scope, receive, send)
        elif fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
            await self._app(scope, receive, send)
        elif fault.kind == "hang":
            await self._hang(fault, scope, receive, send)
        elif fault.kind in {"timeout_after", "garbage"}:
            await self._spoil(fault, scope, receive, send)
        elif fault.kind == "drop":
            await _close(send)
        elif fault.kind == "flap" and fault.taken % 2 == 0:
            await self._app(scope, receive, send)
        else:
            await self._refuse(fault, send)

    def _strike(self, scope: Scope) -> Fault | None:
        path = scope["path"].removeprefix(scope.get("root_path", ""))  # as the vendor's own documentation writes it
        return self._faults.take(self._vendor, f"{scope['method']} {path}", WIRE)

    async def _hang(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        """What its client gave up meanwhile never happens: nobody is there to be served."""
        heard: list[Message] = []

        async def replay() -> Message:
            return heard.pop(0) if heard else await receive()

        held = True
        while held:  # one look at the client after the fault is lifted: its last word may still be on the way
            held = self._faults.is_active(fault.id)
            try:
                heard.append(await asyncio.wait_for(receive(), 0.05))
            except TimeoutError:
                continue
            if heard[-1]["type"] == "http.disconnect":
                return
        await self._app(scope, replay, send)

    async def _spoil(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        async def swallow(message: Message) -> None:
            del message

        await self._app(scope, receive, swallow)
        if fault.kind == "garbage":
            await _answer(send, 200, b"<html>\x00 gateway says hello", "text/html", {})
        else:
            await _close(send)

    async def _refuse(self, fault: Fault, send: Send) -> None:
        quota = fault.kind == "quota"
        status, code = (429, "rate_limit_exceeded") if quota else (fault.status, fault.code)
        body = json.dumps(self._shape(status, code, fault.message)).encode()
        headers = {"retry-after": f"{fault.seconds:.0f}"} if quota or status == 429 else {}
        await _answer(send, status, body, "application/json", headers)


async def _answer(send: Send, status: int, body: bytes, content_type: str, headers: dict[str, str]) -> None:
    pairs = {"content-type": content_type, "content-length": str(len(body)), **headers}
    encoded = [(name.encode(), value.encode()) for name, value in pairs.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})


async def _close(send: Send) -> None:
    """Promise more bytes than are sent: the server has to cut the connection."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000000")]})
    raise ConnectionAbortedError("injected fault")
