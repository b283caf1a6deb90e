"""IAM: what a function may do follows from what its plan says it uses."""

import json
from collections.abc import Mapping
from typing import Any

from programs.creator.plan import Function

Statement = dict[str, Any]
READS = ("dynamodb:GetItem", "dynamodb:Query", "dynamodb:BatchGetItem")
WRITES = ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem")
THROUGH_KEY = ("dynamodb", "secretsmanager", "sqs", "s3")


def document(*statements: Statement) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, separators=(",", ":"))


def trust(service: str) -> str:
    return document({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})


def allow(actions: tuple[str, ...], resources: list[str], **more: Any) -> Statement:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resources, **more}


def of_function(function: Function, arns: Mapping[str, str], *, region: str) -> str:
    """Resources are ARNs, never everything."""
    reads = [arns[f"table_{name}"] for name in function.reads]
    writes = [arns[f"table_{name}"] for name in function.writes]
    statements = [allow(("logs:CreateLogStream", "logs:PutLogEvents"), [f"{arns['log']}:*"])]
    if reads:
        statements.append(allow(READS, [found for arn in reads for found in (arn, f"{arn}/index/*")]))
    if writes:
        statements.append(allow(WRITES, writes))
    if function.secrets:
        secrets = [arns[f"secret_{name}"] for name in function.secrets]
        statements.append(allow(("secretsmanager:GetSecretValue",), secrets))
    for each in function.allows:
        resources = [template.format_map(arns) for template in each.on]
        statements.append(allow(each.actions, resources, **({"Condition": each.when} if each.when else {})))
    if reads or writes or function.secrets or function.queues:
        statements.append(_key(arns["key"], region))
    return document(*statements)


def _key(arn: str, region: str) -> Statement:
    through = [f"{service}.{region}.amazonaws.com" for service in THROUGH_KEY]
    return allow(("kms:Decrypt", "kms:GenerateDataKey"), [arn], Condition={"StringEquals": {"kms:ViaService": through}})


def of_key(*, account_id: str, region: str) -> str:
    """The account itself decides by its roles; services get what their own logs, alarms and trails need."""
    logs = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{region}:{account_id}:log-group:*"}}
    trail = {"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{account_id}:trail/*"}}
    own = {"StringEquals": {"aws:SourceAccount": account_id}}
    root = {"AWS": f"arn:aws:iam::{account_id}:root"}
    alarms = {"Service": [f"{name}.amazonaws.com" for name in ("cloudwatch", "events", "budgets", "ses", "sns")]}
    data = ("kms:GenerateDataKey*", "kms:Decrypt")
    return document(
        allow(("kms:*",), ["*"], Principal=root),
        allow(
            (*data, "kms:Encrypt", "kms:DescribeKey"),
            ["*"],
            Principal={"Service": f"logs.{region}.amazonaws.com"},
            Condition=logs,
        ),
        allow(data, ["*"], Principal={"Service": "cloudtrail.amazonaws.com"}, Condition=trail),
        allow(data, ["*"], Principal=alarms, Condition=own),
    )


def of_topic(arn: str, account_id: str, tellers: tuple[str, ...] = ("cloudwatch", "events", "budgets")) -> str:
    services = {"Service": [f"{name}.amazonaws.com" for name in tellers]}
    own = {"StringEquals": {"aws:SourceAccount": account_id}}
    return document(allow(("sns:Publish",), [arn], Principal=services, Condition=own))


def of_trail_bucket(arn: str, trail: str, account_id: str) -> str:
    service = {"Service": "cloudtrail.amazonaws.com"}
    source = {"aws:SourceArn": trail}
    owned = {"StringEquals": {**source, "s3:x-amz-acl": "bucket-owner-full-control"}}
    return document(
        allow(("s3:GetBucketAcl",), [arn], Principal=service, Condition={"StringEquals": source}),
        allow(("s3:PutObject",), [f"{arn}/AWSLogs/{account_id}/*"], Principal=service, Condition=owned),
        _only_tls(arn),
    )


def of_public_bucket(arn: str, distribution: str, folder: str = "") -> str:
    """Only through the distribution, and only of this folder: the bucket's own address answers nobody."""
    return document(
        allow(
            ("s3:GetObject",),
            [f"{arn}/{folder}*"],
            Principal={"Service": "cloudfront.amazonaws.com"},
            Condition={"StringEquals": {"AWS:SourceArn": distribution}},
        ),
        _only_tls(arn),
    )


def _only_tls(arn: str) -> Statement:
    """For everybody but services of AWS: a distribution redirects to TLS itself."""
    condition = {"Bool": {"aws:SecureTransport": "false", "aws:PrincipalIsAWSService": "false"}}
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": condition,
    }
