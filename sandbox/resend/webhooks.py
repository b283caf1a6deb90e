"""Webhook endpoints of a team, their signing secrets, and the log of what was delivered to them."""

import base64
import json
import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from sandbox.kit.store import Doc
from sandbox.resend.api import Call
from sandbox.resend.errors import invalid, missing, not_found
from sandbox.resend.events import TYPES
from sandbox.resend.listing import page
from sandbox.resend.vendor import Vendor, new_id, stamp

STATUSES = ("enabled", "disabled")
OLD_SECRET_LASTS = timedelta(hours=24)
_LISTED = ("id", "created_at", "status", "endpoint", "events")
_MESSAGE = ("id", "type", "created_at", "status")
_ATTEMPT = ("id", "http_status_code", "response", "sent_at")


class Webhooks:
    def __init__(self, vendor: Vendor) -> None:
        self._vendor, self._store = vendor, vendor.store

    async def create(self, call: Call) -> dict[str, Any]:
        webhook = {
            "id": new_id(),
            "team": call.team,
            "created_at": self._vendor.now(),
            "status": "enabled",
            "endpoint": _endpoint(call.fields.get("endpoint")),
            "events": _events(call.fields.get("events")),
            "signing_secret": _new_secret(),
            "old_secret": None,
            "old_secret_until": None,
        }
        self._store.put("webhook", str(webhook["id"]), webhook)
        return {"object": "webhook", "id": webhook["id"], "signing_secret": webhook["signing_secret"]}

    async def get(self, call: Call) -> dict[str, Any]:
        webhook = self._own(call)
        return {"object": "webhook", **_shown(webhook), "signing_secret": webhook["signing_secret"]}

    async def list(self, call: Call) -> dict[str, Any]:
        return page(self._store.all("webhook", team=call.team), call.query, _shown)

    async def update(self, call: Call) -> dict[str, Any]:
        webhook, fields = self._own(call), call.fields
        if fields.get("endpoint") is not None:
            webhook["endpoint"] = _endpoint(fields["endpoint"])
        if fields.get("events") is not None:
            webhook["events"] = _events(fields["events"])
        if fields.get("status", "enabled") not in STATUSES:
            raise invalid("The `status` field must be `enabled` or `disabled`.")
        webhook["status"] = fields.get("status") or webhook["status"]
        self._store.put("webhook", webhook["id"], webhook)
        return {"object": "webhook", "id": webhook["id"]}

    async def delete(self, call: Call) -> dict[str, Any]:
        webhook = self._own(call)
        with self._store.transaction():
            self._store.delete("webhook", webhook["id"])
            for message in self._store.all("message", webhook=webhook["id"]):
                self._vendor.jobs.done("webhook", message["id"])
        return {"object": "webhook", "id": webhook["id"], "deleted": True}

    async def rotate(self, call: Call) -> dict[str, Any]:
        """The old secret goes on signing beside the new one, so that a receiver can change over."""
        webhook = self._own(call)
        webhook["old_secret"] = webhook["signing_secret"]
        webhook["old_secret_until"] = stamp(self._vendor.clock.now() + OLD_SECRET_LASTS)
        webhook["signing_secret"] = _new_secret()
        self._store.put("webhook", webhook["id"], webhook)
        return {"object": "webhook", "id": webhook["id"], "signing_secret": webhook["signing_secret"]}

    async def messages(self, call: Call) -> dict[str, Any]:
        webhook = self._own(call)
        return page(self._store.all("message", webhook=webhook["id"]), call.query, _listed)

    async def message(self, call: Call) -> dict[str, Any]:
        message = self._message(call)
        due = self._vendor.jobs.when("webhook", message["id"])
        return {
            "object": "webhook_event",
            **_listed(message),
            "next_attempt_at": stamp(due) if due else None,
            "payload": json.loads(message["payload"]),
        }

    async def attempts(self, call: Call) -> dict[str, Any]:
        attempts = self._store.all("attempt", message=self._message(call)["id"])
        return page(attempts, call.query, lambda attempt: {field: attempt[field] for field in _ATTEMPT})

    async def replay(self, call: Call) -> dict[str, Any]:
        message = self._message(call)
        self._vendor.jobs.add("replay", message["id"])
        return {"object": "webhook_event", "id": message["id"]}

    def _own(self, call: Call) -> Doc:
        webhook = self._store.get("webhook", call.id)
        if webhook is None or webhook["team"] != call.team:
            raise not_found("Webhook")
        return webhook

    def _message(self, call: Call) -> Doc:
        webhook = self._own(call)
        message = self._store.get("message", call.path["message"])
        if message is None or message["webhook"] != webhook["id"]:
            raise not_found("Webhook event")
        return message


def _endpoint(value: Any) -> str:
    if not value:
        raise missing("endpoint")
    url = urlsplit(value) if isinstance(value, str) else None
    if url is None or url.scheme not in {"http", "https"} or not url.hostname:
        raise invalid("The `endpoint` field must be a URL.")
    return str(value)


def _events(value: Any) -> list[str]:
    if not value:
        raise missing("events")
    unknown = [entry for entry in value if entry not in TYPES] if isinstance(value, list) else [value]
    if unknown:
        raise invalid(f"Unknown event type `{unknown[0]}`.")
    return list(value)


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def _listed(message: Doc) -> Doc:
    return {field: message[field] for field in _MESSAGE}


def _shown(webhook: Doc) -> Doc:
    return {field: webhook[field] for field in _LISTED}
