"""How many accounts stood ready on each of the last days, against how many are wanted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sql
from sqlmodel import Session, col, or_

from controlplane.accounts.models import Account
from controlplane.web.language import ZONE
from controlplane.web.plots import WIDTH, Column

DAYS = 30
HEIGHT = 120.0


@dataclass(frozen=True)
class Day:
    day: date
    ready: int
    made: int


@dataclass(frozen=True)
class Plot:
    columns: tuple[Column, ...]
    width: float
    target: float  # where the line is


def history(session: Session, now: datetime) -> list[Day]:
    today = now.astimezone(ZONE).date()
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    start = datetime.combine(days[0], time.min, ZONE)
    columns = (Account.ready_at, Account.claimed_at, Account.closed_at, Account.created_there_at)
    query = sql.select(*columns).where(  # type: ignore[call-overload]
        or_(col(Account.claimed_at).is_(None), col(Account.claimed_at) >= start),
        or_(col(Account.ready_at).is_not(None), col(Account.created_there_at) >= start),
    )
    rows = session.execute(query).all()
    return [_day(day, rows) for day in days]


def _day(day: date, rows: Sequence[Any]) -> Day:
    end = datetime.combine(day + timedelta(days=1), time.min, ZONE)
    ready = [row for row in rows if _before(row.ready_at, end)]
    gone = [row for row in ready if _before(row.claimed_at, end) or _before(row.closed_at, end)]
    made = [row for row in rows if row.created_there_at and row.created_there_at.astimezone(ZONE).date() == day]
    return Day(day, len(ready) - len(gone), len(made))


def _before(at: datetime | None, end: datetime) -> bool:
    return at is not None and at < end


def plot(days: list[Day], target: int) -> Plot:
    """From zero, on one scale with what is wanted."""
    most, step = max([target, *(one.ready for one in days)]) or 1, WIDTH / len(days)
    columns = (
        Column(f"{one.day.day}.", round(n * step, 1), round(HEIGHT * (1 - one.ready / most), 1),
               round(HEIGHT * one.ready / most, 1))
        for n, one in enumerate(days)
    )  # fmt: skip
    return Plot(tuple(columns), round(step - 4, 1), round(HEIGHT * (1 - target / most), 1))
