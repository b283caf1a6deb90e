"""API keys: full access, or sending only, possibly bound to one domain. A token is shown once and kept as a hash."""

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sandbox.kit.store import Doc
from sandbox.resend.errors import ApiError, invalid, missing, not_found
from sandbox.resend.listing import page
from sandbox.resend.vendor import OWN_TEAM, Vendor, new_id, new_token

if TYPE_CHECKING:
    from sandbox.resend.api import Call

PERMISSIONS = ("full_access", "sending_access")
LONGEST_NAME = 50
USE_NOTED_EVERY = timedelta(minutes=1)


class Keys:
    def __init__(self, vendor: Vendor) -> None:
        self._vendor, self._store = vendor, vendor.store
        self._ensure_initial(vendor.home.secrets["resend_api_key"])

    def authenticate(self, authorization: str | None) -> Doc:
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise ApiError(401, "missing_api_key", "Missing API key in the authorization header.")
        key = self._store.first("key", hash=_hash(token.strip()))
        if key is None:
            raise ApiError(403, "invalid_api_key", "API key is invalid")
        self._note_use(key)
        return key

    def require_full_access(self, key: Doc) -> None:
        if key["permission"] != "full_access":
            raise ApiError(401, "restricted_api_key", "This API key is restricted to only send emails")

    def require_domain(self, key: Doc, name: str) -> None:
        """A key bound to a domain sends from there and nowhere else."""
        if not key["domain_id"]:
            return
        domain = self._store.get("domain", key["domain_id"])
        if domain is None or domain["name"] != name:
            own = domain["name"] if domain else "a domain that no longer exists"
            raise ApiError(401, "restricted_api_key", f"This API key is restricted to only send emails from {own}")

    def issue(self, team: str, name: str, permission: str, domain_id: str | None) -> tuple[Doc, str]:
        token = new_token("re_")
        key = self._put(new_id(), team, name, permission, domain_id, token)
        return key, token

    async def create(self, call: "Call") -> dict[str, Any]:
        name = call.fields.get("name")
        permission, domain_id = call.fields.get("permission") or "full_access", call.fields.get("domain_id")
        self._check_name(name)
        if permission not in PERMISSIONS:
            raise invalid(f"The `permission` field must be one of {', '.join(PERMISSIONS)}.")
        if domain_id is not None:
            self._check_domain(call.team, permission, domain_id)
        key, token = self.issue(call.team, str(name), permission, domain_id)
        return {"id": key["id"], "token": token}

    async def list(self, call: "Call") -> dict[str, Any]:
        return page(self._store.all("key", team=call.team), call.query, _shown, size=100)

    async def update(self, call: "Call") -> dict[str, Any]:
        key = self._own(call)
        self._check_name(call.fields.get("name"))
        self._store.put("key", key["id"], {**key, "name": call.fields["name"]})
        return {"object": "api_key", "id": key["id"]}

    async def delete(self, call: "Call") -> dict[str, Any]:
        key = self._own(call)
        self._store.delete("key", key["id"])
        return {"object": "api_key", "id": key["id"], "deleted": True}

    def _own(self, call: "Call") -> Doc:
        key = self._store.get("key", call.id)
        if key is None or key["team"] != call.team:
            raise not_found("API key")
        return key

    def _check_name(self, name: Any) -> None:
        if not name:
            raise missing("name")
        if not isinstance(name, str) or len(name) > LONGEST_NAME:
            raise invalid(f"The `name` field must be a string of at most {LONGEST_NAME} characters.")

    def _check_domain(self, team: str, permission: str, domain_id: Any) -> None:
        if permission != "sending_access":
            raise invalid("The `domain_id` field is only allowed with the permission `sending_access`.")
        domain = self._store.get("domain", str(domain_id))
        if domain is None or domain["team"] != team:
            raise not_found("Domain")

    def _ensure_initial(self, token: str) -> None:
        if self._store.first("key", hash=_hash(token)) is None:
            self._put(new_id(), OWN_TEAM, "Initial key", "full_access", None, token)

    def _put(self, id: str, team: str, name: str, permission: str, domain_id: str | None, token: str) -> Doc:
        key = {"id": id, "team": team, "name": name, "permission": permission, "domain_id": domain_id}
        times = {"created_at": self._vendor.now(), "last_used_at": None}
        return self._store.put("key", id, {**key, **times, "hash": _hash(token)})

    def _note_use(self, key: Doc) -> None:
        last, now = key["last_used_at"], self._vendor.now()
        if last is None or datetime.fromisoformat(now) - datetime.fromisoformat(last) > USE_NOTED_EVERY:
            self._store.put("key", key["id"], {**key, "last_used_at": now})


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _shown(key: Doc) -> Doc:
    return {field: key[field] for field in ("id", "name", "created_at", "last_used_at")}
