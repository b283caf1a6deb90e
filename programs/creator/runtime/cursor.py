"""Where a listing goes on: the last key, signed so that nobody can name another."""

import base64
import hmac
import json
from hashlib import sha256
from typing import Any

from programs.creator.runtime.errors import invalid
from programs.creator.runtime.secrets import value

_SEAL = 16


def closed(key: dict[str, Any] | None, *, listing: str) -> dict[str, str]:
    """`{"next": …}` for the answer, or nothing at the end."""
    if key is None:
        return {}
    body = json.dumps(key, separators=(",", ":")).encode()
    return {"next": base64.urlsafe_b64encode(_seal(body, listing) + body).decode().rstrip("=")}


def opened(text: str, *, listing: str) -> dict[str, Any] | None:
    if not text:
        return None
    try:
        whole = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise invalid("next", "this is not a cursor of ours") from None
    seal, body = whole[:_SEAL], whole[_SEAL:]
    if not hmac.compare_digest(seal, _seal(body, listing)):
        raise invalid("next", "this is not a cursor of ours")
    found: dict[str, Any] = json.loads(body)
    return found


def _seal(body: bytes, listing: str) -> bytes:
    return hmac.new(value("app", "cursor").encode(), f"{listing}\0".encode() + body, sha256).digest()[:_SEAL]
