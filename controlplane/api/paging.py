"""Pages by cursor: stable while rows are added, and as fast at the end as at the start."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel
from sqlmodel import Session, col

from controlplane.core.errors import Invalid

T = TypeVar("T")
LARGEST = 100


class Named(Protocol):
    """Whatever has an id of ours."""

    id: str


R = TypeVar("R", bound=Named)


class Page(BaseModel):
    items: list[dict[str, Any]]
    next: str | None = None


class Cursor(BaseModel):
    after: str = ""
    limit: int = 20

    @property
    def number(self) -> int:
        """Of lists whose rows are counted."""
        if not (self.after.isascii() and self.after.isdecimal() and len(self.after) <= 18):
            raise Invalid("This cursor is not one of ours.", code="bad_cursor")
        return int(self.after)


async def _cursor(
    cursor: Annotated[str, Query(max_length=200, description="`next` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=LARGEST)] = 20,
) -> Cursor:
    try:
        after = base64.urlsafe_b64decode(cursor.encode() + b"==").decode() if cursor else ""
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise Invalid("This cursor is not one of ours.", code="bad_cursor") from error
    return Cursor(after=after, limit=limit)


CursorDep = Annotated[Cursor, Depends(_cursor)]


def page(rows: Sequence[T], cursor: Cursor, *, key: Callable[[T], str], show: Callable[[T], dict[str, Any]]) -> Page:
    """`rows` were read with one more than the limit: that one says whether there is a next page."""
    shown = rows[: cursor.limit]
    more = len(rows) > cursor.limit
    return Page(items=[show(row) for row in shown], next=_encode(key(shown[-1])) if more else None)


def newest(session: Session, query: Any, row: type[R], cursor: Cursor, show: Callable[[R], dict[str, Any]]) -> Page:
    """What the query finds, the newest first; ids rise with time."""
    if cursor.after:
        query = query.where(col(row.id) < cursor.after)
    found = session.exec(query.order_by(col(row.id).desc()).limit(cursor.limit + 1)).all()
    return page(found, cursor, key=lambda one: one.id, show=show)


def _encode(after: str) -> str:
    return base64.urlsafe_b64encode(after.encode()).decode().rstrip("=")
