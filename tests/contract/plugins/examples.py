"""One example of every AWS resource type: how it begins, how it changes, and which emulator knows it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.contract.plugins.client import Doc, Object, Plugin

ACCOUNT, REGION = "123456789012", "eu-central-1"
MOTO, MINISTACK = "moto", "ministack"


@dataclass
class World:
    """Makes, once, what an example needs around it."""

    plugin: Plugin
    made: dict[str, Object] = field(default_factory=dict)

    def need(self, name: str) -> Object:
        if name not in self.made:
            type, inputs = NEEDS[name]
            self.made[name] = self.plugin.create(f"aws:{type}", inputs(self), name=name)
        return self.made[name]

    def __getitem__(self, path: str) -> str:
        """`role.arn`: an output of something needed; `role` alone is its id."""
        name, _, output = path.partition(".")
        object = self.need(name)
        return str(object.plain[output]) if output else object.id


Inputs = Callable[[World], Doc]


@dataclass(frozen=True)
class Example:
    type: str
    first: Inputs
    second: Inputs | None = None  # None: every property is fixed at birth
    on: str = MOTO
    why: str = ""  # why it is not on moto
    stays: bool = False  # a setting of something else: after its deletion there is a default to read

    @property
    def token(self) -> str:
        return f"aws:{self.type}"


def policy(*actions: str, principal: Doc | str = "*") -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def inline(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


NEEDS: dict[str, tuple[str, Inputs]] = {
    "role": ("iam/role:Role", lambda w: {"name": "needed", "assumeRolePolicy": trust("lambda.amazonaws.com")}),
    "bucket": ("s3/bucket:Bucket", lambda w: {"bucket": "needed-bucket"}),
    "key": ("kms/key:Key", lambda w: {"description": "needed"}),
    "other-key": ("kms/key:Key", lambda w: {"description": "needed too"}),
    "topic": ("sns/topic:Topic", lambda w: {"name": "needed"}),
    "queue": ("sqs/queue:Queue", lambda w: {"name": "needed"}),
    "rule": ("cloudwatch/eventRule:EventRule", lambda w: {"name": "needed", "scheduleExpression": "rate(5 minutes)"}),
    "group": ("cloudwatch/logGroup:LogGroup", lambda w: {"name": "/needed"}),
}


def tags(**more: str) -> Doc:
    return {"tags": more}


STORAGE = [
    Example(
        "s3/bucket:Bucket",
        lambda w: {"bucket": "cr-anna-site", "forceDestroy": True, "tags": {"module": "site"}},
        lambda w: {"bucket": "cr-anna-site", "forceDestroy": True, "tags": {"module": "web", "tier": "small"}},
    ),
    Example(
        "s3/bucketPolicy:BucketPolicy",
        lambda w: {"bucket": w["bucket"], "policy": policy("s3:GetObject")},
        lambda w: {"bucket": w["bucket"], "policy": policy("s3:GetObject", "s3:ListBucket")},
    ),
    Example(
        "s3/bucketVersioning:BucketVersioning",
        lambda w: {"bucket": w["bucket"], "versioningConfiguration": {"status": "Enabled"}},
        lambda w: {"bucket": w["bucket"], "versioningConfiguration": {"status": "Suspended"}},
        stays=True,
    ),
    Example(
        "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        lambda w: {
            "bucket": w["bucket"],
            "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}],
        },
        lambda w: {
            "bucket": w["bucket"],
            "rules": [
                {
                    "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": w["key.arn"]},
                    "bucketKeyEnabled": True,
                }
            ],
        },
        stays=True,
    ),
    Example(
        "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        lambda w: {
            "bucket": w["bucket"],
            "rules": [
                {"id": "old", "status": "Enabled", "expiration": {"days": 30}, "filter": {"prefix": "exports/"}},
                {"id": "parts", "status": "Enabled", "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7}},
            ],
        },
        lambda w: {
            "bucket": w["bucket"],
            "rules": [
                {"id": "versions", "status": "Enabled", "noncurrentVersionExpiration": {"noncurrentDays": 90}},
            ],
        },
    ),
    Example(
        "s3/bucketCorsConfiguration:BucketCorsConfiguration",
        lambda w: {
            "bucket": w["bucket"],
            "corsRules": [{"allowedMethods": ["PUT"], "allowedOrigins": ["https://example.org"], "maxAgeSeconds": 60}],
        },
        lambda w: {
            "bucket": w["bucket"],
            "corsRules": [{"allowedMethods": ["PUT", "GET"], "allowedOrigins": ["*"], "allowedHeaders": ["*"]}],
        },
    ),
    Example(
        "s3/accountPublicAccessBlock:AccountPublicAccessBlock",
        lambda w: {"blockPublicAcls": True, "blockPublicPolicy": True, "ignorePublicAcls": True},
        lambda w: {"blockPublicAcls": True, "restrictPublicBuckets": True},
    ),
]
IDENTITY = [
    Example(
        "iam/role:Role",
        lambda w: {
            "name": "creator-auth",
            "assumeRolePolicy": trust("lambda.amazonaws.com"),
            "permissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/boundary",
            "tags": {"module": "auth"},
        },
        lambda w: {
            "name": "creator-auth",
            "assumeRolePolicy": trust("events.amazonaws.com"),
            "description": "changed",
            "maxSessionDuration": 7200,
        },
    ),
    Example(
        "iam/rolePolicy:RolePolicy",
        lambda w: {"role": w["role"], "name": "inline", "policy": inline("logs:PutLogEvents")},
        lambda w: {"role": w["role"], "name": "inline", "policy": inline("logs:PutLogEvents", "s3:GetObject")},
    ),
    Example(
        "iam/accountPasswordPolicy:AccountPasswordPolicy",
        lambda w: {"minimumPasswordLength": 14, "requireSymbols": True, "passwordReusePrevention": 24},
        lambda w: {"minimumPasswordLength": 16, "requireSymbols": True, "requireNumbers": True, "maxPasswordAge": 90},
    ),
    Example(
        "kms/key:Key",
        lambda w: {"description": "data", "enableKeyRotation": True, "deletionWindowInDays": 7, "tags": {"a": "1"}},
        lambda w: {"description": "all data", "policy": policy("kms:*", principal={"AWS": "*"}), "isEnabled": False},
    ),
    Example(
        "kms/alias:Alias",
        lambda w: {"name": "alias/creator", "targetKeyId": w["key"]},
        lambda w: {"name": "alias/creator", "targetKeyId": w["other-key.arn"]},
    ),
]
MESSAGES = [
    Example(
        "sns/topic:Topic",
        lambda w: {"name": "alarms", "kmsMasterKeyId": w["key"], "tags": {"module": "monitoring"}},
        lambda w: {"name": "alarms", "displayName": "Alarms", "policy": policy("sns:Publish")},
    ),
    Example(
        "sns/topicSubscription:TopicSubscription",
        lambda w: {"topic": w["topic"], "protocol": "sqs", "endpoint": w["queue.arn"]},
        lambda w: {"topic": w["topic"], "protocol": "sqs", "endpoint": w["queue.arn"], "rawMessageDelivery": True},
    ),
    Example(
        "sqs/queue:Queue",
        lambda w: {
            "name": "news",
            "visibilityTimeoutSeconds": 360,
            "redrivePolicy": json.dumps({"deadLetterTargetArn": w["queue.arn"], "maxReceiveCount": 5}),
            "sqsManagedSseEnabled": True,
            "tags": {"module": "newsletter"},
        },
        lambda w: {
            "name": "news",
            "visibilityTimeoutSeconds": 60,
            "kmsMasterKeyId": w["key"],
            "sqsManagedSseEnabled": False,
        },
    ),
    Example(
        "cloudwatch/logGroup:LogGroup",
        lambda w: {"name": "/aws/lambda/auth", "retentionInDays": 14, "tags": {"module": "auth"}},
        lambda w: {"name": "/aws/lambda/auth", "retentionInDays": 30, "tags": {"module": "core"}},
    ),
    Example(
        "cloudwatch/metricAlarm:MetricAlarm",
        lambda w: {
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
            "alarmActions": [w["topic"]],
        },
        lambda w: {
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
            "okActions": [w["topic"]],
        },
    ),
    Example(
        "cloudwatch/dashboard:Dashboard",
        lambda w: {"dashboardName": "creator", "dashboardBody": json.dumps({"widgets": []})},
        lambda w: {
            "dashboardName": "creator",
            "dashboardBody": json.dumps({"widgets": [{"type": "text", "properties": {"markdown": "x"}}]}),
        },
    ),
    Example(
        "cloudwatch/eventRule:EventRule",
        lambda w: {"name": "backup-failed", "eventPattern": json.dumps({"source": ["aws.backup"]}), "tags": {"a": "1"}},
        lambda w: {"name": "backup-failed", "scheduleExpression": "rate(15 minutes)", "state": "DISABLED"},
    ),
    Example(
        "cloudwatch/eventTarget:EventTarget",
        lambda w: {"rule": w["rule"], "targetId": "topic", "arn": w["topic.arn"], "input": '{"a":1}'},
        lambda w: {
            "rule": w["rule"],
            "targetId": "topic",
            "arn": w["queue.arn"],
            "deadLetterConfig": {"arn": w["queue.arn"]},
            "retryPolicy": {"maximumRetryAttempts": 2, "maximumEventAgeInSeconds": 60},
        },
    ),
]
USERS = {
    "name": "creator-users",
    "hashKey": "userId",
    "attributes": [{"name": "userId", "type": "S"}, {"name": "email", "type": "S"}],
    "billingMode": "PAY_PER_REQUEST",
    "globalSecondaryIndexes": [
        {
            "name": "email-index",
            "keySchemas": [{"attributeName": "email", "keyType": "HASH"}],
            "projectionType": "ALL",
        }
    ],
}
DATA = [
    Example(
        "dynamodb/table:Table",
        lambda w: {
            **USERS,
            "pointInTimeRecovery": {"enabled": True},
            "serverSideEncryption": {"enabled": True, "kmsKeyArn": w["key.arn"]},
            "deletionProtectionEnabled": True,
            "tags": {"backup": "true"},
        },
        lambda w: {
            **USERS,
            "attributes": [*USERS["attributes"], {"name": "username", "type": "S"}],
            "globalSecondaryIndexes": [
                *USERS["globalSecondaryIndexes"],
                {
                    "name": "username-index",
                    "keySchemas": [{"attributeName": "username", "keyType": "HASH"}],
                    "projectionType": "KEYS_ONLY",
                },
            ],
            "ttl": {"enabled": True, "attributeName": "expiresAt"},
            "serverSideEncryption": {"enabled": True, "kmsKeyArn": w["key.arn"]},
            "tags": {"backup": "false"},
        },
    ),
]

EXAMPLES = [*STORAGE, *IDENTITY, *MESSAGES, *DATA]
