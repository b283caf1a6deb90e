"""Cost anomalies: what is watched, and who is told."""

import json

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.resource import aws
from sandbox.plugins.aws.tags import Tagging
from sandbox.plugins.schema import Call, Property, json_text, many, obj, some, text
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import decode, encode, pascal

_HOME = "us-east-1"
_TAGS = Tagging(target="ResourceArn", tags="ResourceTags", keys="ResourceTagKeys", answer="ResourceTags")
_MONITOR = {
    "name": text(autoname=True, wire="MonitorName"),
    "monitorType": text(required=True, choices=("DIMENSIONAL", "CUSTOM"), replaces=True),
    "monitorDimension": text(replaces=True),
}


def _create_monitor(client: Client, call: Call) -> None:
    monitor = encode(_MONITOR, call.inputs, pascal)
    if call.inputs.get("monitorSpecification"):
        monitor["MonitorSpecification"] = json.loads(call.inputs["monitorSpecification"])
    call.id = client.create_anomaly_monitor(AnomalyMonitor=monitor, **_TAGS.new(call))["MonitorArn"]


def _read_monitor(client: Client, call: Call) -> Doc | None:
    found = next(iter(client.get_anomaly_monitors(MonitorArnList=[call.id]).get("AnomalyMonitors") or []), None)
    if found is None:
        return None
    specification = found.get("MonitorSpecification")
    known = call.known("monitorSpecification")
    return {
        "arn": found["MonitorArn"],
        **decode(_MONITOR, found, pascal),
        "monitorSpecification": _spelt(known, specification) if specification else None,
    }


def _spelt(known: str | None, actual: Doc) -> str:
    return known if known and json.loads(known) == actual else json.dumps(actual, sort_keys=True)


def _update_monitor(client: Client, call: Call) -> None:
    if call.differs("name"):
        client.update_anomaly_monitor(MonitorArn=call.id, MonitorName=call.inputs["name"])


def _delete_monitor(client: Client, call: Call) -> None:
    client.delete_anomaly_monitor(MonitorArn=call.id)


_VALUES = {"key": text(), "matchOptions": some(text()), "values": some(text())}
_LEAF: dict[str, Property] = {
    "dimension": obj(_VALUES, wire="Dimensions"),
    "costCategory": obj(_VALUES, wire="CostCategories"),
    "tags": obj(_VALUES),
}
_THRESHOLD = {
    **_LEAF,
    "ands": some(obj(_LEAF), wire="And"),
    "ors": some(obj(_LEAF), wire="Or"),
    "not": obj(_LEAF, wire="Not"),
}
_SUBSCRIPTION = {
    "name": text(autoname=True, wire="SubscriptionName", replaces=True),
    "frequency": text(required=True, choices=("DAILY", "IMMEDIATE", "WEEKLY")),
    "monitorArnLists": many(text(), required=True, wire="MonitorArnList"),
    "subscribers": some(obj({"address": text(required=True), "type": text(required=True)}), required=True),
    "thresholdExpression": obj(_THRESHOLD, computed=True),
    "accountId": text(computed=True, replaces=True),
}


def _create_subscription(client: Client, call: Call) -> None:
    wanted = encode({key: prop for key, prop in _SUBSCRIPTION.items() if key != "accountId"}, call.inputs, pascal)
    call.id = client.create_anomaly_subscription(AnomalySubscription=wanted, **_TAGS.new(call))["SubscriptionArn"]


def _read_subscription(client: Client, call: Call) -> Doc | None:
    listed = client.get_anomaly_subscriptions(SubscriptionArnList=[call.id])
    found = next(iter(listed.get("AnomalySubscriptions") or []), None)
    return {"arn": found["SubscriptionArn"], **decode(_SUBSCRIPTION, found, pascal)} if found else None


def _update_subscription(client: Client, call: Call) -> None:
    changeable = ("frequency", "monitorArnLists", "subscribers", "thresholdExpression")
    if call.differs(*changeable):
        wanted = encode({key: _SUBSCRIPTION[key] for key in changeable}, call.inputs, pascal)
        client.update_anomaly_subscription(SubscriptionArn=call.id, **wanted)


def _delete_subscription(client: Client, call: Call) -> None:
    client.delete_anomaly_subscription(SubscriptionArn=call.id)


RESOURCES = (
    aws(
        "costexplorer/anomalyMonitor:AnomalyMonitor",
        "ce",
        {**_MONITOR, "monitorSpecification": json_text(replaces=True)},
        region=_HOME,
        outputs=("arn",),
        tagging=_TAGS,
        create=_create_monitor,
        read=_read_monitor,
        update=_update_monitor,
        delete=_delete_monitor,
    ),
    aws(
        "costexplorer/anomalySubscription:AnomalySubscription",
        "ce",
        _SUBSCRIPTION,
        region=_HOME,
        outputs=("arn",),
        tagging=_TAGS,
        create=_create_subscription,
        read=_read_subscription,
        update=_update_subscription,
        delete=_delete_subscription,
    ),
)
