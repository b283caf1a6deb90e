"""Counting. Who visits is a seal that changes each night and is forgotten after it; nothing else of them is kept."""

import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import date, timedelta
from hashlib import sha256

from programs.creator.runtime.aws import client
from programs.creator.runtime.documents import Unmet, change, every, write
from programs.creator.runtime.errors import invalid
from programs.creator.runtime.fields import day, form, one_of, text, whole
from programs.creator.runtime.http import Answer, Request, Routes
from programs.creator.runtime.moments import DAY, iso, now, today
from programs.creator.runtime.once import first
from programs.creator.runtime.secrets import value
from programs.creator.runtime.settings import text as setting

handle = Routes()
TABLE = "analytics-daily"
MOST = 2048
PAGES = 500
LONGEST = 92  # days of one summary
KINDS = ("pageview", "play", "click")
VISIT = form(
    type=one_of(*KINDS), path=text(1, 200, r"/[^\s?#]*"),
    optional={"ref": text(0, 100, r"[A-Za-z0-9.-]*"), "w": whole(0, 20_000)},
)  # fmt: skip


@handle.add("POST /analytics/collect")
def collect(request: Request) -> Answer:
    if len(request.raw) > MOST:
        raise invalid("", "the body is too large")
    visit = request.form(VISIT)
    if _objects(request) or secrets.randbelow(10_000) >= float(setting("SAMPLE")) * 10_000:
        return Answer(204)
    _count(visit["type"])
    if visit["type"] == "pageview":
        _count_page(visit["path"])
        if _is_new(request):
            _count("visitors")
    record = json.dumps({**visit, "at": iso()}) + "\n"
    client("firehose").put_record(DeliveryStreamName=setting("FIREHOSE"), Record={"Data": record.encode()})
    return Answer(204)


@handle.add("GET /analytics/summary")
def summary(request: Request) -> Answer:
    _ = request.admin
    last = day("to", request.query.get("to", today()))
    week = (date.fromisoformat(last) - timedelta(days=6)).isoformat()
    days, paths = _days(day("from", request.query.get("from", week)), last), dict[str, int]()
    series = []
    for each in days:
        found = {row["metric"]: row["v"] for row in every(TABLE, "#day = :day", {"day": each})}
        series.append({"day": each, **{name: found.get(name, 0) for name in (*KINDS, "visitors")}})
        for metric, count in found.items():
            if metric.startswith("path#"):
                paths[metric[5:]] = paths.get(metric[5:], 0) + count
    most = sorted(paths.items(), key=lambda pair: (-pair[1], pair[0]))[:50]
    return Answer(200, {"days": series, "paths": [{"path": path, "views": views} for path, views in most]})


def _objects(request: Request) -> bool:
    return "1" in {request.header("dnt"), request.header("sec-gpc")}


def _is_new(request: Request) -> bool:
    """Today: the day is part of the seal, so tomorrow nobody is known again."""
    who = f"visitor\0{today()}\0{request.ip}\0{request.header('user-agent')}".encode()
    seal = hmac.new(value("app", "pepper").encode(), who, sha256).hexdigest()[:32]
    return first(f"visitor#{seal}", kind="visitor", seconds=DAY)


def _count(metric: str) -> None:
    _counted(metric, when="")


def _count_page(path: str) -> None:
    """Of so many pages a day: anybody may name a page, and should not fill the table with it."""
    if _counted(f"path#{path}", when="attribute_exists(#metric)"):
        return
    if _counted("paths", when="attribute_not_exists(#v) OR #v < :most", values={"most": PAGES}):
        _count(f"path#{path}")


def _counted(metric: str, *, when: str, values: Mapping[str, int] | None = None) -> bool:
    kept = {"ttl": now() + int(setting("ANALYTICS_DAYS")) * DAY}
    key = {"day": today(), "metric": metric}
    try:
        write(change(TABLE, key, add={"v": 1}, set=kept, when=when, values=values))
    except Unmet:
        return False
    return True


def _days(start: str, end: str) -> list[str]:
    begin = date.fromisoformat(start)
    count = (date.fromisoformat(end) - begin).days + 1
    if not 1 <= count <= LONGEST:
        raise invalid("from", f"1 to {LONGEST} days are expected")
    return [(begin + timedelta(days=number)).isoformat() for number in range(count)]
