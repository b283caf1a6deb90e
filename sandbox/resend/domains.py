"""Sending domains: created with the records to publish, verified by verification.py."""

import re
from typing import Any

from sandbox.kit.store import Doc
from sandbox.resend.api import Call
from sandbox.resend.errors import ApiError, invalid, missing, not_found
from sandbox.resend.events import Events
from sandbox.resend.listing import page
from sandbox.resend.records import SENDING, new_records, shown, tracking_record
from sandbox.resend.vendor import Vendor, new_id

REGIONS = ("us-east-1", "eu-west-1", "sa-east-1", "ap-northeast-1")
FIRST_LOOK = 0.1  # seconds after the call that asks for verification
TLS = ("opportunistic", "enforced")
_NAME = re.compile(r"^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$")
_LABEL = re.compile(r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$")
_CREATED_WITH = frozenset(
    "name region custom_return_path tracking_subdomain open_tracking click_tracking tls capabilities".split()
)
_CHANGEABLE = frozenset({"id", "open_tracking", "click_tracking", "tls", "tracking_subdomain", "capabilities"})
_SHOWN = ("id", "name", "status", "created_at", "region", "capabilities")
_TRACKING = ("open_tracking", "click_tracking", "tracking_subdomain")
_CAPABILITIES = ("sending", "receiving")


class Domains:
    def __init__(self, vendor: Vendor, events: Events) -> None:
        self._vendor, self._store, self._events = vendor, vendor.store, events

    def may_send(self, team: str, name: str) -> bool:
        """Also while records are missing only for a short time."""
        domain = self._store.first("domain", team=team, name=name)
        records = domain["records"] if domain and domain["capabilities"]["sending"] == "enabled" else []
        statuses = {record["status"] for record in records if record["record"] in SENDING}
        return bool(statuses) and statuses <= {"verified", "temporary_failure"}

    async def create(self, call: Call) -> dict[str, Any]:
        domain = self.parsed(call)
        self._refuse_if_taken(call.team, domain["name"])
        with self._store.transaction():
            self.add(domain)
        return _full(domain)

    async def get(self, call: Call) -> dict[str, Any]:
        return {"object": "domain", **_full(self.own(call))}

    async def list(self, call: Call) -> dict[str, Any]:
        return page(self._store.all("domain", team=call.team), call.query, _listed, size=100)

    async def update(self, call: Call) -> dict[str, Any]:
        domain = self.own(call)
        for field in sorted(call.fields.keys() - _CHANGEABLE):
            raise invalid(f"The `{field}` field cannot be changed.")
        tracking = domain["tracking_subdomain"]
        domain |= _options({**domain, **{k: v for k, v in call.fields.items() if k != "id"}})
        if domain["tracking_subdomain"] != tracking:
            others = [record for record in domain["records"] if record["record"] != "Tracking"]
            domain["records"] = [*others, tracking_record(domain)] if domain["tracking_subdomain"] else others
        with self._store.transaction():
            self.save(domain)
        return {"object": "domain", "id": domain["id"]}

    async def delete(self, call: Call) -> dict[str, Any]:
        domain = self.own(call)
        with self._store.transaction():
            self.remove(domain)
        return {"object": "domain", "id": domain["id"], "deleted": True}

    async def verify(self, call: Call) -> dict[str, Any]:
        """Starts over: also a verified domain is pending until the records were seen again."""
        domain, now = self.own(call), self._vendor.now()
        if domain["claim"]:
            raise invalid("This domain is being claimed: verify the claim first.")
        for record in domain["records"]:
            record |= {"status": "pending", "since": now}
        domain["status"] = "pending"
        with self._store.transaction():
            self.save(domain)
            self._vendor.jobs.add("verify", domain["id"], after=FIRST_LOOK)
        return {"object": "domain", "id": domain["id"]}

    def parsed(self, call: Call) -> Doc:
        fields = call.fields
        for unknown in sorted(fields.keys() - _CREATED_WITH):
            raise invalid(f"Unknown field `{unknown}`.")
        region = fields.get("region") or REGIONS[0]
        if region not in REGIONS:
            raise ApiError(422, "invalid_region", f"Region must be one of {', '.join(REGIONS)}.")
        domain: Doc = {
            "id": new_id(),
            "team": call.team,
            "name": _name(fields.get("name")),
            "status": "not_started",
            "created_at": self._vendor.now(),
            "region": region,
            "claim": None,
            "custom_return_path": _label(fields.get("custom_return_path") or "send", "custom_return_path"),
            **_options(fields),
        }
        return {**domain, "records": new_records(domain)}

    def own(self, call: Call) -> Doc:
        domain = self._store.get("domain", call.id)
        if domain is None or domain["team"] != call.team:
            raise not_found("Domain")
        return domain

    def add(self, domain: Doc) -> None:
        self._store.put("domain", domain["id"], domain)
        self._events.publish(domain["team"], "domain.created", _event(domain))

    def save(self, domain: Doc) -> None:
        self._store.put("domain", domain["id"], domain)
        self._events.publish(domain["team"], "domain.updated", _event(domain))

    def remove(self, domain: Doc) -> None:
        self._store.delete("domain", domain["id"])
        self._vendor.jobs.done("verify", domain["id"])
        claim = self._store.get("claim", domain["claim"]) if domain["claim"] else None
        if claim and claim["status"] in {"pending", "blocked"}:
            self._store.put("claim", claim["id"], {**claim, "status": "canceled"})
        self._events.publish(domain["team"], "domain.deleted", _event(domain))

    def holder(self, team: str, name: str) -> Doc | None:
        """The verified domain of this name in another team."""
        others = [domain for domain in self._store.all("domain", name=name) if domain["team"] != team]
        return next((domain for domain in others if self.may_send(domain["team"], name)), None)

    def refuse_own(self, team: str, name: str) -> None:
        if self._store.first("domain", team=team, name=name):
            raise ApiError(403, "validation_error", f"The {name} domain has been registered already.")

    def _refuse_if_taken(self, team: str, name: str) -> None:
        self.refuse_own(team, name)
        if self.holder(team, name):
            text = f"The {name} domain has been verified by another team. Claim it to prove that it is yours."
            raise ApiError(403, "validation_error", text)


def _name(value: Any) -> str:
    if not value:
        raise missing("name")
    name = value.strip().lower() if isinstance(value, str) else ""
    if not _NAME.match(name):
        raise invalid("The `name` field must be a domain name.")
    return name


def _label(value: Any, field: str) -> str:
    if not isinstance(value, str) or not _LABEL.match(value):
        raise invalid(f"The `{field}` field must be one label of a domain name.")
    return value


def _options(fields: Doc) -> Doc:
    for flag in ("open_tracking", "click_tracking"):
        if not isinstance(fields.get(flag, False), bool):
            raise invalid(f"The `{flag}` field must be true or false.")
    if fields.get("tls", TLS[0]) not in TLS:
        raise invalid(f"The `tls` field must be one of {', '.join(TLS)}.")
    tracking = fields.get("tracking_subdomain")
    return {
        "open_tracking": fields.get("open_tracking", False),
        "click_tracking": fields.get("click_tracking", False),
        "tls": fields.get("tls", TLS[0]),
        "tracking_subdomain": _label(tracking, "tracking_subdomain") if tracking else None,
        "capabilities": _capabilities(fields.get("capabilities") or {}),
    }


def _capabilities(wanted: Any) -> dict[str, str]:
    known = isinstance(wanted, dict) and not wanted.keys() - set(_CAPABILITIES)
    if not known or not set(wanted.values()) <= {"enabled", "disabled"}:
        raise invalid("The `capabilities` field must say `enabled` or `disabled` for `sending` and `receiving`.")
    return {"sending": wanted.get("sending", "enabled"), "receiving": wanted.get("receiving", "disabled")}


def _listed(domain: Doc) -> dict[str, Any]:
    return {field: domain[field] for field in _SHOWN}


def _full(domain: Doc) -> dict[str, Any]:
    fields = {field: domain[field] for field in (*_SHOWN, *_TRACKING) if domain[field] is not None}
    return {**fields, "records": [shown(record) for record in domain["records"]]}


def _event(domain: Doc) -> dict[str, Any]:
    fields = ("id", "name", "status", "created_at", "region")
    return {**{field: domain[field] for field in fields}, "records": [shown(record) for record in domain["records"]]}
