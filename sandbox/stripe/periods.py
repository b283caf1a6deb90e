"""Calendar arithmetic of billing: months keep the day of the anchor where the month has it."""

import calendar
from datetime import UTC, datetime, timedelta

from sandbox.stripe.errors import Doc

_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "year": 12}


def add_months(start: int, months: int) -> int:
    moment = datetime.fromtimestamp(start, UTC)
    years, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + years, month + 1
    day = min(moment.day, calendar.monthrange(year, month)[1])
    return int(moment.replace(year=year, month=month, day=day).timestamp())


def step(anchor: int, recurring: Doc, count: int) -> int:
    """The start of the period that is `count` periods after the anchor."""
    interval, every = recurring["interval"], recurring.get("interval_count", 1) * count
    if interval in _MONTHS:
        return add_months(anchor, _MONTHS[interval] * every)
    moment = datetime.fromtimestamp(anchor, UTC) + timedelta(days=_DAYS[interval] * every)
    return int(moment.timestamp())


def next_end(anchor: int, recurring: Doc, after: int) -> int:
    """The first period boundary later than `after`."""
    count = 1
    while step(anchor, recurring, count) <= after:
        count += 1
    return step(anchor, recurring, count)
