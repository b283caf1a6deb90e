"""Time as the tables keep it."""

import time
from datetime import UTC, datetime

DAY = 86_400


def now() -> int:
    return int(time.time())


def iso() -> str:
    """To the millisecond: what is sorted by it stays in order."""
    return ago(0)


def ago(seconds: float) -> str:
    return datetime.fromtimestamp(time.time() - seconds, UTC).isoformat(timespec="milliseconds")


def today() -> str:
    return iso()[:10]


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())
