"""Carrying events to webhooks: signed as Svix does it, tried again with growing pauses, every attempt logged."""

import asyncio
import base64
import hmac
import time
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

from sandbox.kit.store import Doc
from sandbox.resend.vendor import Vendor, new_token

if TYPE_CHECKING:
    from httpx import AsyncClient

PAUSES = (5, 300, 1800, 7200, 18000, 36000, 36000)  # seconds after each failed attempt, as Resend documents them
PATIENCE = 15.0  # seconds until an endpoint has to answer
KEPT_OF_ANSWER = 1000  # characters
AT_ONCE = 8
REPEAT = 0.5  # seconds until a duplicate follows


class Dispatch:
    def __init__(self, vendor: Vendor) -> None:
        self._vendor, self._store = vendor, vendor.store
        self._room = asyncio.Semaphore(AT_ONCE)

    async def deliver(self, job: Doc) -> None:
        message = self._store.get("message", job["subject"])
        webhook = self._store.get("webhook", message["webhook"]) if message else None
        if message is None or webhook is None or webhook["status"] != "enabled":
            self._vendor.jobs.done("webhook", job["subject"])
            return
        status, answer = await self._attempt(webhook, message)
        with self._store.transaction():
            self._log(message, status, answer)
            self._settle(message, well=200 <= status < 300)

    async def replay(self, job: Doc) -> None:
        """One more delivery by hand; it leaves the plan of the automatic ones alone."""
        message = self._store.get("message", job["subject"])
        webhook = self._store.get("webhook", message["webhook"]) if message else None
        if message is None or webhook is None:
            self._vendor.jobs.done("replay", job["subject"])
            return
        status, answer = await self._attempt(webhook, message)
        with self._store.transaction():
            self._log(message, status, answer)
            self._vendor.jobs.done("replay", message["id"])
            if 200 <= status < 300:
                self._change(message, status="success")
                self._vendor.jobs.done("webhook", message["id"])

    def _settle(self, message: Doc, *, well: bool) -> None:
        trouble = message["trouble"]
        if well and trouble == "duplicate":
            self._change(message, status="success", trouble=None)
            self._vendor.jobs.add("webhook", message["id"], after=REPEAT)
        elif well or message["failures"] >= len(PAUSES):
            self._change(message, status="success" if well else "failed")
            self._vendor.jobs.done("webhook", message["id"])
        else:
            self._change(message, status="attempting", failures=message["failures"] + 1, trouble=None)
            self._vendor.jobs.add("webhook", message["id"], after=PAUSES[message["failures"]])

    async def _attempt(self, webhook: Doc, message: Doc) -> tuple[int, str]:
        """Status and text of the answer; 0 when there was none."""
        import httpx

        headers = {"content-type": "application/json", "user-agent": "Svix-Webhooks/1.0 (sandbox)"}
        headers |= self._signature(webhook, message)
        async with self._room:
            try:
                answer = await self._http.post(
                    webhook["endpoint"], content=message["payload"].encode(), headers=headers
                )
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                return 0, type(error).__name__
        return answer.status_code, answer.text[:KEPT_OF_ANSWER]

    def _signature(self, webhook: Doc, message: Doc) -> dict[str, str]:
        # The receiver compares this time with its own clock, which is not the emulated one.
        at = str(int(time.time()))
        secrets = [webhook["signing_secret"]]
        if webhook["old_secret"] and self._vendor.clock.now() < datetime.fromisoformat(webhook["old_secret_until"]):
            secrets.append(webhook["old_secret"])
        signed = f"{message['id']}.{at}.{message['payload']}"
        if message["trouble"] == "forged":
            signed = "forged"
        signatures = " ".join(f"v1,{_sign(secret, signed)}" for secret in secrets)
        return {"svix-id": message["id"], "svix-timestamp": at, "svix-signature": signatures}

    def _log(self, message: Doc, status: int, answer: str) -> None:
        attempt = {"id": new_token("atmpt_"), "message": message["id"], "http_status_code": status, "response": answer}
        self._store.put("attempt", str(attempt["id"]), {**attempt, "sent_at": self._vendor.now()})

    def _change(self, message: Doc, **fields: object) -> None:
        self._store.put("message", message["id"], {**message, **fields})

    @cached_property
    def _http(self) -> "AsyncClient":
        import httpx  # slow to import, and needed only when somebody listens

        return httpx.AsyncClient(timeout=PATIENCE, trust_env=False, follow_redirects=False)


def _sign(secret: str, signed: str) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return base64.b64encode(hmac.new(key, signed.encode(), sha256).digest()).decode()
