"""Cost Explorer, asked once for all accounts: each request costs a cent, and what it tells lags by a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from controlplane.vendors.aws import Caller

HOME = "us-east-1"
GROUPS = [{"Type": "DIMENSION", "Key": key} for key in ("LINKED_ACCOUNT", "SERVICE")]


@dataclass(frozen=True)
class Cost:
    account_id: str
    month: str  # 2026-11
    service: str
    dollars: float


def costs(management: Caller, *, start: date, end: date) -> Iterator[Cost]:
    """By month, account and service; `end` is not counted."""
    asked = {"TimePeriod": {"Start": start.isoformat(), "End": end.isoformat()}, "Granularity": "MONTHLY"}
    more: dict[str, str] = {}
    while True:
        found = management.call(
            "ce", "get_cost_and_usage", region=HOME, Metrics=["UnblendedCost"], GroupBy=GROUPS, **asked, **more
        )
        for period in found["ResultsByTime"]:
            for group in period["Groups"]:
                account, service = group["Keys"]
                amount = float(group["Metrics"]["UnblendedCost"]["Amount"])
                yield Cost(account, period["TimePeriod"]["Start"][:7], service, amount)
        if not found.get("NextPageToken"):
            return
        more = {"NextPageToken": found["NextPageToken"]}
