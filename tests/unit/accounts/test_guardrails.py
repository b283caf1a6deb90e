"""The organisation's policies, decided by our own evaluator: what must go on working, and what nobody may do."""

import pytest

from controlplane.accounts import guardrails
from sandbox.aws.policy import Policies, Request, decide

ACCOUNT = "111122223333"
PLATFORM = f"arn:aws:iam::{ACCOUNT}:role/OrganizationAccountAccessRole"
HANDLER = f"arn:aws:iam::{ACCOUNT}:role/creator-auth"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
EVERYTHING = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def may(unit: str, who: str, action: str, *, region: str = "eu-central-1", resource: str = "*") -> bool:
    levels = []
    for name in ("", unit):
        own = [rule() for rule in guardrails.POLICIES[name].values()]
        levels.append([EVERYTHING, *({"Statement": statements} for statements in own)])
    context = {"aws:PrincipalArn": who, "aws:PrincipalAccount": ACCOUNT, "aws:RequestedRegion": region}
    policies = Policies(identity=[EVERYTHING], controls=[[EVERYTHING], *levels, [EVERYTHING]])
    return bool(decide(Request(action, resource, context), policies))


GLOBAL = "us-east-1"
PROBE = f"arn:aws:iam::{ACCOUNT}:role/creator-probe"
ALLOWED = [
    ("active", HANDLER, "dynamodb:PutItem", "eu-central-1"), ("active", HANDLER, "cognito-idp:AdminInitiateAuth", ""),
    ("active", PLATFORM, "iam:CreateRole", GLOBAL), ("active", PLATFORM, "acm:RequestCertificate", GLOBAL),
    ("active", PLATFORM, "sns:CreateTopic", GLOBAL), ("active", PLATFORM, "cloudfront:CreateDistribution", GLOBAL),
    ("active", PLATFORM, "cloudwatch:PutMetricAlarm", GLOBAL), ("active", PLATFORM, "events:PutRule", GLOBAL),
    ("active", PLATFORM, "route53:CreateHostedZone", GLOBAL), ("active", PLATFORM, "budgets:CreateBudget", GLOBAL),
    ("active", PLATFORM, "iam:CreateServiceLinkedRole", GLOBAL),
    ("active", PLATFORM, "s3:PutAccountPublicAccessBlock", ""),
    ("active", PLATFORM, "kms:ScheduleKeyDeletion", ""), ("active", HANDLER, "ivs:GetStream", ""),
    ("pool", PLATFORM, "lambda:CreateFunction", ""), ("pool", PROBE, "logs:PutLogEvents", ""),
    ("suspended", PLATFORM, "dynamodb:Scan", ""), ("suspended", HANDLER, "logs:PutLogEvents", ""),
    ("suspended", f"arn:aws:iam::{ACCOUNT}:role/creator-backup", "backup:StartBackupJob", ""),
    ("closing", PLATFORM, "dynamodb:DeleteTable", ""), ("closing", PLATFORM, "s3:DeleteObject", ""),
    ("quarantine", PLATFORM, "cloudtrail:LookupEvents", ""),
]  # fmt: skip
DENIED = [
    ("active", PLATFORM, "organizations:LeaveOrganization", GLOBAL),
    ("active", PLATFORM, "account:CloseAccount", GLOBAL),
    ("active", ROOT, "s3:ListBucket", ""), ("active", HANDLER, "cloudtrail:StopLogging", ""),
    ("active", HANDLER, "kms:ScheduleKeyDeletion", ""), ("active", HANDLER, "iam:CreateUser", GLOBAL),
    ("active", HANDLER, "iam:CreateAccessKey", GLOBAL), ("active", HANDLER, "s3:PutAccountPublicAccessBlock", ""),
    ("active", PLATFORM, "ec2:RunInstances", ""), ("active", PLATFORM, "rds:CreateDBInstance", ""),
    ("active", PLATFORM, "bedrock:InvokeModel", ""), ("active", PLATFORM, "dynamodb:CreateTable", "ap-south-1"),
    ("active", PLATFORM, "dynamodb:CreateTable", GLOBAL), ("active", PLATFORM, "lambda:CreateFunction", GLOBAL),
    ("pool", HANDLER, "dynamodb:PutItem", ""), ("suspended", HANDLER, "dynamodb:GetItem", ""),
    ("suspended", HANDLER, "cognito-idp:AdminInitiateAuth", ""),
    ("suspended", HANDLER, "secretsmanager:GetSecretValue", ""),
    ("closing", PLATFORM, "dynamodb:CreateTable", ""), ("closing", PLATFORM, "lambda:CreateFunction", ""),
    ("closing", HANDLER, "s3:GetObject", ""), ("quarantine", HANDLER, "logs:PutLogEvents", ""),
]  # fmt: skip


@pytest.mark.parametrize(("unit", "who", "action", "region"), ALLOWED)
def test_what_must_go_on(unit: str, who: str, action: str, region: str) -> None:
    assert may(unit, who, action, region=region or "eu-central-1")


@pytest.mark.parametrize(("unit", "who", "action", "region"), DENIED)
def test_what_nobody_may(unit: str, who: str, action: str, region: str) -> None:
    assert not may(unit, who, action, region=region or "eu-central-1")


def test_nobody_else_touches_the_platforms_role() -> None:
    assert not may("active", HANDLER, "iam:PutRolePolicy", region=GLOBAL, resource=PLATFORM)
    assert may("active", HANDLER, "iam:GetRole", region=GLOBAL, resource=HANDLER)


def test_they_are_short_enough_and_few_enough() -> None:
    for rules in guardrails.POLICIES.values():
        assert len(rules) <= 4  # five on one unit, and one of them allows everything
        assert all(len(guardrails.document(rule())) < 5120 for rule in rules.values())
