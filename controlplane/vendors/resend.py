"""Resend: sending domains and keys. A thin client of our own, because the SDK's key is global to the process."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any
from urllib.parse import quote

import httpx

from controlplane.core import http
from controlplane.core.errors import NeedsPerson, Refused, TryLater
from controlplane.core.lacks import Lack, unheard
from controlplane.settings import Resend as ResendSettings


@dataclass(frozen=True)
class SendingDomain:
    id: str
    name: str
    status: str
    records: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Message:
    sender: str
    to: str
    subject: str
    html: str
    text: str
    reply_to: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class EmailSeen:
    id: str
    to: str
    last_event: str
    tags: Mapping[str, str]


class Resend:
    def __init__(self, settings: ResendSettings) -> None:
        self._settings = settings

    @cached_property
    def _client(self) -> httpx.Client:
        token = self._settings.api_key.get_secret_value()
        return http.client(self._settings.api_base, headers={"authorization": f"Bearer {token}"})

    def close(self) -> None:
        if "_client" in self.__dict__:
            self._client.close()

    def ensure_domain(self, name: str) -> SendingDomain:
        """Made first: the list names every tenant's, and a name that we have already is refused."""
        try:
            made = self._call("POST", "/domains", json={"name": name, "region": self._settings.region})
        except (NeedsPerson, Refused):
            found = self.find_domain(name)
            if found is None:
                raise
            return found
        return _domain(made)

    def find_domain(self, name: str) -> SendingDomain | None:
        identity = next((entry["id"] for entry in self._all("/domains") if entry["name"] == name), None)
        return self.domain(identity) if identity else None

    def domain(self, identity: str) -> SendingDomain | None:
        found = self._maybe("GET", f"/domains/{identity}")
        return _domain(found) if found else None

    def verify_domain(self, identity: str) -> None:
        self._call("POST", f"/domains/{identity}/verify")

    def delete_domain(self, identity: str) -> None:
        self._maybe("DELETE", f"/domains/{identity}")

    def create_key(self, *, name: str, domain_id: str) -> tuple[str, str]:
        """(id, token). The token is shown this once."""
        body = {"name": name, "permission": "sending_access", "domain_id": domain_id}
        made = self._call("POST", "/api-keys", json=body)
        return str(made["id"]), str(made["token"])

    def sending_keys(self) -> list[tuple[str, str]]:
        return [(str(entry["id"]), str(entry["name"])) for entry in self._all("/api-keys")]

    def delete_key(self, identity: str) -> None:
        self._maybe("DELETE", f"/api-keys/{identity}")

    def send(self, message: Message, *, key: str) -> str:
        """The vendor's id. The same key again within a day sends nothing and answers the same."""
        body: dict[str, Any] = {
            "from": message.sender,
            "to": [message.to],
            "subject": message.subject,
            "html": message.html,
            "text": message.text,
            "tags": [{"name": name, "value": value} for name, value in message.tags.items()],
        }
        if message.reply_to:
            body["reply_to"] = message.reply_to
        return str(self._call("POST", "/emails", json=body, headers={"idempotency-key": key})["id"])

    def email(self, identity: str) -> EmailSeen | None:
        found = self._maybe("GET", f"/emails/{identity}")
        if found is None:
            return None
        tags = {tag["name"]: tag["value"] for tag in found.get("tags") or []}
        return EmailSeen(found["id"], found["to"][0], found.get("last_event") or "", tags)

    def lift_suppression(self, address: str) -> None:
        self._maybe("DELETE", f"/suppressions/{quote(address)}")

    def check(self) -> list[Lack]:
        """What is missing: the key's rights, or proof of our own sending domain."""
        address = self._settings.sender.rpartition("<")[2].rstrip(">")
        name = address.rpartition("@")[2]
        try:
            found = self.find_domain(name)
            self.sending_keys()
        except (NeedsPerson, Refused) as error:
            full = "make a key with full access at resend.com, API keys, and put it into CP_RESEND__API_KEY"
            return [Lack(f"full access: {error.reason}", full)]
        lacks = [] if self._settings.webhook_secrets else [unheard("resend")]
        if found is None:
            return [*lacks, Lack(f"the sending domain {name}", f"add {name} at resend.com, Domains")]
        if found.status != "verified":
            lacks.append(Lack(f"the sending domain {name} is {found.status}", "publish the records that Resend names"))
        return lacks

    def _all(self, path: str) -> list[dict[str, Any]]:
        """Every entry, page by page."""
        entries: list[dict[str, Any]] = []
        after: dict[str, str] = {}
        while True:
            page = self._call("GET", path, params={"limit": "100", **after})
            entries += page["data"]
            if not page.get("has_more"):
                return entries
            after = {"after": str(entries[-1]["id"])}

    def _call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        response = self._send(method, path, **options)
        _require(response)
        body: dict[str, Any] = response.json() if response.content else {}
        return body

    def _maybe(self, method: str, path: str) -> dict[str, Any] | None:
        response = self._send(method, path)
        if response.status_code == 404:
            return None
        _require(response)
        body: dict[str, Any] = response.json() if response.content else {}
        return body

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        repeatable = method != "POST" or "idempotency-key" in (options.get("headers") or {})

        def call() -> httpx.Response:
            return self._client.request(method, path, **options)

        return http.send(call, what=f"Resend {method} {path.split('/')[1]}", repeatable=repeatable)


def _domain(found: dict[str, Any]) -> SendingDomain:
    return SendingDomain(found["id"], found["name"], found["status"], tuple(found.get("records") or ()))


def _require(response: httpx.Response) -> None:
    if response.is_success:
        return
    try:
        error = response.json()
    except ValueError:
        error = {}
    text = f"Resend {response.status_code}: {error.get('name')} {error.get('message')}"
    if response.status_code in {401, 403}:
        raise NeedsPerson(text, next_action="check the Resend key with `controlplane doctor`")
    busy = error.get("name") == "concurrent_idempotent_requests"
    if busy or response.status_code == 429 or response.status_code >= 500:
        raise TryLater(text, after=timedelta(seconds=http.retry_after(response) or 15))
    raise Refused(text)
