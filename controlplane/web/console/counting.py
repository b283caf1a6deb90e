"""How many there are, as far as it matters: nobody waits until a hundred thousand rows are counted."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

ENOUGH = 1_000


@dataclass(frozen=True)
class Count:
    found: int

    @property
    def shown(self) -> int:
        return min(self.found, ENOUGH)

    @property
    def is_more(self) -> bool:
        return self.found > ENOUGH


def capped(query: Any) -> Any:
    """One value for a statement: how many rows, and one more than enough at most."""
    some = query.order_by(None).limit(ENOUGH + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()
