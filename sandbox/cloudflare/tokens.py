"""API tokens and what their permission groups allow."""

import hashlib
from dataclasses import dataclass
from typing import Any

from sandbox.cloudflare.cloud import Cloud, moment
from sandbox.cloudflare.envelope import ApiError
from sandbox.kit import Store

AREAS = (
    "Account Settings", "Workers Scripts", "Workers KV Storage", "Workers R2 Storage",
    "Zone", "Workers Routes", "DNS", "SSL and Certificates",
)  # fmt: skip
GROUPS = tuple(f"{area} {right}" for area in AREAS for right in ("Read", "Write"))


@dataclass(frozen=True)
class Token:
    id: str
    groups: frozenset[str]
    zones: frozenset[str] | None  # ids; None: every zone
    status: str  # active, disabled, expired
    doc: dict[str, Any]

    def allows(self, area: str, *, write: bool) -> bool:
        wanted = {f"{area} Write"} if write else {f"{area} Read", f"{area} Write"}
        return bool(wanted & self.groups)


def seed_token(store: Store, secret: str) -> None:
    if store.get("token", _id(secret)) is None:
        add_token(store, secret, name="sandbox", groups=list(GROUPS))


def add_token(
    store: Store, secret: str, *, name: str, groups: list[str], zones: list[str] | None = None,
    expires_on: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    unknown = set(groups) - set(GROUPS)
    if unknown:
        raise ValueError(f"unknown permission groups: {', '.join(sorted(unknown))}")
    doc = {"id": _id(secret), "name": name, "groups": groups, "zones": zones, "status": "active"}
    return store.put("token", _id(secret), {**doc, "expires_on": expires_on})


def revoke_token(store: Store, id: str) -> bool:
    return store.delete("token", id)


def identify(cloud: Cloud, authorization: str | None) -> Token:
    if not authorization:
        raise ApiError(401, 10000, "Authentication error")
    scheme, _, secret = authorization.partition(" ")
    doc = cloud.store.get("token", _id(secret)) if scheme.lower() == "bearer" else None
    if doc is None:
        raise ApiError(403, 10000, "Authentication error")
    zones = None if doc["zones"] is None else frozenset(doc["zones"])
    return Token(doc["id"], frozenset(doc["groups"]), zones, _status(cloud, doc), doc)


def _status(cloud: Cloud, doc: dict[str, Any]) -> str:
    if doc["expires_on"] and moment(doc["expires_on"]) <= cloud.clock.now():
        return "expired"
    return str(doc["status"])


def _id(secret: str) -> str:
    """The store never holds the token itself."""
    return hashlib.sha256(secret.encode()).hexdigest()[:32]
