"""A queue in front of a function, and one for what failed too often: an alarm tells of the first message in that."""

import json

import pulumi
import pulumi_aws as aws

from programs.creator.account import Account
from programs.creator.components.alarm import alarm

FORTNIGHT = 14 * 86_400


def queue(account: Account, parent: pulumi.Resource, name: str, *, tries: int, seconds: int) -> aws.sqs.Queue:
    """`seconds` is what the function behind it may take: AWS asks for six times that before a message comes again."""
    failed = _queue(account, parent, f"{name}-failed")
    alarm(
        account,
        parent,
        f"{name}-failed",
        threshold=1,
        namespace="AWS/SQS",
        metric_name="ApproximateNumberOfMessagesVisible",
        dimensions={"QueueName": failed.name},
        statistic="Maximum",
        period=300,
    )
    redrive = failed.arn.apply(lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": tries}))
    made = _queue(account, parent, name, redrive_policy=redrive, visibility_timeout_seconds=6 * seconds)
    account.arns[f"queue_{name}"] = made.arn
    account.facts[f"QUEUE_{name.upper()}"] = made.url
    return made


def feed(account: Account, parent: pulumi.Resource, name: str, source: aws.sqs.Queue, to: aws.lambda_.Function) -> None:
    aws.lambda_.EventSourceMapping(
        name,
        event_source_arn=source.arn,
        function_name=to.name,
        batch_size=1,
        function_response_types=["ReportBatchItemFailures"],
        scaling_config=aws.lambda_.EventSourceMappingScalingConfigArgs(maximum_concurrency=2),
        opts=account.options(parent),
    )


def _queue(account: Account, parent: pulumi.Resource, name: str, **more: pulumi.Input[str] | int) -> aws.sqs.Queue:
    return aws.sqs.Queue(
        name,
        name=f"creator-{name}",
        message_retention_seconds=FORTNIGHT,
        kms_master_key_id=account.arns["key"],
        opts=account.options(parent),
        **more,
    )
