"""Functions that are called by the clock, or by what happens in the account."""

import json
from typing import Any

import pulumi
import pulumi_aws as aws

from programs.creator.account import Account


def schedule(account: Account, parent: pulumi.Resource, name: str, *, every: str, to: aws.lambda_.Function) -> None:
    _call(account, parent, name, to, schedule_expression=every)


def reaction(
    account: Account, parent: pulumi.Resource, name: str, *, pattern: dict[str, Any], to: aws.lambda_.Function
) -> None:
    _call(account, parent, name, to, event_pattern=json.dumps(pattern))


def notice(account: Account, parent: pulumi.Resource, name: str, *, pattern: dict[str, Any]) -> None:
    """To the topic, where no function has to think about it."""
    rule = aws.cloudwatch.EventRule(
        name, name=f"creator-{name}", event_pattern=json.dumps(pattern), opts=account.options(parent)
    )
    aws.cloudwatch.EventTarget(
        name, rule=rule.name, arn=account.arns["topic"], target_id="topic", opts=account.options(parent)
    )


def _call(account: Account, parent: pulumi.Resource, name: str, to: aws.lambda_.Function, **when: str) -> None:
    rule = aws.cloudwatch.EventRule(f"{name}-rule", name=f"creator-{name}", opts=account.options(parent), **when)
    aws.lambda_.Permission(
        f"{name}-rule",
        function=to.name,
        statement_id=f"rule-{name}",
        action="lambda:InvokeFunction",
        principal="events.amazonaws.com",
        source_arn=rule.arn,
        source_account=account.spec.account_id,
        opts=account.options(parent),
    )
    aws.cloudwatch.EventTarget(
        f"{name}-rule", rule=rule.name, arn=to.arn, target_id="function", opts=account.options(parent)
    )
