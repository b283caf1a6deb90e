"""What a creator platform costs the cloud vendor each month, per service: a pure function of usage and price book."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

from controlplane.billing.catalog import rounded

FILE = Path(__file__).with_name("pricebook.toml")
Resolution = Literal["sd", "hd", "fhd"]
Dollars = float


@dataclass(frozen=True)
class ExpectedUsage:
    """The four questions a buyer can answer."""

    stream_hours: int = 0
    viewers: int = 0  # on average, at the same time
    resolution: Resolution = "hd"
    page_views: int = 0


@cache
def price_book() -> Mapping[str, Any]:
    return tomllib.loads(FILE.read_text())


def estimate(usage: ExpectedUsage, *, tier: str, modules: frozenset[str], book: Mapping[str, Any]) -> dict[str, Any]:
    """Rows in minor units with their sources; nothing free is assumed."""
    costs = {**_serving(usage, tier, book), **_data(usage, tier, book), **_fixed(tier, book)}
    if "ivs-streaming" in modules:
        costs |= _streaming(usage, tier, book)
        if "ivs-chat" in modules:
            costs["chat"] = _chat(usage, book)
    rows: list[dict[str, Any]] = [
        {"service": service, "amount": rounded(Decimal(str(amount)) * 100), **_origin(book[part])}
        for service, (amount, part) in costs.items()
    ]
    total = sum(row["amount"] for row in rows)
    about = {"currency": book["currency"], "price_book": book["version"], "date": book["date"]}
    return {**about, "note": book["free_tier"], "rows": rows, "total": total, "usage": vars(usage)}


def _origin(part: Mapping[str, Any]) -> dict[str, str]:
    return {"source": part["source"], "date": part["date"]}


Costs = dict[str, tuple[Dollars, str]]  # service → (amount, part of the price book it comes from)


def _streaming(usage: ExpectedUsage, tier: str, book: Mapping[str, Any]) -> Costs:
    ivs, storage = book["ivs"], book["storage"]
    watched = usage.stream_hours * usage.viewers
    live = usage.stream_hours * ivs["input_hour"][tier] + watched * ivs["output_hour"][usage.resolution]
    kept = usage.stream_hours * storage["recording_gb_hour"][usage.resolution]
    return {"streaming": (live, "ivs"), "recordings": (kept * storage["gigabyte"], "storage")}


def _chat(usage: ExpectedUsage, book: Mapping[str, Any]) -> tuple[Dollars, str]:
    chat = book["chat"]
    sent = usage.stream_hours * usage.viewers * chat["messages_per_viewer_hour"] / 1e6
    return sent * chat["sent_million"] + sent * usage.viewers * chat["delivered_million"], "chat"


def _serving(usage: ExpectedUsage, tier: str, book: Mapping[str, Any]) -> Costs:
    shape, cdn, functions = book["shape"], book["cloudfront"], book["lambda"]
    gigabytes = usage.page_views * shape["megabytes_per_view"][tier] / 1024
    requests = usage.page_views * shape["requests_per_view"] / 1e6
    calls = usage.page_views * shape["calls_per_view"][tier]
    work = calls * functions["seconds"] * functions["gigabytes"][tier] * functions["gigabyte_second"]
    return {
        "delivery": (gigabytes * cdn["gigabyte"] + requests * cdn["requests_million"], "cloudfront"),
        "functions": (calls / 1e6 * functions["requests_million"] + work, "lambda"),
        "api": (calls / 1e6 * book["api"]["requests_million"], "api"),
    }


def _data(usage: ExpectedUsage, tier: str, book: Mapping[str, Any]) -> Costs:
    shape, table = book["shape"], book["dynamodb"]
    calls = usage.page_views * shape["calls_per_view"][tier]
    work = calls * shape["writes_per_call"][tier] / 1e6 * table["write_million"]
    work += calls * shape["reads_per_call"][tier] / 1e6 * table["read_million"]
    if tier == "large":
        units = shape["provisioned"]
        work = units["writes"] * table["write_unit_month"] + units["reads"] * table["read_unit_month"]
    people = usage.page_views / 1000 * shape["viewers_per_thousand_views"]
    kept = shape["gigabytes"][tier]
    return {
        "database": (work + kept * table["gigabyte"], "dynamodb"),
        "storage": (kept * book["storage"]["gigabyte"], "storage"),
        "accounts": (people * book["cognito"]["user"], "cognito"),
    }


def _fixed(tier: str, book: Mapping[str, Any]) -> Costs:
    fixed = book["fixed"]
    return {
        "monitoring": (fixed["cloudwatch"][tier], "fixed"),
        "dns": (fixed["dns"], "fixed"),
        "keys": (fixed["keys"], "fixed"),
        "notifications": (fixed["notifications"], "fixed"),
    }
