"""Topics, queues, logs, alarms and events."""

import json

from tests.contract.plugins.examples.documents import policy
from tests.contract.plugins.world import Example

MESSAGES = [
    Example(
        "sns/topic:Topic",
        {"name": "alarms", "kmsMasterKeyId": "<key>", "tags": {"module": "monitoring"}},
        {"name": "alarms", "displayName": "Alarms", "policy": policy("sns:Publish")},
    ),
    Example(
        "sns/topicSubscription:TopicSubscription",
        {"topic": "<topic>", "protocol": "sqs", "endpoint": "<queue.arn>"},
        {"topic": "<topic>", "protocol": "sqs", "endpoint": "<queue.arn>", "rawMessageDelivery": True},
    ),
    Example(
        "sqs/queue:Queue",
        {
            "name": "news",
            "visibilityTimeoutSeconds": 360,
            "redrivePolicy": json.dumps({"deadLetterTargetArn": "<queue.arn>", "maxReceiveCount": 5}),
            "sqsManagedSseEnabled": True,
            "tags": {"module": "newsletter"},
        },
        {
            "name": "news",
            "visibilityTimeoutSeconds": 60,
            "kmsMasterKeyId": "<key>",
            "sqsManagedSseEnabled": False,
        },
    ),
    Example(
        "cloudwatch/logGroup:LogGroup",
        {"name": "/aws/lambda/auth", "retentionInDays": 14, "tags": {"module": "auth"}},
        {"name": "/aws/lambda/auth", "retentionInDays": 30, "tags": {"module": "core"}},
    ),
    Example(
        "cloudwatch/metricAlarm:MetricAlarm",
        {
            "name": "errors",
            "namespace": "AWS/Lambda",
            "metricName": "Errors",
            "dimensions": {"FunctionName": "auth"},
            "statistic": "Sum",
            "period": 300,
            "evaluationPeriods": 1,
            "threshold": 5,
            "comparisonOperator": "GreaterThanOrEqualToThreshold",
            "treatMissingData": "notBreaching",
            "alarmActions": ["<topic>"],
        },
        {
            "name": "errors",
            "evaluationPeriods": 3,
            "datapointsToAlarm": 3,
            "threshold": 2.5,
            "comparisonOperator": "GreaterThanThreshold",
            "metricQueries": [
                {"id": "ratio", "expression": "100*e/c", "label": "ratio", "returnData": True},
                {
                    "id": "e",
                    "metric": {
                        "namespace": "AWS/ApiGateway",
                        "metricName": "5xx",
                        "period": 60,
                        "stat": "Sum",
                        "dimensions": {"ApiId": "a"},
                    },
                },
                {
                    "id": "c",
                    "metric": {"namespace": "AWS/ApiGateway", "metricName": "Count", "period": 60, "stat": "Sum"},
                },
            ],
            "okActions": ["<topic>"],
        },
    ),
    Example(
        "cloudwatch/dashboard:Dashboard",
        {"dashboardName": "creator", "dashboardBody": json.dumps({"widgets": []})},
        {
            "dashboardName": "creator",
            "dashboardBody": json.dumps({"widgets": [{"type": "text", "properties": {"markdown": "x"}}]}),
        },
    ),
    Example(
        "cloudwatch/eventRule:EventRule",
        {"name": "backup-failed", "eventPattern": json.dumps({"source": ["aws.backup"]}), "tags": {"a": "1"}},
        {"name": "backup-failed", "scheduleExpression": "rate(15 minutes)", "state": "DISABLED"},
    ),
    Example(
        "cloudwatch/eventTarget:EventTarget",
        {"rule": "<rule>", "targetId": "topic", "arn": "<topic.arn>", "input": '{"a":1}'},
        {
            "rule": "<rule>",
            "targetId": "topic",
            "arn": "<queue.arn>",
            "deadLetterConfig": {"arn": "<queue.arn>"},
            "retryPolicy": {"maximumRetryAttempts": 2, "maximumEventAgeInSeconds": 60},
        },
    ),
]
