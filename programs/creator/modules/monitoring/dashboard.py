"""The one dashboard of an account, as the text that CloudWatch wants."""

import json
from collections.abc import Iterable
from typing import Any

WIDE, HIGH = 12, 6
THROTTLED = ("ReadThrottleEvents", "WriteThrottleEvents")


THERE = {"region": "us-east-1"}  # where CloudFront and the bill are measured
QUARTER_DAY = 21_600  # a bill is told no oftener
MAIL = ("Send", "Bounce", "Complaint")

Metric = list[Any]  # as CloudWatch writes one: words, and perhaps a map of what is different for it
Graph = tuple[str, list[Metric], str]
# What only some platforms have, by the module that brings it.
OF_MODULES: dict[str, Graph] = {
    "ivs-streaming": ("Stream", [["AWS/IVS", "ConcurrentViews"], ["AWS/IVS", "ConcurrentStreams"]], "Maximum"),
    "ivs-chat": ("Chat", [["AWS/IVSChat", "ConcurrentChatConnections"], ["AWS/IVSChat", "MessagesDelivered"]], "Sum"),
    "newsletter": (
        "Mail",
        [
            ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "creator-news-failed", {"stat": "Maximum"}],
            *(["AWS/SES", name] for name in MAIL),
        ],
        "Sum",
    ),
}


def body(region: str, *, api: str, site: str, functions: list[str], tables: list[str], modules: Iterable[str]) -> str:
    gateway: Metric = ["AWS/ApiGateway", "Count", "ApiId", api]
    graphs: list[Graph] = [
        ("API", [gateway, [gateway[0], "4xx", *gateway[2:]], [gateway[0], "5xx", *gateway[2:]]], "Sum"),
        ("API latency", [[gateway[0], "Latency", *gateway[2:]]], "p95"),
        ("Function errors", [["AWS/Lambda", "Errors", "FunctionName", name] for name in functions], "Sum"),
        ("Function duration", [["AWS/Lambda", "Duration", "FunctionName", name] for name in functions], "p95"),
        ("Reads", [_table("ConsumedReadCapacityUnits", name) for name in tables], "Sum"),
        ("Writes", [_table("ConsumedWriteCapacityUnits", name) for name in tables], "Sum"),
        ("Refused by tables", [_table(metric, name) for name in tables for metric in THROTTLED], "Sum"),
    ]
    graphs += [OF_MODULES[name] for name in modules if name in OF_MODULES]
    graphs += _worldwide(site)
    widgets = [_widget(region, at, *graph) for at, graph in enumerate(graphs)]
    return json.dumps({"widgets": widgets}, separators=(",", ":"))


def _worldwide(site: str) -> list[Graph]:
    of_site: Metric = ["DistributionId", site, "Region", "Global"]
    served: list[Metric] = [["AWS/CloudFront", name, *of_site, THERE] for name in ("Requests", "BytesDownloaded")]
    failed: Metric = ["AWS/CloudFront", "5xxErrorRate", *of_site, {**THERE, "stat": "Average"}]
    bill: Metric = ["AWS/Billing", "EstimatedCharges", "Currency", "USD", {**THERE, "period": QUARTER_DAY}]
    return [("Site", [*served, failed], "Sum"), ("Cost of this month", [bill], "Maximum")]


def _widget(region: str, at: int, title: str, metrics: list[Metric], stat: str) -> dict[str, Any]:
    place = {"x": at % 2 * WIDE, "y": at // 2 * HIGH, "width": WIDE, "height": HIGH}
    shown = {"region": region, "title": title, "metrics": metrics, "stat": stat, "period": 300, "view": "timeSeries"}
    return {"type": "metric", **place, "properties": shown}


def _table(metric: str, name: str) -> Metric:
    return ["AWS/DynamoDB", metric, "TableName", name]
