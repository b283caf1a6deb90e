"""Moments as `scheduled_at` takes them: ISO 8601, or simple words such as `in 5 min`."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.resend.errors import invalid

_WORDS = re.compile(r"^in (\d{1,4}) (sec|second|min|minute|hour|day|week)s?$")
_UNITS = {"sec": 1, "second": 1, "min": 60, "minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400}


def parse_moment(value: Any, now: datetime) -> datetime:
    words = _WORDS.match(str(value).strip().lower())
    if words:
        return now + timedelta(seconds=int(words.group(1)) * _UNITS[words.group(2)])
    try:
        moment = datetime.fromisoformat(str(value).strip())
    except ValueError:
        raise invalid("The `scheduled_at` field must be a date in ISO 8601 or words such as `in 1 hour`.") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment <= now:
        raise invalid("The `scheduled_at` field must be in the future.")
    return moment
