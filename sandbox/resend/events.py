"""Events: kept as the history of a mail, and put on the way to every webhook that wants them."""

import json
from typing import Any

from sandbox.kit.store import Doc
from sandbox.resend.vendor import Vendor, new_id, new_token

EMAIL = (
    *("email.sent", "email.scheduled", "email.delivered", "email.delivery_delayed", "email.complained"),
    *("email.bounced", "email.opened", "email.clicked", "email.received", "email.failed", "email.suppressed"),
)
OTHER = (
    *("contact.created", "contact.updated", "contact.deleted", "contact.topics.updated"),
    *("domain.created", "domain.updated", "domain.deleted", "suppression.added", "suppression.removed"),
)
TYPES = frozenset({*EMAIL, *OTHER})
TROUBLES = frozenset({"lost", "duplicate", "reorder", "forged"})


class Events:
    def __init__(self, vendor: Vendor) -> None:
        self._vendor, self._store = vendor, vendor.store

    def of_email(self, email: Doc, event: str, extra: dict[str, Any]) -> None:
        entry = {"id": new_id(), "email": email["id"], "event": event, "at": self._vendor.now(), "detail": extra}
        self._store.put("event", entry["id"], entry)
        fields = ("created_at", "message_id", "from", "to", "subject")
        data = {"email_id": email["id"], **{field: email[field] for field in fields}}
        tags = {tag["name"]: tag["value"] for tag in email["tags"]}
        self.publish(email["team"], f"email.{event}", {**data, "tags": tags, **extra} if tags else {**data, **extra})

    def publish(self, team: str, type: str, data: dict[str, Any]) -> None:
        """To be called in the transaction that records what happened."""
        now = self._vendor.now()
        payload = json.dumps({"type": type, "created_at": now, "data": data}, separators=(",", ":"), ensure_ascii=False)
        for webhook in self._store.all("webhook", team=team, status="enabled"):
            if type in webhook["events"]:
                self._put_on_the_way(webhook, type, payload, now)

    def _put_on_the_way(self, webhook: Doc, type: str, payload: str, now: str) -> None:
        fault = self._vendor.faults.take("resend", f"webhook {type}", TROUBLES)
        trouble = fault.kind if fault else None
        message = {
            "id": new_token("msg_"),
            "webhook": webhook["id"],
            "type": type,
            "created_at": now,
            "payload": payload,
        }
        message |= {"status": "pending", "failures": 0, "trouble": trouble}
        self._store.put("message", str(message["id"]), message)
        if trouble != "lost":
            self._vendor.jobs.add(
                "webhook", str(message["id"]), after=fault.seconds if fault and trouble == "reorder" else 0
            )
