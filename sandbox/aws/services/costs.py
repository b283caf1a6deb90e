"""Cost Explorer: what each member account costs per day and service, with the lag of a day.

Rows that a control route has set are told as they are. For other days an account that exists costs what an idle creator
platform costs, and the hours of its streams by the emulated clock; nothing is invented for days before it was created
or that have not been billed yet.
"""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import MANAGEMENT, Cloud, serves
from sandbox.aws.errors import AwsError
from sandbox.kit.store import Doc

IDLE = {  # US dollars per month of an account in which nobody does anything
    "AmazonCloudWatch": 4.6, "AWS Key Management Service": 1.0, "AWS Secrets Manager": 1.2, "Amazon Route 53": 0.5,
}  # fmt: skip
VIDEO, HOUR = "Amazon Interactive Video Service", 0.20  # of what is sent through a basic channel
ONE = timedelta(hours=1)
LAG = timedelta(days=1)
Row = tuple[date, str, str, float]  # day, account, service, amount


@serves("ce:GetCostAndUsage")
def cost_and_usage(cloud: Cloud, call: Call) -> dict[str, Any]:
    start, end = _period(call)
    groups = call.params.get("GroupBy") or []
    steps = _steps(start, end, call.text("Granularity"))
    rows = [row for row in _rows(cloud, call, start, end) if _passes(call.params.get("Filter"), row)]
    return {
        "GroupDefinitions": groups,
        "ResultsByTime": [_result(call, rows, first, last, groups) for first, last in steps],
    }


def _period(call: Call) -> tuple[date, date]:
    period = call.params.get("TimePeriod") or {}
    try:
        start, end = (date.fromisoformat(str(period[name])[:10]) for name in ("Start", "End"))
    except (KeyError, ValueError):
        raise AwsError("ValidationException", "Start time or end time is not a valid date") from None
    if start >= end:
        raise AwsError("ValidationException", "Start time must be before end time")
    return start, end


def _steps(start: date, end: date, granularity: str) -> list[tuple[date, date]]:
    steps, first = [], start
    while first < end:
        following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        last = min(end, following if granularity == "MONTHLY" else first + timedelta(days=1))
        steps.append((first, last))
        first = last
    return steps


def _rows(cloud: Cloud, call: Call, start: date, end: date) -> list[Row]:
    """The management account sees everybody, a member itself."""
    billed = min(end, (datetime.fromtimestamp(cloud.now(), UTC) - LAG).date() + timedelta(days=1))
    rows: list[Row] = []
    for account in cloud.store.all("account"):
        if account["id"] != MANAGEMENT and call.account in {MANAGEMENT, account["id"]}:
            for offset in range(max(0, (billed - start).days)):
                rows += _day(cloud, account, start + timedelta(days=offset))
    return rows


def _day(cloud: Cloud, account: Doc, day: date) -> list[Row]:
    known = cloud.store.get("cost", f"{account['id']}/{day}")
    if known:
        return [(day, account["id"], service, float(amount)) for service, amount in known["services"].items()]
    joined = datetime.fromtimestamp(account["joined"], UTC).date()
    closed = datetime.fromtimestamp(account["closed"], UTC).date() if "closed" in account else date.max
    if not joined <= day < closed:
        return []
    hours = _streamed(cloud, account["id"], day)
    sent = [(day, account["id"], VIDEO, hours * HOUR)] if hours else []
    return [*((day, account["id"], name, month / 30) for name, month in IDLE.items()), *sent]


def _streamed(cloud: Cloud, account: str, day: date) -> float:
    """Hours in which somebody was live on this day."""
    first = datetime(day.year, day.month, day.day, tzinfo=UTC)
    last, hours = first + timedelta(days=1), 0.0
    now = datetime.fromtimestamp(cloud.now(), UTC)
    for found in cloud.store.all("ivs_session", account=account):
        session = found["body"]
        ended = datetime.fromisoformat(session["endTime"]) if "endTime" in session else now
        hours += max(timedelta(), min(ended, last) - max(datetime.fromisoformat(session["startTime"]), first)) / ONE
    return hours


def _passes(expression: Doc | None, row: Row) -> bool:
    if not expression:
        return True
    if "And" in expression:
        return all(_passes(part, row) for part in expression["And"])
    if "Or" in expression:
        return any(_passes(part, row) for part in expression["Or"])
    if "Not" in expression:
        return not _passes(expression["Not"], row)
    wanted = expression.get("Dimensions") or {}
    return _dimension(str(wanted.get("Key", "")), row) in wanted.get("Values", [])


def _dimension(key: str, row: Row) -> str:
    return {"LINKED_ACCOUNT": row[1], "SERVICE": row[2], "REGION": "eu-central-1"}.get(key, "")


def _result(call: Call, rows: list[Row], first: date, last: date, groups: list[Doc]) -> Doc:
    names = call.params.get("Metrics") or ["UnblendedCost"]
    here = [row for row in rows if first <= row[0] < last]
    found: Doc = {"TimePeriod": {"Start": str(first), "End": str(last)}, "Total": {}, "Groups": [], "Estimated": True}
    if not groups:
        return {**found, "Total": {name: _amount(sum(row[3] for row in here)) for name in names}}
    sums: dict[tuple[str, ...], float] = defaultdict(float)
    for row in here:
        sums[tuple(_dimension(group["Key"], row) for group in groups)] += row[3]
    entries = [
        {"Keys": list(keys), "Metrics": {name: _amount(amount) for name in names}} for keys, amount in sums.items()
    ]
    return {**found, "Groups": entries}


def _amount(amount: float) -> Doc:
    return {"Amount": f"{amount:.10f}", "Unit": "USD"}


@serves("ce:GetCostForecast")
def forecast(cloud: Cloud, call: Call) -> dict[str, Any]:
    """The mean of the last 30 billed days, carried on."""
    start, end = _period(call)
    today = datetime.fromtimestamp(cloud.now(), UTC).date()
    past = [
        row for row in _rows(cloud, call, today - timedelta(days=30), today) if _passes(call.params.get("Filter"), row)
    ]
    days = len({row[0] for row in past})
    if not days:
        raise AwsError("DataUnavailableException", "Insufficient amount of historical data to generate forecast.")
    mean = sum(row[3] for row in past) / days
    steps = [
        {"TimePeriod": {"Start": str(a), "End": str(b)}, "MeanValue": f"{mean * (b - a).days:.10f}"}
        for a, b in _steps(start, end, call.text("Granularity"))
    ]
    return {"Total": _amount(mean * (end - start).days), "ForecastResultsByTime": steps}
