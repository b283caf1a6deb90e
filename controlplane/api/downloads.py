"""Answers that browsers keep as files, and what is too long to be read at once."""

from collections.abc import Iterator
from typing import Any

from controlplane.gateways import Gateways

PIECE = 1_000


def named(file: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{file}"', "cache-control": "no-store"}


def pieces(gateways: Gateways, query: Any, key: Any) -> Iterator[list[Any]]:
    """All rows by their `id`, the newest first, some at a time: nothing is held while a slow reader takes them."""
    more = query.order_by(key.desc()).limit(PIECE)
    while rows := _looked_up(gateways, more):
        yield rows
        more = query.where(key < rows[-1].id).order_by(key.desc()).limit(PIECE)


def _looked_up(gateways: Gateways, query: Any) -> list[Any]:
    with gateways.db.looking() as session:
        return list(session.exec(query).all())
