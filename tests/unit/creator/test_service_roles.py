"""Roles that services of AWS take, not functions of ours: each statement is needed, and none allows more."""

import json
from typing import Any

import pytest

from programs.creator.modules.analytics import component as analytics
from programs.creator.modules.backup import component as backup
from sandbox.aws.policy import Policies, Request, decide

REGION = "arn:aws:{}:eu-central-1:111111111111"
TABLES, KEY = REGION.format("dynamodb") + ":table/creator-*", REGION.format("kms") + ":key/k"
TABLE, COPY = TABLES.replace("*", "users"), TABLES.replace("*", "users") + "/backup/01"
VAULT, BUCKET = REGION.format("backup") + ":backup-vault:creator", "arn:aws:s3:::cr-anna-visits"
Needed = tuple[tuple[str, str], ...]
# As AWS documents what its service does with a table, and a delivery stream with a bucket.
BACKUP: Needed = (
    *((f"dynamodb:{name}", TABLE) for name in
      ("DescribeTable", "CreateBackup", "ListTagsOfResource", "StartAwsBackupJob")),
    *((f"dynamodb:{name}", COPY) for name in ("DescribeBackup", "DeleteBackup", "RestoreTableFromAwsBackup")),
    *((f"backup:{name}", VAULT) for name in ("DescribeBackupVault", "CopyIntoBackupVault")),
    ("tag:GetResources", "*"),
    *((f"kms:{name}", KEY) for name in ("Decrypt", "GenerateDataKey", "DescribeKey", "CreateGrant")),
)  # fmt: skip
VISITS: Needed = (
    ("s3:PutObject", f"{BUCKET}/visits/1"), ("s3:AbortMultipartUpload", f"{BUCKET}/visits/1"),
    ("s3:GetBucketLocation", BUCKET), ("s3:ListBucket", BUCKET), ("kms:Decrypt", KEY), ("kms:GenerateDataKey", KEY),
)  # fmt: skip
ROLES = pytest.mark.parametrize(
    ("text", "needed"),
    [(backup._policy(TABLES, [VAULT], KEY), BACKUP), (analytics._policy(BUCKET, KEY), VISITS)],
    ids=["backup", "visits"],
)


def refused(statements: list[dict[str, Any]], needed: Needed) -> set[str]:
    policies = Policies(identity=[{"Version": "2012-10-17", "Statement": statements}])
    return {action for action, on in needed if not decide(Request(action, on, {}), policies).allowed}


@ROLES
def test_everything_that_is_needed_is_allowed_and_nothing_else(text: str, needed: Needed) -> None:
    statements = json.loads(text)["Statement"]
    assert refused(statements, needed) == set()
    allowed = [action for one in statements for action in one["Action"]]
    assert sorted(allowed) == sorted({action for action, _ in needed})
    assert not any("*" in action for action in allowed)
    for one in statements:
        assert "*" not in one["Resource"] or one["Action"] == ["tag:GetResources"]


@ROLES
def test_without_any_of_its_statements_something_fails(text: str, needed: Needed) -> None:
    statements = json.loads(text)["Statement"]
    for one in statements:
        assert refused([each for each in statements if each is not one], needed) == set(one["Action"])


def test_other_tables_are_not_theirs() -> None:
    statements = json.loads(backup._policy(TABLES, [VAULT], KEY))["Statement"]
    other = TABLE.replace("creator-users", "others")
    assert refused(statements, (("dynamodb:CreateBackup", other),)) == {"dynamodb:CreateBackup"}
