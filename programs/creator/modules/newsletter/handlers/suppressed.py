"""Addresses that must not be written to again, known only by a seal that says nothing of them."""

import hmac
from hashlib import sha256
from typing import Any

from programs.creator.runtime.documents import Write, get, put
from programs.creator.runtime.secrets import value

TABLE = "subscribers"
REFUSED = {"bounced", "complained"}  # who was erased may come back by asking again


def note(address: str, reason: str) -> Write:
    """Beside the row of a subscriber: erasing that one leaves this."""
    return put(TABLE, {"email": _key(address), "reason": reason})


def is_refused(address: str) -> bool:
    found: dict[str, Any] | None = get(TABLE, consistent=True, email=_key(address))
    return bool(found) and found["reason"] in REFUSED  # type: ignore[index]


def _key(address: str) -> str:
    seal = hmac.new(value("app", "pepper").encode(), f"suppressed\0{address.lower()}".encode(), sha256)
    return f"suppressed#{seal.hexdigest()}"
