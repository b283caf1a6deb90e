"""Health, alarms of the API and the functions, a dashboard, and who is told."""

import json
from itertools import product
from typing import Any

import pulumi
import pulumi_aws as aws

from programs.base import Outputs
from programs.creator.account import Account
from programs.creator.components.alarm import alarm
from programs.creator.components.function import function
from programs.creator.modules.monitoring.dashboard import THROTTLED, body
from programs.creator.modules.monitoring.plan import HEALTH
from programs.creator.modules.monitoring.spec import Spec

GIGABYTE, DAYS = 1_000_000_000, 5  # the traffic of a month, delivered in so few days, is an attack or a hit
TRAFFIC = ("BytesDownloaded", "Sum", 86_400)
WATCHED = 5  # tables by one alarm: it may reckon with ten metrics
ROOT_LOGIN = {
    "source": ["aws.signin"],
    "detail-type": ["AWS Console Sign In via CloudTrail"],
    "detail": {"userIdentity": {"type": ["Root"]}},
}


class Monitoring(pulumi.ComponentResource):
    def __init__(self, account: Account, spec: Spec) -> None:
        options = pulumi.ResourceOptions(provider=account.provider)
        super().__init__("creator:aws:Monitoring", "monitoring", None, options)
        account.facts |= {
            "VERSION": account.spec.runtime_version,
            "MODULES": " ".join(sorted(account.spec.modules)),
            "ALL_TABLES": " ".join(account.tables()),
            "ALL_SECRETS": pulumi.Output.concat(account.arns["secret_app"], " ", account.arns["secret_mail"]),
        }
        function(account, self, HEALTH)
        for email in spec.alarm_emails:
            aws.sns.TopicSubscription(
                email, topic=account.arns["topic"], protocol="email", endpoint=email, opts=account.options(self)
            )
        self._alarms(account)
        self._root(account)
        dashboard = self._dashboard(account)
        self.exports: Outputs = {"topic_arn": account.arns["topic"], "dashboard": dashboard.dashboard_name}
        self.register_outputs({})

    def _alarms(self, account: Account) -> None:
        assert account.api is not None
        dimensions = {"ApiId": account.api.id}
        slow: dict[str, Any] = {"namespace": "AWS/ApiGateway", "metric_name": "Latency", "dimensions": dimensions}
        self._alarm(account, "api-slow", threshold=2000, periods=3, extended_statistic="p95", period=300, **slow)
        throttled: dict[str, Any] = {"namespace": "AWS/Lambda", "metric_name": "Throttles", "statistic": "Sum"}
        self._alarm(account, "functions-throttled", threshold=1, periods=1, period=300, **throttled)
        self._alarm(account, "api-5xx", threshold=2, periods=3, metric_queries=_share(dimensions))
        self._alarm(account, "site-5xx", threshold=5, periods=3, **_of_site(account, "5xxErrorRate", "Average", 300))
        day = account.spec.limits.traffic * GIGABYTE / DAYS
        self._alarm(account, "site-traffic", threshold=day, periods=1, **_of_site(account, *TRAFFIC))
        tables = account.tables()
        for number, at in enumerate(range(0, len(tables), WATCHED), 1):
            refused = _refused(tables[at : at + WATCHED])
            self._alarm(account, f"tables-throttled-{number}", threshold=10, periods=1, metric_queries=refused)

    def _alarm(self, account: Account, name: str, *, periods: int, **rest: Any) -> None:
        """All of the periods have to be bad."""
        alarm(account, self, name, periods=periods, datapoints_to_alarm=periods, **rest)

    def _root(self, account: Account) -> None:
        """Nobody signs in as root; the events of signing in are in us-east-1."""
        rule = aws.cloudwatch.EventRule(
            "root-login",
            name="creator-root-login",
            event_pattern=json.dumps(ROOT_LOGIN),
            region="us-east-1",
            opts=account.options(self),
        )
        aws.cloudwatch.EventTarget(
            "root-login",
            rule=rule.name,
            arn=account.arns["topic_global"],
            target_id="topic",
            region="us-east-1",
            opts=account.options(self),
        )

    def _dashboard(self, account: Account) -> aws.cloudwatch.Dashboard:
        assert account.api is not None
        names, tables = sorted(account.made["functions"]), account.tables()
        parts: dict[str, Any] = {"functions": names, "tables": tables, "modules": sorted(account.spec.modules)}
        known = pulumi.Output.all(api=account.api.id, site=account.facts["DISTRIBUTION_ID"])
        text = known.apply(lambda found: body(account.spec.region, **found, **parts))
        return aws.cloudwatch.Dashboard(
            "dashboard", dashboard_name="creator", dashboard_body=text, opts=account.options(self)
        )


def _of_site(account: Account, metric: str, statistic: str, period: int) -> dict[str, Any]:
    """Measured, and therefore watched and told, in us-east-1."""
    return {
        "namespace": "AWS/CloudFront",
        "metric_name": metric,
        "dimensions": {"DistributionId": account.facts["DISTRIBUTION_ID"], "Region": "Global"},
        "statistic": statistic,
        "period": period,
        "region": "us-east-1",
        "topic": "topic_global",
    }


def _refused(tables: list[str]) -> list[aws.cloudwatch.MetricAlarmMetricQueryArgs]:
    """Requests that these tables have turned away, all together."""
    counted = [
        aws.cloudwatch.MetricAlarmMetricQueryArgs(
            id=f"m{number}",
            metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
                namespace="AWS/DynamoDB", metric_name=metric, dimensions={"TableName": table}, period=300, stat="Sum"
            ),
        )
        for number, (table, metric) in enumerate(product(tables, THROTTLED))
    ]
    total = aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id="refused", expression="SUM(METRICS())", label="refused requests", return_data=True
    )
    return [*counted, total]


def _share(dimensions: dict[str, Any]) -> list[aws.cloudwatch.MetricAlarmMetricQueryArgs]:
    """Errors in a hundred calls."""
    counted = [
        aws.cloudwatch.MetricAlarmMetricQueryArgs(
            id=id,
            metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
                namespace="AWS/ApiGateway", metric_name=name, dimensions=dimensions, period=300, stat="Sum"
            ),
        )
        for id, name in (("errors", "5xx"), ("calls", "Count"))
    ]
    share = aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id="share", expression="100 * errors / calls", label="5xx in a hundred", return_data=True
    )
    return [*counted, share]
