"""CloudWatch alarms and dashboards."""

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.resource import aws
from sandbox.plugins.aws.tags import Tagging
from sandbox.plugins.failures import Missing
from sandbox.plugins.schema import Call, flag, json_text, mapping, number, obj, some, text
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import decode, encode, pascal

_TAGS = Tagging(target="ResourceARN")
_METRIC = {
    "metricName": text(required=True),
    "namespace": text(),
    "period": number(required=True),
    "stat": text(required=True),
    "unit": text(),
    "dimensions": mapping(text()),
}
_QUERY = {
    "id": text(required=True),
    "accountId": text(),
    "expression": text(),
    "label": text(),
    "metric": obj(_METRIC),
    "period": number(),
    "returnData": flag(default=False),
}
_PLAIN = {
    "actionsEnabled": flag(default=True),
    "alarmDescription": text(),
    "alarmActions": some(text()),
    "okActions": some(text(), wire="OKActions"),
    "insufficientDataActions": some(text()),
    "comparisonOperator": text(),
    "datapointsToAlarm": number(),
    "evaluateLowSampleCountPercentiles": text(computed=True, wire="EvaluateLowSampleCountPercentile"),
    "evaluationPeriods": number(),
    "extendedStatistic": text(),
    "metricName": text(),
    "namespace": text(),
    "period": number(),
    "statistic": text(),
    "threshold": number(),
    "thresholdMetricId": text(),
    "treatMissingData": text(default="missing"),
    "unit": text(),
}
_FIELDS = {
    "name": text(autoname=True, replaces=True),
    **_PLAIN,
    "dimensions": mapping(text()),
    "metricQueries": some(obj(_QUERY)),
}


def _pairs(dimensions: Doc) -> list[Doc]:
    return [{"Name": name, "Value": value} for name, value in dimensions.items()]


def _named(pairs: list[Doc]) -> Doc:
    return {pair["Name"]: pair["Value"] for pair in pairs}


def _sent_query(query: Doc) -> Doc:
    metric = query.get("metric")
    found = encode({key: prop for key, prop in _QUERY.items() if key != "metric"}, query, pascal)
    if metric:
        about = {"Namespace": metric.get("namespace"), "MetricName": metric["metricName"]}
        statistic = {"Period": int(metric["period"]), "Stat": metric["stat"], "Unit": metric.get("unit")}
        inner = {**_present(about), "Dimensions": _pairs(metric.get("dimensions") or {})}
        found["MetricStat"] = {"Metric": inner, **_present(statistic)}
    return found


def _received_query(query: Doc) -> Doc:
    found = decode({key: prop for key, prop in _QUERY.items() if key != "metric"}, query, pascal)
    statistic = query.get("MetricStat")
    if statistic:
        metric = statistic["Metric"]
        flat = {**statistic, **metric, "Dimensions": _named(metric.get("Dimensions") or []) or None}
        found["metric"] = decode(_METRIC, flat, pascal)
    return found


def _present(doc: Doc) -> Doc:
    return {key: value for key, value in doc.items() if value is not None}


def _put_alarm(client: Client, call: Call) -> None:
    wanted = {"AlarmName": call.inputs["name"], **encode(_PLAIN, call.inputs, pascal)}
    if call.inputs.get("dimensions"):
        wanted["Dimensions"] = _pairs(call.inputs["dimensions"])
    if call.inputs.get("metricQueries"):
        wanted["Metrics"] = [_sent_query(query) for query in call.inputs["metricQueries"]]
    tags = {} if call.id else _TAGS.new(call)
    client.put_metric_alarm(**wanted, **tags)


def _read_alarm(client: Client, call: Call) -> Doc | None:
    found = client.describe_alarms(AlarmNames=[call.id]).get("MetricAlarms") or []
    if not found:
        return None
    alarm = found[0]
    return {
        "name": alarm["AlarmName"],
        "arn": alarm["AlarmArn"],
        **decode(_PLAIN, alarm, pascal),
        "dimensions": _named(alarm.get("Dimensions") or []) or None,
        "metricQueries": [_received_query(query) for query in alarm.get("Metrics") or []] or None,
    }


def _delete_alarm(client: Client, call: Call) -> None:
    client.delete_alarms(AlarmNames=[call.id])


def _put_dashboard(client: Client, call: Call) -> None:
    client.put_dashboard(DashboardName=call.inputs["dashboardName"], DashboardBody=call.inputs["dashboardBody"])


def _read_dashboard(client: Client, call: Call) -> Doc:
    found = client.get_dashboard(DashboardName=call.id)
    if not found.get("DashboardBody"):
        raise Missing(f"AWS: no dashboard named {call.id}")
    return {"dashboardName": call.id, "dashboardArn": found["DashboardArn"], "dashboardBody": found["DashboardBody"]}


def _delete_dashboard(client: Client, call: Call) -> None:
    client.delete_dashboards(DashboardNames=[call.id])


RESOURCES = (
    aws(
        "cloudwatch/metricAlarm:MetricAlarm",
        "cloudwatch",
        _FIELDS,
        outputs=("arn",),
        natural=("name",),
        identity=lambda doc: str(doc["name"]),
        tagging=_TAGS,
        create=_put_alarm,
        read=_read_alarm,
        update=_put_alarm,
        delete=_delete_alarm,
    ),
    aws(
        "cloudwatch/dashboard:Dashboard",
        "cloudwatch",
        {"dashboardName": text(required=True, replaces=True), "dashboardBody": json_text(required=True)},
        outputs=("dashboardArn",),
        natural=("dashboardName",),
        identity=lambda doc: str(doc["dashboardName"]),
        create=_put_dashboard,
        read=_read_dashboard,
        update=_put_dashboard,
        delete=_delete_dashboard,
    ),
)
