"""Mails that were accepted: read, list, move or cancel scheduled ones, attachments."""

from datetime import datetime, timedelta
from typing import Any

from sandbox.kit.store import Doc
from sandbox.resend.api import Call
from sandbox.resend.errors import invalid, missing, not_found
from sandbox.resend.listing import page
from sandbox.resend.message import FURTHEST
from sandbox.resend.schedule import parse_moment
from sandbox.resend.vendor import Vendor, stamp

_LISTED = "id message_id to from created_at subject bcc cc reply_to last_event scheduled_at".split()
LINK_LASTS = timedelta(hours=1)


class Emails:
    def __init__(self, vendor: Vendor) -> None:
        self._vendor, self._store = vendor, vendor.store

    async def get(self, call: Call) -> dict[str, Any]:
        email = self._own(call)
        content = self._store.get("content", email["id"]) or {}
        return {
            "object": "email",
            **_shown(email),
            "html": content["html"],
            "text": content["text"],
            "tags": email["tags"],
        }

    async def list(self, call: Call) -> dict[str, Any]:
        return page(self._store.all("email", team=call.team), call.query, _shown)

    async def update(self, call: Call) -> dict[str, Any]:
        email, now = self._scheduled(call), self._vendor.clock.now()
        if not call.fields.get("scheduled_at"):
            raise missing("scheduled_at")
        due = parse_moment(call.fields["scheduled_at"], now)
        if due > now + FURTHEST:
            raise invalid("The `scheduled_at` field must not be more than 30 days ahead.")
        with self._store.transaction():
            self._store.put("email", email["id"], {**email, "scheduled_at": stamp(due)})
            self._vendor.jobs.add("send", email["id"], at=due)
        return {"object": "email", "id": email["id"]}

    async def cancel(self, call: Call) -> dict[str, Any]:
        email = self._scheduled(call)
        with self._store.transaction():
            self._store.put("email", email["id"], {**email, "last_event": "canceled"})
            self._vendor.jobs.done("send", email["id"])
        return {"object": "email", "id": email["id"]}

    async def attachments(self, call: Call) -> dict[str, Any]:
        email = self._own(call)
        return page(email["attachments"][::-1], call.query, lambda attachment: self._attachment(email, attachment))

    async def attachment(self, call: Call) -> dict[str, Any]:
        email = self._own(call)
        for attachment in email["attachments"]:
            if attachment["id"] == call.path["attachment"]:
                return {"object": "attachment", **self._attachment(email, attachment)}
        raise not_found("Attachment")

    def _attachment(self, email: Doc, attachment: Doc) -> Doc:
        expires: datetime = self._vendor.clock.now() + LINK_LASTS
        return {
            **attachment,
            "content_disposition": "inline" if attachment["content_id"] else "attachment",
            "download_url": f"{self._vendor.home.url}/resend/mailbox/{email['id']}/attachments/{attachment['id']}",
            "expires_at": stamp(expires),
        }

    def _scheduled(self, call: Call) -> Doc:
        email = self._own(call)
        if email["last_event"] != "scheduled":
            raise invalid(f"The email is not scheduled: it is {email['last_event']}.")
        return email

    def _own(self, call: Call) -> Doc:
        email = self._store.get("email", call.id)
        if email is None or email["team"] != call.team:
            raise not_found("Email")
        return email


def _shown(email: Doc) -> Doc:
    return {field: email[field] for field in _LISTED}
