"""Tables to take along, as files that table programs open."""

import csv
import io
from collections.abc import Iterable, Sequence

from fastapi import Request, Response

from controlplane.api import downloads

KIND = "text/csv"
MARK = "\ufeff"  # without it table programs take the letters for those of another alphabet
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # a table program would run what begins like this


def wanted(request: Request) -> bool:
    return request.query_params.get("format") == "csv"


def answer(rows: Iterable[Sequence[object]], *, name: str) -> Response:
    return Response(MARK + written(rows), media_type=KIND, headers=downloads.named(f"{name}.csv"))


def written(rows: Iterable[Sequence[object]]) -> str:
    page = io.StringIO()
    csv.writer(page).writerows([plain(cell) for cell in row] for row in rows)
    return page.getvalue()


def plain(cell: object) -> str:
    """Text stays text, whatever a customer called themselves."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text
