"""Cursor pagination: newest first, `after` goes to older entries, `before` to newer ones."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.kit.store import Doc
from sandbox.resend.errors import invalid

LARGEST_PAGE = 100


def page(docs: list[Doc], query: Mapping[str, str], show: Callable[[Doc], Doc], *, size: int = 20) -> dict[str, Any]:
    newest_first = docs[::-1]
    limit = _limit(query.get("limit"), size)
    after, before = query.get("after"), query.get("before")
    if after and before:
        raise invalid("The `after` and `before` parameters cannot be used together.")
    if before:
        newer = newest_first[: _position(newest_first, before)]
        chosen, more = newer[-limit:], len(newer) > limit
    else:
        older = newest_first[_position(newest_first, after) + 1 :] if after else newest_first
        chosen, more = older[:limit], len(older) > limit
    return {"object": "list", "has_more": more, "data": [show(doc) for doc in chosen]}


def _limit(value: str | None, default: int) -> int:
    if value is None:
        return default
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= LARGEST_PAGE:
        raise invalid(f"The `limit` parameter must be a number from 1 to {LARGEST_PAGE}.")
    return int(value)


def _position(docs: list[Doc], id: str) -> int:
    for position, doc in enumerate(docs):
        if doc["id"] == id:
            return position
    raise invalid("The pagination cursor does not exist.")
