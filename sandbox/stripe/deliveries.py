"""Sending events to webhook endpoints: signed, retried with back-off, each attempt on record."""

import asyncio
import json
import time
from typing import Any

import httpx
from stripe import WebhookSignature

from sandbox.kit.faults import Fault
from sandbox.stripe import outbox
from sandbox.stripe.books import Books, token
from sandbox.stripe.errors import Doc
from sandbox.stripe.events import view
from sandbox.stripe.shape import show

_AT_ONCE = 8
KINDS = {
    "duplicate": "deliver the event `times` (detail, default 2) times",
    "reorder": "deliver the event only after the next ones: held back for `seconds`",
    "lose": "never deliver it; Stripe believes it did",
    "late": "deliver it `seconds` later",
    "slow": "an API request keeps its idempotency key busy for `seconds` before it runs",
}


class Deliveries:
    def __init__(self, books: Books) -> None:
        self._books = books
        self._free = asyncio.Semaphore(_AT_ONCE)
        self._busy: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def start_due(self, http: httpx.AsyncClient) -> bool:
        """Start a task for each delivery that is due and not under way; whether there are any at all."""
        now, pending = time.time(), self._books.store.all(outbox.PENDING)
        for delivery in pending:
            if delivery["due"] <= now and delivery["id"] not in self._busy:
                self._busy.add(delivery["id"])
                task = asyncio.create_task(self._run(http, delivery))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        return bool(pending)

    async def _run(self, http: httpx.AsyncClient, delivery: Doc) -> None:
        try:
            async with self._free:
                await self._deliver(http, delivery)
        finally:
            self._busy.discard(delivery["id"])

    async def _deliver(self, http: httpx.AsyncClient, delivery: Doc) -> None:
        endpoint = self._books.get("webhook_endpoint", delivery["endpoint"])
        event = self._books.get("event", delivery["event"])
        if endpoint is None or event is None or (endpoint["status"] != "enabled" and not delivery.get("asked")):
            outbox.move(self._books, delivery, outbox.DELIVERED)
            return
        fault = self._fault(delivery)
        if fault and fault.kind in ("reorder", "late") and not delivery.get("held"):
            self._change(delivery, held=True, due=time.time() + fault.seconds)
            return
        if fault and fault.kind == "lose":
            self._log(delivery, None, "lost by an injected fault")
            outbox.move(self._books, delivery, outbox.DELIVERED)
            return
        times = int(fault.detail.get("times", 2)) if fault and fault.kind == "duplicate" else 1
        for _ in range(times):
            answered = await self._post(http, delivery, endpoint, event)
        self._conclude(delivery, answered)

    def _fault(self, delivery: Doc) -> Fault | None:
        if delivery.get("held"):
            return None
        return self._books.home.faults.take("stripe", f"webhook:{delivery['type']}", KINDS)

    async def _post(self, http: httpx.AsyncClient, delivery: Doc, endpoint: Doc, event: Doc) -> bool:
        body = json.dumps(show(view(self._books, event)), separators=(",", ":"))
        # Real time, whatever the emulated clock says: verifiers compare with their own.
        signature = WebhookSignature.generate_signature_header(body, endpoint["_secret"], timestamp=int(time.time()))
        headers = {"content-type": "application/json; charset=utf-8", "stripe-signature": signature}
        headers["user-agent"] = "Stripe/1.0 (+https://stripe.com/docs/webhooks)"
        url, host = _reachable(endpoint["url"])
        try:
            answer = await http.post(url, content=body.encode(), headers=headers | host)
        except httpx.HTTPError as error:
            self._log(delivery, None, type(error).__name__)
            return False
        self._log(delivery, answer.status_code, answer.text[:200])
        return answer.is_success

    def _conclude(self, delivery: Doc, answered: bool) -> None:
        attempt = delivery["attempt"] + 1
        pauses = self._books.setting("webhook_backoff")
        after = {**delivery, "attempt": attempt, "held": False}
        if answered:
            outbox.move(self._books, after, outbox.DELIVERED)
        elif attempt > len(pauses):
            outbox.move(self._books, after, outbox.FAILED)
        else:
            self._change(delivery, attempt=attempt, due=time.time() + pauses[attempt - 1], held=False)

    def _change(self, delivery: Doc, **changes: Any) -> None:
        self._books.store.update(outbox.PENDING, delivery["id"], lambda doc: doc.update(changes))

    def _log(self, delivery: Doc, status: int | None, note: str) -> None:
        id = token("wa_", 16)
        entry = {"id": id, "event": delivery["event"], "type": delivery["type"], "endpoint": delivery["endpoint"]}
        entry |= {"attempt": delivery["attempt"] + 1, "status": status, "note": note, "at": time.time()}
        self._books.store.put("attempt", id, entry)


def _reachable(url: str) -> tuple[str, dict[str, str]]:
    """Names below localhost are this machine, whether its resolver knows that or not."""
    parsed = httpx.URL(url)
    if not parsed.host.endswith(".localhost"):
        return url, {}
    return str(parsed.copy_with(host="127.0.0.1")), {"host": parsed.netloc.decode()}
