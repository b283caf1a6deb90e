"""What the doctor finds at AWS: the role of the product without one right, in another account, or unknown."""

import json

import pytest

from controlplane.core.lacks import Lack
from controlplane.settings import Aws as AwsSettings
from controlplane.vendors import aws_rights
from controlplane.vendors.aws import Aws as Gateway
from tests.contract.aws.conftest import SECRETS, Aws

MANAGEMENT = "100000000001"


def look(aws: Aws, patch: pytest.MonkeyPatch, key: str, secret: str, **changes: str) -> list[Lack]:
    patch.setenv("AWS_ACCESS_KEY_ID", key)
    patch.setenv("AWS_SECRET_ACCESS_KEY", secret)
    values = {"endpoint_url": aws.url, "management_account": MANAGEMENT, **changes}
    settings = AwsSettings.model_validate(values)
    return aws_rights.missing(Gateway(settings), settings)


@pytest.fixture
def ours() -> tuple[str, str]:
    return SECRETS["aws_access_key_id"], SECRETS["aws_secret_access_key"]


def user(aws: Aws, name: str, *denied: str) -> tuple[str, str]:
    iam = aws.client("iam")
    iam.create_user(UserName=name)
    statements = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    statements += [{"Effect": "Deny", "Action": action, "Resource": "*"} for action in denied]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName=name, PolicyName="rights", PolicyDocument=document)
    found = iam.create_access_key(UserName=name)["AccessKey"]
    return found["AccessKeyId"], found["SecretAccessKey"]


def test_with_all_rights_it_finds_nothing(
    aws: Aws, account: str, ours: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert look(aws, monkeypatch, *ours) == []


@pytest.mark.parametrize("right", ["organizations:MoveAccount", "organizations:CloseAccount", "sts:AssumeRole"])
def test_each_right_that_is_missing_is_named(
    aws: Aws, account: str, monkeypatch: pytest.MonkeyPatch, right: str
) -> None:
    [lack] = look(aws, monkeypatch, *user(aws, right.replace(":", "-"), right))
    assert right in lack.what
    assert f"allow {right}" in lack.remedy


def test_another_account_or_nobody(aws: Aws, ours: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    [elsewhere] = look(aws, monkeypatch, *ours, management_account="200000000002")
    assert elsewhere.what == f"we are in {MANAGEMENT}, not in 200000000002"
    [unknown] = look(aws, monkeypatch, "AKIAUNKNOWNUNKNOWN00", "wrong")
    assert unknown.what.startswith("identity: ")
    role = f"arn:aws:iam::{MANAGEMENT}:role/not-made"
    [untrusted] = look(aws, monkeypatch, *ours, organisation_role=role)
    assert role in untrusted.remedy
