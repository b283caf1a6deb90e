"""Backups, audit, budgets and anomalies."""

from tests.contract.plugins.examples.places import SANDBOX
from tests.contract.plugins.world import Example

SAFETY = [
    Example(
        "backup/vault:Vault",
        {"name": "creator", "kmsKeyArn": "<key.arn>", "tags": {"module": "backup"}},
        {"name": "creator", "kmsKeyArn": "<key.arn>", "tags": {"module": "safety"}, "forceDestroy": True},
        on=SANDBOX,
        why="moto deletes no vaults",
    ),
    Example(
        "backup/plan:Plan",
        {
            "name": "daily",
            "rules": [
                {
                    "ruleName": "daily",
                    "targetVaultName": "<vault>",
                    "schedule": "cron(0 3 * * ? *)",
                    "lifecycle": {"deleteAfter": 35},
                }
            ],
            "tags": {"module": "backup"},
        },
        {
            "name": "daily",
            "rules": [
                {"ruleName": "daily", "targetVaultName": "<vault>", "schedule": "cron(0 3 * * ? *)"},
                {"ruleName": "weekly", "targetVaultName": "<vault>", "lifecycle": {"deleteAfter": 90}},
            ],
            "tags": {"module": "backup"},
        },
        on=SANDBOX,
        why="moto has no UpdateBackupPlan",
    ),
    Example(
        "backup/selection:Selection",
        {
            "name": "tagged",
            "planId": "<plan>",
            "iamRoleArn": "<role.arn>",
            "selectionTags": [{"type": "STRINGEQUALS", "key": "backup", "value": "true"}],
        },
        on=SANDBOX,
        why="moto has no selections",
    ),
    Example(
        "cloudtrail/trail:Trail",
        {
            "name": "audit",
            "s3BucketName": "<logs>",
            "isMultiRegionTrail": True,
            "enableLogFileValidation": True,
            "tags": {"module": "audit"},
        },
        {"name": "audit", "s3BucketName": "<logs>", "isMultiRegionTrail": True, "enableLogging": False},
        lacks=("homeRegion", "snsTopicArn"),
    ),
    Example(
        "budgets/budget:Budget",
        {
            "name": "month",
            "budgetType": "COST",
            "timeUnit": "MONTHLY",
            "limitAmount": "110",
            "limitUnit": "USD",
            "notifications": [
                {
                    "comparisonOperator": "GREATER_THAN",
                    "notificationType": "ACTUAL",
                    "threshold": 80,
                    "thresholdType": "PERCENTAGE",
                    "subscriberSnsTopicArns": ["<topic>"],
                }
            ],
            "tags": {"module": "budget"},
        },
        {
            "name": "month",
            "budgetType": "COST",
            "timeUnit": "MONTHLY",
            "limitAmount": "240",
            "limitUnit": "USD",
            "notifications": [
                {
                    "comparisonOperator": "GREATER_THAN",
                    "notificationType": "FORECASTED",
                    "threshold": 100,
                    "thresholdType": "PERCENTAGE",
                    "subscriberEmailAddresses": ["owner@shop.example"],
                }
            ],
            "tags": {"module": "budget"},
        },
        on=SANDBOX,
        why="moto has no UpdateBudget",
    ),
    Example(
        "costexplorer/anomalyMonitor:AnomalyMonitor",
        {"name": "services", "monitorType": "DIMENSIONAL", "monitorDimension": "SERVICE", "tags": {"a": "1"}},
        {"name": "renamed", "monitorType": "DIMENSIONAL", "monitorDimension": "SERVICE", "tags": {"a": "2"}},
        on=SANDBOX,
        why="moto has no anomaly monitors",
    ),
    Example(
        "costexplorer/anomalySubscription:AnomalySubscription",
        {
            "name": "daily",
            "frequency": "DAILY",
            "monitorArnLists": ["<monitor>"],
            "subscribers": [{"type": "EMAIL", "address": "ops@shop.example"}],
            "thresholdExpression": {
                "dimension": {
                    "key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
                    "matchOptions": ["GREATER_THAN_OR_EQUAL"],
                    "values": ["20"],
                }
            },
        },
        {
            "name": "daily",
            "frequency": "WEEKLY",
            "monitorArnLists": ["<monitor>"],
            "subscribers": [{"type": "EMAIL", "address": "ops@shop.example"}],
        },
        on=SANDBOX,
        why="moto has no anomaly subscriptions",
    ),
]
