"""Six digits by mail: who can read them owns the address. Kept as a hash, for few attempts and a short time."""

import hmac
import secrets
import time
from hashlib import sha256
from typing import Any

from programs.creator.runtime.documents import Unmet, change, delete, put, write
from programs.creator.runtime.errors import Problem
from programs.creator.runtime.secrets import value

TABLE = "auth-codes"
SECONDS = 15 * 60
ATTEMPTS = 5


def issue(purpose: str, user_id: str, *, seconds: int = SECONDS, **kept: str) -> str:
    """A new code takes the place of the one before."""
    code, salt = f"{secrets.randbelow(1_000_000):06}", secrets.token_hex(8)
    item = {"codeId": _id(purpose, user_id), "hash": _hash(code, salt), "salt": salt, "attempts": 0, **kept}
    write(put(TABLE, item | {"ttl": int(time.time()) + seconds}))
    return code


def redeem(purpose: str, user_id: str, code: str) -> dict[str, Any]:
    """What was kept with the code; it is gone afterwards."""
    key = {"codeId": _id(purpose, user_id)}
    limits = {"most": ATTEMPTS, "now": int(time.time())}
    try:
        # Counted before it is compared, so that many guesses at once are still few.
        found = write(change(TABLE, key, add={"attempts": 1}, when="#attempts < :most AND #ttl > :now", values=limits))
    except Unmet:
        raise Problem("gone", "this code is no longer valid", "code") from None
    if not hmac.compare_digest(found["hash"], _hash(code, found["salt"])):
        raise Problem("invalid_input", "this is not the code", "code")
    try:
        write(delete(TABLE, key, when="#hash = :hash", values={"hash": found["hash"]}))
    except Unmet:
        raise Problem("gone", "this code is no longer valid", "code") from None
    return found


def give_back(spent: dict[str, Any]) -> None:
    """What it was redeemed for did not come about."""
    write(put(TABLE, spent))


def mark(who: str) -> str:
    return sha256(f"{value('app', 'pepper')}{who}".encode()).hexdigest()[:32]


def allowed(purpose: str, who: str, *, most: int) -> bool:
    """Counts what one address asks for in a quarter of an hour."""
    window = int(time.time()) // SECONDS
    key = {"codeId": f"rate#{purpose}#{mark(who)}#{window}"}
    return bool(write(change(TABLE, key, set={"ttl": (window + 2) * SECONDS}, add={"attempts": 1}))["attempts"] <= most)


def _id(purpose: str, user_id: str) -> str:
    return f"{purpose}#{user_id}"


def _hash(code: str, salt: str) -> str:
    return sha256(f"{value('app', 'pepper')}{salt}{code}".encode()).hexdigest()
