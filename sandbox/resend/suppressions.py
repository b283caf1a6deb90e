"""Addresses that get no more mail: after a hard bounce, a complaint, or by hand."""

from typing import Any

from sandbox.kit.store import Doc
from sandbox.resend.address import bare
from sandbox.resend.api import Call
from sandbox.resend.errors import invalid, missing, not_found
from sandbox.resend.events import Events
from sandbox.resend.listing import page
from sandbox.resend.vendor import Vendor, new_id

ORIGINS = ("bounce", "complaint", "manual")
LARGEST_BATCH = 100
_SHOWN = ("id", "email", "origin", "source_id", "created_at")


class Suppressions:
    def __init__(self, vendor: Vendor, events: Events) -> None:
        self._vendor, self._store, self._events = vendor, vendor.store, events

    def find(self, team: str, id_or_email: str) -> Doc | None:
        by_address = self._store.first("suppression", team=team, email=id_or_email.lower())
        return by_address or self._store.first("suppression", team=team, id=id_or_email)

    def put(self, team: str, mailbox: str, origin: str, source: str | None) -> Doc:
        known = self.find(team, mailbox)
        if known is not None:
            return known
        suppression = {"id": new_id(), "email": mailbox.lower(), "origin": origin, "source_id": source}
        suppression |= {"team": team, "created_at": self._vendor.now()}
        self._store.put("suppression", str(suppression["id"]), suppression)
        self._events.publish(team, "suppression.added", _shown(suppression))
        return suppression

    async def add(self, call: Call) -> dict[str, Any]:
        with self._store.transaction():
            suppression = self.put(call.team, _mailbox(call.fields.get("email"), "email"), "manual", None)
        return {"object": "suppression", "id": suppression["id"]}

    async def list(self, call: Call) -> dict[str, Any]:
        origin = call.query.get("origin")
        if origin is not None and origin not in ORIGINS:
            raise invalid(f"The `origin` parameter must be one of {', '.join(ORIGINS)}.")
        chosen = {"origin": origin} if origin else {}
        return page(self._store.all("suppression", team=call.team, **chosen), call.query, _shown)

    async def get(self, call: Call) -> dict[str, Any]:
        return {"object": "suppression", **_shown(self._own(call, call.id))}

    async def remove(self, call: Call) -> dict[str, Any]:
        with self._store.transaction():
            return self._remove(self._own(call, call.id))

    async def add_batch(self, call: Call) -> dict[str, Any]:
        mailboxes = [_mailbox(entry, "emails") for entry in _entries(call, "emails")]
        with self._store.transaction():
            added = [self.put(call.team, mailbox, "manual", None) for mailbox in mailboxes]
        return {"data": [{"object": "suppression", "id": suppression["id"]} for suppression in added]}

    async def remove_batch(self, call: Call) -> dict[str, Any]:
        if ("emails" in call.fields) == ("ids" in call.fields):
            raise invalid("Either `emails` or `ids` must be given.")
        entries = _entries(call, "emails" if "emails" in call.fields else "ids")
        found = [known for entry in entries if (known := self.find(call.team, str(entry)))]
        with self._store.transaction():
            return {"data": [self._remove(suppression) for suppression in found]}

    def _own(self, call: Call, id_or_email: str) -> Doc:
        suppression = self.find(call.team, id_or_email)
        if suppression is None:
            raise not_found("Suppression")
        return suppression

    def _remove(self, suppression: Doc) -> dict[str, Any]:
        self._store.delete("suppression", suppression["id"])
        self._events.publish(suppression["team"], "suppression.removed", _shown(suppression))
        return {"object": "suppression", "id": suppression["id"], "deleted": True}


def _entries(call: Call, field: str) -> list[Any]:
    entries = call.fields.get(field)
    if not isinstance(entries, list) or not 1 <= len(entries) <= LARGEST_BATCH:
        raise invalid(f"The `{field}` field must be a list of 1 to {LARGEST_BATCH} entries.")
    return entries


def _mailbox(value: Any, field: str) -> str:
    if not value:
        raise missing(field)
    mailbox = bare(value) if isinstance(value, str) else None
    if mailbox is None:
        raise invalid(f"Invalid `{field}` field.")
    return mailbox


def _shown(suppression: Doc) -> Doc:
    return {field: suppression[field] for field in _SHOWN}
