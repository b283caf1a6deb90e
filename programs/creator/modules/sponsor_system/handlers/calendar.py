"""Whose a place is on a day. A place has one item for each month, with an attribute for each day that is taken:
a booking of a year touches thirteen of them, and two bookings of the same day meet in one."""

from collections import defaultdict
from datetime import date, timedelta

from programs.creator.runtime.documents import Write, change

TABLE = "sponsors"


def days(first: str, last: str) -> list[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [start + timedelta(days=number) for number in range((end - start).days + 1)]


def take(slot: str, first: str, last: str, sponsor_id: str) -> list[Write]:
    found = _months(slot, first, last).items()
    free = "attribute_not_exists(#{})"
    return [
        change(TABLE, {"sponsorId": month}, set=dict.fromkeys(names, sponsor_id), when=_all(names, free))
        for month, names in found
    ]


def give_back(slot: str, first: str, last: str, sponsor_id: str) -> list[Write]:
    own = {"own": sponsor_id}
    return [
        change(TABLE, {"sponsorId": month}, remove=tuple(names), when=_all(names, "#{} = :own"), values=own)
        for month, names in _months(slot, first, last).items()
    ]  # fmt: skip


def _months(slot: str, first: str, last: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for day in days(first, last):
        found[f"slot#{slot}#{day:%Y-%m}"].append(f"d{day.day}")
    return found


def _all(names: list[str], condition: str) -> str:
    return " AND ".join(condition.format(name) for name in names)
