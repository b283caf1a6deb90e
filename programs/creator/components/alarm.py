"""An alarm, told to the account's topic when it begins and when it is over. Where nothing is measured all is well."""

from typing import Any

import pulumi
import pulumi_aws as aws

from programs.creator.account import Account


def alarm(
    account: Account, parent: pulumi.Resource, name: str, *, threshold: float, periods: int = 1,
    above: bool = False, topic: str = "topic", **metric: Any,
) -> None:  # fmt: skip
    """From the threshold on, or only above it."""
    aws.cloudwatch.MetricAlarm(
        name,
        name=f"creator-{name}",
        evaluation_periods=periods,
        threshold=threshold,
        comparison_operator="GreaterThanThreshold" if above else "GreaterThanOrEqualToThreshold",
        treat_missing_data="notBreaching",
        alarm_actions=[account.arns[topic]],
        ok_actions=[account.arns[topic]],
        opts=account.options(parent),
        **metric,
    )
    account.made["alarms"].append(f"creator-{name}")
