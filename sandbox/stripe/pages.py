"""Cursor pagination, newest first."""

from typing import Any

from sandbox.stripe.errors import Doc, invalid, no_such

_COMPARE = {"gt": int.__gt__, "gte": int.__ge__, "lt": int.__lt__, "lte": int.__le__}


def page(url: str, oldest_first: list[Doc], params: Doc) -> Doc:
    docs = [doc for doc in reversed(oldest_first) if _created(doc, params.get("created"))]
    limit = _limit(params)
    if "ending_before" in params:
        before = docs[: _position(docs, params["ending_before"], "ending_before")]
        return as_list(url, before[-limit:], more=len(before) > limit)
    start = _position(docs, params["starting_after"], "starting_after") + 1 if "starting_after" in params else 0
    return as_list(url, docs[start : start + limit], more=len(docs) > start + limit)


def as_list(url: str, data: list[Doc], *, more: bool = False) -> Doc:
    return {"object": "list", "url": url, "has_more": more, "data": data}


def _limit(params: Doc) -> int:
    limit: int = params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise invalid(f"Invalid limit: must be between 1 and 100, not {limit}", "limit", "parameter_invalid_integer")
    return limit


def _position(docs: list[Doc], id: str, param: str) -> int:
    for index, doc in enumerate(docs):
        if doc["id"] == id:
            return index
    raise no_such("object", id, param)


def _created(doc: Doc, wanted: Any) -> bool:
    if wanted is None:
        return True
    created = int(doc["created"] if "created" in doc else doc.get("date", 0))
    if isinstance(wanted, int):
        return bool(created == wanted)
    return all(_COMPARE[name](created, int(value)) for name, value in wanted.items())
