"""Cost anomaly monitors and subscriptions."""

import uuid
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud, serves
from sandbox.aws.errors import AwsError
from sandbox.aws.services.shelf import Shelf, chosen, iso

MONITORS = Shelf(
    "anomaly_monitor", missing=lambda _: AwsError("UnknownMonitorException", "The monitor does not exist.")
)
SUBSCRIPTIONS = Shelf(
    "anomaly_subscription",
    missing=lambda _: AwsError("UnknownSubscriptionException", "The subscription does not exist."),
)


def _arn(call: Call, kind: str) -> str:
    return f"arn:aws:ce::{call.account}:{kind}/{uuid.uuid4()}"


@serves("ce:CreateAnomalyMonitor")
def create_monitor(cloud: Cloud, call: Call) -> dict[str, Any]:
    arn = _arn(call, "anomalymonitor")
    body = {
        **call.params["AnomalyMonitor"],
        "MonitorArn": arn,
        "CreationDate": iso(cloud.now()),
        "DimensionalValueCount": 0,
    }
    MONITORS.put(cloud, call, arn, body)
    cloud.store.put("anomaly_tags", arn, {"tags": call.params.get("ResourceTags") or []})
    return {"MonitorArn": arn}


@serves("ce:GetAnomalyMonitors")
def get_monitors(cloud: Cloud, call: Call) -> dict[str, Any]:
    wanted = call.params.get("MonitorArnList")
    return {
        "AnomalyMonitors": [MONITORS.get(cloud, call, arn) for arn in wanted] if wanted else MONITORS.all(cloud, call)
    }


@serves("ce:UpdateAnomalyMonitor")
def update_monitor(cloud: Cloud, call: Call) -> dict[str, Any]:
    found = MONITORS.get(cloud, call, call.text("MonitorArn"))
    MONITORS.put(cloud, call, found["MonitorArn"], {**found, **chosen(call, "MonitorName")})
    return {"MonitorArn": found["MonitorArn"]}


@serves("ce:DeleteAnomalyMonitor")
def delete_monitor(cloud: Cloud, call: Call) -> dict[str, Any]:
    MONITORS.delete(cloud, call, call.text("MonitorArn"))
    return {}


@serves("ce:CreateAnomalySubscription")
def create_subscription(cloud: Cloud, call: Call) -> dict[str, Any]:
    body = call.params["AnomalySubscription"]
    for monitor in body["MonitorArnList"]:
        MONITORS.get(cloud, call, monitor)
    arn = _arn(call, "anomalysubscription")
    SUBSCRIPTIONS.put(cloud, call, arn, {**body, "SubscriptionArn": arn, "AccountId": call.account})
    cloud.store.put("anomaly_tags", arn, {"tags": call.params.get("ResourceTags") or []})
    return {"SubscriptionArn": arn}


@serves("ce:GetAnomalySubscriptions")
def get_subscriptions(cloud: Cloud, call: Call) -> dict[str, Any]:
    wanted = call.params.get("SubscriptionArnList")
    found = [SUBSCRIPTIONS.get(cloud, call, arn) for arn in wanted] if wanted else SUBSCRIPTIONS.all(cloud, call)
    return {"AnomalySubscriptions": found}


@serves("ce:UpdateAnomalySubscription")
def update_subscription(cloud: Cloud, call: Call) -> dict[str, Any]:
    found = SUBSCRIPTIONS.get(cloud, call, call.text("SubscriptionArn"))
    fields = ("Threshold", "Frequency", "MonitorArnList", "Subscribers", "SubscriptionName", "ThresholdExpression")
    SUBSCRIPTIONS.put(cloud, call, found["SubscriptionArn"], {**found, **chosen(call, *fields)})
    return {"SubscriptionArn": found["SubscriptionArn"]}


@serves("ce:DeleteAnomalySubscription")
def delete_subscription(cloud: Cloud, call: Call) -> dict[str, Any]:
    SUBSCRIPTIONS.delete(cloud, call, call.text("SubscriptionArn"))
    return {}


@serves("ce:GetAnomalies")
def anomalies(cloud: Cloud, call: Call) -> dict[str, Any]:
    """Those that a control route has put there."""
    wanted = call.text("MonitorArn")
    return {"Anomalies": [doc for doc in cloud.store.all("anomaly") if not wanted or doc["MonitorArn"] == wanted]}


def _tags(cloud: Cloud, call: Call) -> list[dict[str, str]]:
    found = cloud.store.get("anomaly_tags", call.text("ResourceArn"))
    if found is None or f":{call.account}:" not in call.text("ResourceArn"):
        raise AwsError("ResourceNotFoundException", "The resource does not exist.")
    return list(found["tags"])


@serves("ce:ListTagsForResource")
def tags(cloud: Cloud, call: Call) -> dict[str, Any]:
    return {"ResourceTags": _tags(cloud, call)}


@serves("ce:TagResource", "ce:UntagResource")
def tag(cloud: Cloud, call: Call) -> dict[str, Any]:
    new, gone = call.params.get("ResourceTags") or [], call.params.get("ResourceTagKeys") or []
    replaced = {tag["Key"] for tag in new} | set(gone)
    kept = [tag for tag in _tags(cloud, call) if tag["Key"] not in replaced]
    cloud.store.put("anomaly_tags", call.text("ResourceArn"), {"tags": kept + new})
    return {}
