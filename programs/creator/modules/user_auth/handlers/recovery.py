"""Coming in without the device of the second factor: with a code that was shown once, or let in by the creator."""

import hmac
import secrets
import uuid
from hashlib import sha256

from programs.creator.modules.user_auth.handlers import people, pool
from programs.creator.modules.user_auth.handlers.texts import send_unlocked
from programs.creator.runtime.documents import Item, put, write
from programs.creator.runtime.errors import Problem
from programs.creator.runtime.secrets import value

LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that look alike on paper
PARTS, LENGTH = 4, 4  # some eighty bits: a plain hash keeps them
AUDIT = "privacy-requests"


def new_code(user_id: str) -> str:
    """Shown once: what is kept cannot be turned back into it. It takes the place of the one before."""
    code = "-".join("".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(PARTS))
    people.update(user_id, recoveryHash=_hash(user_id, code))
    return code


def redeem(row: Item, code: str) -> None:
    """The factor goes before the code: what breaks off in between can be done again."""
    if not hmac.compare_digest(row.get("recoveryHash", ""), _hash(row["userId"], code)):
        raise Problem("unauthorized", "this does not fit", "recovery")
    take_away(row)


def let_in(row: Item, *, by: str) -> None:
    """On the record before it is done, and told to the person it is done to."""
    entry = {"requestId": uuid.uuid4().hex, "kind": "second-factor", "status": "done", "by": by}
    write(put(AUDIT, entry | {"subjectHash": people.subject(row["userId"]), "doneAt": people.now()}))
    take_away(row)
    pool.sign_out(row["email"])


def take_away(row: Item) -> None:
    pool.ask_for_code(row["email"], False)
    people.update(row["userId"], totpSince="", recoveryHash="")
    send_unlocked(to=row["email"], locale=row["locale"])


def _hash(user_id: str, code: str) -> str:
    told = code.lower().replace("-", "").replace(" ", "")
    return sha256(f"{value('app', 'pepper')}{user_id}{told}".encode()).hexdigest()
