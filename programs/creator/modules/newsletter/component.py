"""The newsletter: two tables, a queue with one for what failed, and two functions."""

import json

import pulumi
import pulumi_aws as aws

from programs.base import Outputs
from programs.creator.account import Account
from programs.creator.components.function import function
from programs.creator.components.table import table
from programs.creator.modules.newsletter.feedback import feedback
from programs.creator.modules.newsletter.plan import NEWSLETTER, SENDER, TABLES
from programs.creator.modules.newsletter.spec import Spec

VISIBILITY = 6 * SENDER.timeout  # as AWS asks for queues in front of functions
FORTNIGHT = 14 * 86_400


class Newsletter(pulumi.ComponentResource):
    def __init__(self, account: Account, spec: Spec) -> None:
        options = pulumi.ResourceOptions(provider=account.provider)
        super().__init__("creator:aws:Newsletter", "newsletter", None, options)
        queue = self._queues(account)
        account.arns["queue_news"] = queue.arn
        account.facts |= {
            "QUEUE_NEWS": queue.url,
            "NEWS_FROM": f"{spec.from_name} <news@{account.spec.sender_domain}>",
        }
        for plan in TABLES:
            table(account, self, plan)
        function(account, self, NEWSLETTER)
        self._feed(account, queue, function(account, self, SENDER))
        if "MAIL_SET" in account.facts:
            feedback(account, self)
        self.exports: Outputs = {}
        self.register_outputs({})

    def _queues(self, account: Account) -> aws.sqs.Queue:
        failed = aws.sqs.Queue(
            "news-failed",
            name="creator-news-failed",
            message_retention_seconds=FORTNIGHT,
            kms_master_key_id=account.arns["key"],
            opts=account.options(self),
        )
        self._alarm(account, failed)
        redrive = failed.arn.apply(lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5}))
        return aws.sqs.Queue(
            "news",
            name="creator-news",
            redrive_policy=redrive,
            visibility_timeout_seconds=VISIBILITY,
            message_retention_seconds=FORTNIGHT,
            kms_master_key_id=account.arns["key"],
            opts=account.options(self),
        )

    def _feed(self, account: Account, queue: aws.sqs.Queue, sender: aws.lambda_.Function) -> None:
        aws.lambda_.EventSourceMapping(
            "news",
            event_source_arn=queue.arn,
            function_name=sender.name,
            batch_size=1,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config=aws.lambda_.EventSourceMappingScalingConfigArgs(maximum_concurrency=2),
            opts=account.options(self),
        )

    def _alarm(self, account: Account, failed: aws.sqs.Queue) -> None:
        name = "creator-news-failed"
        aws.cloudwatch.MetricAlarm(
            "news-failed",
            name=name,
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": failed.name},
            statistic="Maximum",
            period=300,
            evaluation_periods=1,
            threshold=1,
            comparison_operator="GreaterThanOrEqualToThreshold",
            treat_missing_data="notBreaching",
            alarm_actions=[account.arns["topic"]],
            ok_actions=[account.arns["topic"]],
            opts=account.options(self),
        )
        account.made["alarms"].append(name)
