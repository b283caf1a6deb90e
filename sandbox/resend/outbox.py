"""Accepting mails: one or a batch. What is acknowledged is in the store, once, with its delivery planned."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sandbox.kit.store import Doc
from sandbox.resend.address import bare, domain_of
from sandbox.resend.api import Call
from sandbox.resend.domains import Domains
from sandbox.resend.errors import ApiError, invalid
from sandbox.resend.idempotency import Idempotency
from sandbox.resend.keys import Keys
from sandbox.resend.message import parse_message
from sandbox.resend.receivers import TESTING_DOMAIN
from sandbox.resend.vendor import Vendor, new_id

LARGEST_BATCH = 100
OWNER = "owner@sandbox.test"  # the only real address that may get mail from the testing domain
MODES = ("strict", "permissive")


class Outbox:
    def __init__(self, vendor: Vendor, keys: Keys, domains: Domains) -> None:
        self._vendor, self._store = vendor, vendor.store
        self._keys, self._domains = keys, domains
        self._idempotency = Idempotency(vendor)

    async def send(self, call: Call) -> dict[str, Any]:
        def check() -> tuple[list[Doc], dict[str, Any]]:
            message = self._checked(call, call.body)
            return [message], {"id": message["id"]}

        return await self._once(call, check)

    async def send_batch(self, call: Call) -> dict[str, Any]:
        mode = call.headers.get("x-batch-validation", "strict")
        if mode not in MODES:
            raise invalid("The `x-batch-validation` header must be `strict` or `permissive`.")
        if not isinstance(call.body, list) or not 1 <= len(call.body) <= LARGEST_BATCH:
            raise invalid(f"A batch must be a list of 1 to {LARGEST_BATCH} emails.")
        return await self._once(call, lambda: self._check_batch(call, permissive=mode == "permissive"))

    async def _once(self, call: Call, check: Callable[[], tuple[list[Doc], dict[str, Any]]]) -> dict[str, Any]:
        key, request = call.headers.get("idempotency-key"), [call.url, call.body]
        earlier = self._idempotency.recall(call.team, key, request)
        if earlier is not None:
            return earlier
        self._idempotency.begin(call.team, key, request)
        try:
            await self._dawdle(call)
            messages, answer = check()
            with self._store.transaction():
                for message in messages:
                    self._accept(call, message)
                self._idempotency.remember(call.team, key, request, answer)
            return answer
        finally:
            self._idempotency.end(call.team, key)

    async def _dawdle(self, call: Call) -> None:
        fault = self._vendor.faults.take("resend", f"accept {call.url}", {"slow"})
        if fault:
            await asyncio.sleep(fault.seconds)

    def _check_batch(self, call: Call, *, permissive: bool) -> tuple[list[Doc], dict[str, Any]]:
        messages: list[Doc] = []
        errors: list[dict[str, Any]] = []
        for index, fields in enumerate(call.body):
            try:
                messages.append(self._checked(call, fields, in_batch=True))
            except ApiError as error:
                if not permissive or error.status != 422:
                    raise
                errors.append({"index": index, "message": error.message})
        answer: dict[str, Any] = {"data": [{"id": message["id"]} for message in messages]}
        return messages, {**answer, "errors": errors} if permissive else answer

    def _checked(self, call: Call, fields: Any, *, in_batch: bool = False) -> Doc:
        message = parse_message(fields, self._vendor.clock.now())
        for field in ("attachments", "scheduled_at"):
            if in_batch and message[field]:
                raise invalid(f"The `{field}` field is not supported in batches.")
        self._keys.require_domain(call.key, domain_of(message["from"]))
        self._require_sender(call.team, message)
        return {**message, "id": new_id()}

    def _require_sender(self, team: str, message: Doc) -> None:
        name = domain_of(message["from"])
        if name == TESTING_DOMAIN:
            _require_testers([*message["to"], *message["cc"], *message["bcc"]])
        elif not self._domains.may_send(team, name):
            text = (
                f"The {name} domain is not verified. Please, add and verify your domain on https://resend.com/domains"
            )
            raise ApiError(403, "validation_error", text)

    def _accept(self, call: Call, message: Doc) -> None:
        content = {part: message.pop(part) for part in ("html", "text", "attachments")}
        listed = [{k: v for k, v in attachment.items() if k != "content"} for attachment in content["attachments"]]
        email = {
            **message,
            "team": call.team,
            "key": call.key["id"],
            "message_id": f"<{message['id']}@email.amazonses.com>",
            "created_at": self._vendor.now(),
            "last_event": "scheduled" if message["scheduled_at"] else "queued",
            "attachments": listed,
        }
        self._store.put("email", email["id"], email)
        self._store.put("content", email["id"], content)
        due = datetime.fromisoformat(message["scheduled_at"]) if message["scheduled_at"] else None
        self._vendor.jobs.add("send", email["id"], at=due)


def _require_testers(addresses: list[str]) -> None:
    mailboxes = [bare(address) or "" for address in addresses]
    if not all(mailbox == OWNER or mailbox.endswith(f"@{TESTING_DOMAIN}") for mailbox in mailboxes):
        text = f"You can only send testing emails to your own email address ({OWNER}). To send emails to other "
        text += "recipients, please verify a domain at resend.com/domains, and change the `from` address."
        raise ApiError(403, "validation_error", text)
