"""Service control policies: what nobody in a creator's account may do, in the order of the units they hang on."""

import json
from typing import Any

from controlplane.vendors.aws import ROLE

Statement = dict[str, Any]
BREAK_GLASS, PROBE = "creator-break-glass", "creator-probe"
PLATFORM = [f"arn:aws:iam::*:role/{ROLE}", f"arn:aws:iam::*:role/{BREAK_GLASS}"]
SPARED = {"ArnNotLike": {"aws:PrincipalArn": PLATFORM}}
HOME, GLOBAL, SECOND = "eu-central-1", "us-east-1", "eu-west-1"
WORLDWIDE = [
    "iam:*", "sts:*", "organizations:*", "route53:*", "route53domains:*", "cloudfront:*", "budgets:*", "ce:*",
    "support:*", "account:*", "health:*", "tag:*", "s3:ListAllMyBuckets", "servicequotas:*",
]  # fmt: skip
ALSO_GLOBAL = ["s3:*AccountPublicAccessBlock", "acm:*", "cloudwatch:*", "sns:*", "events:*", "kms:Describe*"]
SPENDING = [
    "ec2:RunInstances", "ec2:CreateNatGateway", "ec2:CreateVpnConnection", "ec2:CreateVpnGateway", "rds:*", "eks:*",
    "ecs:*", "sagemaker:*", "bedrock:*", "redshift:*", "elasticmapreduce:*",
]  # fmt: skip
MAKING = (
    "apigateway:POST", "appsync:Create*", "cloudfront:Create*", "cognito-idp:CreateUserPool", "dynamodb:CreateTable",
    "ec2:RunInstances", "events:PutRule", "firehose:CreateDeliveryStream", "iam:CreateRole", "iam:CreateUser",
    "ivs:Create*", "ivschat:Create*", "kms:CreateKey", "lambda:CreateFunction", "s3:CreateBucket",
    "secretsmanager:CreateSecret", "sns:CreateTopic", "sqs:CreateQueue",
)  # fmt: skip


def deny(actions: list[str], *, condition: Statement | None = None, on: list[str] | None = None) -> Statement:
    more = {"Condition": condition} if condition else {}
    return {"Effect": "Deny", "Action": actions, "Resource": on or ["*"], **more}


def deny_all_but(actions: list[str], *, condition: Statement) -> Statement:
    return {"Effect": "Deny", "NotAction": actions, "Resource": ["*"], "Condition": condition}


def base() -> list[Statement]:
    """The account stays ours, its trail goes on, its keys live, nobody works as root."""
    watched = [f"cloudtrail:{name}" for name in ("StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors")]
    kept = ["kms:ScheduleKeyDeletion", "kms:DisableKey", "s3:PutAccountPublicAccessBlock"]
    return [
        deny(
            ["organizations:LeaveOrganization", "account:CloseAccount", "account:EnableRegion", "account:DisableRegion"]
        ),
        deny(["*"], condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}),
        deny([*watched, *kept, "iam:CreateUser", "iam:CreateAccessKey"], condition=SPARED),
        deny(["iam:*"], condition=SPARED, on=[*PLATFORM, "arn:aws:iam::*:policy/creator-boundary"]),
    ]


def region() -> list[Statement]:
    """Frankfurt for everything; Virginia only for what lives nowhere else."""
    elsewhere = {"StringNotEquals": {"aws:RequestedRegion": [HOME, GLOBAL, SECOND]}}
    there = {"StringEquals": {"aws:RequestedRegion": GLOBAL}}
    return [deny_all_but(WORLDWIDE, condition=elsewhere), deny_all_but([*WORLDWIDE, *ALSO_GLOBAL], condition=there)]


def services() -> list[Statement]:
    return [deny(SPENDING)]


def pool() -> list[Statement]:
    tested = [*PLATFORM, f"arn:aws:iam::*:role/{PROBE}"]
    return [deny_all_but(["sts:*"], condition={"ArnNotLike": {"aws:PrincipalArn": tested}})]


def suspended() -> list[Statement]:
    """Functions lose their rights, hence the API stops; audit and backups go on."""
    return [deny_all_but(["kms:Decrypt", "logs:*", "cloudtrail:*", "backup:*"], condition=SPARED)]


def closing() -> list[Statement]:
    """Only taking out and tidying up."""
    return [*suspended(), deny(list(MAKING))]


def quarantine() -> list[Statement]:
    return [deny(["*"], condition=SPARED)]


# unit → the policies on it; "" is the unit above all of them
POLICIES = {
    "": {"base": base, "region": region, "services": services},
    "pool": {"pool": pool},
    "active": {},
    "suspended": {"suspended": suspended},
    "closing": {"closing": closing},
    "quarantine": {"quarantine": quarantine},
}
UNITS = tuple(unit for unit in POLICIES if unit)


def document(statements: list[Statement]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"), sort_keys=True)
