"""The users table. A user name is taken by an item of its own, so that two people cannot get it at the same moment."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from programs.creator.runtime.documents import Unmet, Write, change, delete, get, put, query, transact, write
from programs.creator.runtime.errors import Problem
from programs.creator.runtime.secrets import value

TABLE = "users"
SHOWN = (
    "userId", "email", "username", "role", "locale", "createdAt", "lastLogin", "subscription", "premiumUntil",
    "totpSince",
)  # fmt: skip


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def create(user_id: str, *, email: str, username: str, locale: str) -> None:
    at = now()
    row = {"userId": user_id, "email": email, "username": username, "locale": locale, "role": "member"}
    row |= {"subscription": "free", "status": "pending", "createdAt": at, "consentAt": at}
    _take(username, put(TABLE, row), _lock(username, user_id))


def subject(user_id: str) -> str:
    """Says later what was done to somebody, without saying to whom: for those who know the id already."""
    return sha256(f"{value('app', 'pepper')}{user_id}".encode()).hexdigest()


def exists(user_id: str) -> bool:
    return get(TABLE, consistent=True, userId=user_id) is not None


def find(user_id: str) -> dict[str, Any]:
    found = get(TABLE, consistent=True, userId=user_id)
    if found is None or found.get("status") == "erasing":
        raise Problem("not_found", "there is no such user")
    return found


def by_email(email: str) -> dict[str, Any] | None:
    found = query(TABLE, "#email = :email", {"email": email}, index="email-index", limit=1).items
    return found[0] if found else None


def shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in SHOWN if name in row}


def update(user_id: str, **values: str) -> dict[str, Any]:
    return write(change(TABLE, {"userId": user_id}, set=values, when="attribute_exists(#userId)"))


def rename(row: dict[str, Any], username: str) -> None:
    key = {"userId": row["userId"]}
    renamed = change(TABLE, key, set={"username": username}, when="#username = :old", values={"old": row["username"]})
    _take(username, renamed, _lock(username, row["userId"]), delete(TABLE, _lock_key(row["username"])))


def remove(row: dict[str, Any]) -> None:
    transact(delete(TABLE, {"userId": row["userId"]}), delete(TABLE, _lock_key(row["username"])))


def _take(username: str, *writes: Write) -> None:
    try:
        transact(*writes)
    except Unmet:
        raise Problem("conflict", f"{username} is taken", "username") from None


def _lock_key(username: str) -> dict[str, str]:
    return {"userId": f"lock#username#{username.lower()}"}


def _lock(username: str, owner: str) -> Write:
    return put(TABLE, {**_lock_key(username), "owner": owner}, when="attribute_not_exists(#userId)")
