"""Capacity that follows what is asked for, where paying by the request would cost more."""

import pulumi
import pulumi_aws as aws

from programs.creator.account import Account
from programs.creator.plan import Table

USED = 70  # percent of the capacity
MOST = {"Read": 400, "Write": 200}
LEAST = 5


def is_scaled(account: Account, plan: Table) -> bool:
    return plan.name in account.spec.limits.scaled


def ignored(plan: Table) -> list[str]:
    """What the scaling sets must not seem to be ours."""
    own = ["readCapacity", "writeCapacity"]
    return [*own, *(f"globalSecondaryIndexes[*].{name}" for name in own if plan.indexes)]


def scale(account: Account, parent: pulumi.Resource, plan: Table, table: aws.dynamodb.Table) -> None:
    own = table.name.apply(lambda name: f"table/{name}")
    places = [("table", "table", own)]
    places += [(index.name, "index", pulumi.Output.concat(own, "/index/", index.name)) for index in plan.indexes]
    for name, kind, place in places:
        for direction in MOST:
            _follow(account, parent, f"{plan.name}-{name}-{direction.lower()}", kind, place, direction)


def _follow(
    account: Account, parent: pulumi.Resource, name: str, kind: str, place: pulumi.Output[str], direction: str
) -> None:
    target = aws.appautoscaling.Target(
        name,
        service_namespace="dynamodb",
        resource_id=place,
        scalable_dimension=f"dynamodb:{kind}:{direction}CapacityUnits",
        min_capacity=LEAST,
        max_capacity=MOST[direction],
        opts=account.options(parent),
    )
    metric = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
        predefined_metric_type=f"DynamoDB{direction}CapacityUtilization"
    )
    aws.appautoscaling.Policy(
        name,
        name=name,
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        resource_id=target.resource_id,
        scalable_dimension=target.scalable_dimension,
        target_tracking_scaling_policy_configuration=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
            target_value=USED, predefined_metric_specification=metric
        ),
        opts=account.options(parent),
    )
