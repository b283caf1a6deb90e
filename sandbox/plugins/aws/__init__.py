"""The AWS provider: its configuration, and one module of resource types per service."""

import os
from threading import Event
from typing import Any

from sandbox.plugins.aws import tags
from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.roles import ASSUME_ROLE
from sandbox.plugins.schema import Provider, Resource, flag, many, mapping, number, obj, text
from sandbox.plugins.values import Doc

_ENDPOINTS = (
    "account", "acm", "apigatewayv2", "appautoscaling", "applicationautoscaling", "appsync", "backup", "budgets", "ce",
    "cloudfront", "cloudtrail", "cloudwatch", "cloudwatchevents", "cloudwatchlog", "cloudwatchlogs",
    "cognitoidentityprovider", "cognitoidp", "costexplorer", "dynamodb", "eventbridge", "events", "firehose", "iam",
    "ivs", "ivschat", "kms", "lambda", "logs", "organizations", "route53", "s3", "s3api", "s3control", "secretsmanager",
    "sesv2", "sns", "sqs", "sts",
)  # fmt: skip
_GROUPS = (
    "acm", "apigatewayv2", "appautoscaling", "appsync", "backup", "budgets", "cloudfront", "cloudtrail", "cloudwatch",
    "cognito", "costexplorer", "dynamodb", "iam", "ivs", "ivschat", "kinesis", "kms", "organizations", "route53", "s3",
    "secretsmanager", "sesv2", "sns", "sqs",
)  # fmt: skip


def _open(config: Doc, cancelled: Event) -> Account:
    if config.get("skipMetadataApiCheck", True):
        os.environ["AWS_EC2_METADATA_DISABLED"] = "true"  # as in the official provider, which asks it only when told to
    account = Account(config, cancelled)
    account.verify()
    return account


def _planned(account: Any, resource: Resource, news: Doc) -> Doc:
    return {"tagsAll": tags.foreseen(account, news)} if "tagsAll" in resource.outputs else {}


AWS = Provider(
    name="aws",
    version="7.51.1",
    config={
        "region": text(),
        "accessKey": text(),
        "secretKey": text(),
        "token": text(),
        "profile": text(),
        "assumeRoles": many(ASSUME_ROLE),
        "allowedAccountIds": many(text()),
        "forbiddenAccountIds": many(text()),
        "defaultTags": obj({"tags": mapping(text())}),
        "endpoints": many(obj({name: text() for name in _ENDPOINTS})),
        "maxRetries": number(),
        "retryMode": text(choices=("standard", "adaptive", "legacy")),
        "s3UsePathStyle": flag(),
        "stsRegion": text(),
        "useFipsEndpoint": flag(),
        "skipCredentialsValidation": flag(),
        "skipMetadataApiCheck": flag(),
        "skipRegionValidation": flag(),
        "skipRequestingAccountId": flag(),
        "tokenBucketRateLimiterCapacity": number(),
    },
    groups={
        "index": "sandbox.plugins.aws.lookups",
        "lambda": "sandbox.plugins.aws.lambda_",
        **{group: f"sandbox.plugins.aws.{group}" for group in _GROUPS},
    },
    open=_open,
    planned=_planned,
    identifying=(),
)
