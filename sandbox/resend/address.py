"""Addresses as the `from` and `to` fields take them: `email@example.com` or `Name <email@example.com>`."""

import re
from typing import Any

from sandbox.resend.errors import invalid, missing

_BARE = re.compile(
    r"^[^\s@<>,;:\"()]{1,64}@((?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{1,62})$", re.I
)
_NAMED = re.compile(r"^\s*(?:[^<>\r\n]*?)\s*<([^<>\s]+)>\s*$")
MOST = 50


def bare(address: str) -> str | None:
    """The mailbox without the name, domain in lower case; None when it is no address."""
    named = _NAMED.match(address)
    mailbox = named.group(1) if named else address.strip()
    if not _BARE.match(mailbox):
        return None
    local, _, domain = mailbox.rpartition("@")
    return f"{local}@{domain.lower()}"


def domain_of(address: str) -> str:
    return (bare(address) or "").rpartition("@")[2]


def sender(fields: dict[str, Any]) -> str:
    value = fields.get("from")
    if not value:
        raise missing("from")
    if not isinstance(value, str) or bare(value) is None:
        raise _malformed("from")
    return value


def recipients(fields: dict[str, Any], field: str, *, required: bool = False) -> list[str]:
    value = fields.get(field)
    if not value and required:
        raise missing(field)
    entries = value if isinstance(value, list) else [value] if value else []
    if not all(isinstance(entry, str) and bare(entry) for entry in entries):
        raise _malformed(field)
    if len(entries) > MOST:
        raise invalid(f"The `{field}` field must not have more than {MOST} addresses.")
    return entries


def _malformed(field: str) -> Exception:
    form = "`email@example.com` or `Name <email@example.com>`"
    return invalid(f"Invalid `{field}` field. The email address needs to follow the {form} format.")
