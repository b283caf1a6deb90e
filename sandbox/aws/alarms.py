"""CloudWatch alarms over several metrics: the backend keeps the name of one metric only."""

import json
from typing import Any

from sandbox.aws.cloud import Cloud

OF_ONE_METRIC = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Unit", "Dimensions")


def install(cloud: Cloud) -> None:
    watch = cloud.backend.module("cloudwatch")
    put = watch._put_metric_alarm

    def putting(params: dict[str, Any], document: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Any:
        if "Metrics.member.1.Id" in params:  # form-encoded, as no client of ours speaks
            message = "Metrics are read from the protocols that send documents, not from the query protocol."
            return watch._error("InvalidParameterValue", message, 400, use_json=False, use_cbor=False)
        answer = put(params, document, is_cbor, is_json)
        queries = document.get("Metrics")
        if answer[0] < 400 and queries:
            _describe(watch._alarms[document["AlarmName"]], queries)
        return answer

    watch._put_metric_alarm = putting


def _describe(alarm: dict[str, Any], queries: list[dict[str, Any]]) -> None:
    """As AWS describes such an alarm: nothing of a single metric, and what each query returns by default."""
    for name in OF_ONE_METRIC:
        alarm.pop(name, None)
    alarm["Metrics"] = [{"ReturnData": True, **query} for query in json.loads(json.dumps(queries))]
