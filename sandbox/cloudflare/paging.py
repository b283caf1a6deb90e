"""Lists by page number."""

from typing import Any

from sandbox.cloudflare.envelope import ApiError, Result
from sandbox.cloudflare.operation import Call


def page_of(call: Call, items: list[Any], *, most: int = 100) -> Result:
    page, size = _number(call, "page", 1, 1, 1_000_000), _number(call, "per_page", 20, 1, most)
    part = items[(page - 1) * size : page * size]
    pages = -(-len(items) // size)
    info = {"page": page, "per_page": size, "count": len(part), "total_count": len(items), "total_pages": pages}
    return Result(part, info=info)


def _number(call: Call, name: str, default: int, least: int, most: int) -> int:
    text = call.query.get(name, str(default))
    if not text.isdigit() or not least <= int(text) <= most:
        raise ApiError(400, 6003, f"Invalid request: {name} must be a number from {least} to {most}")
    return int(text)
