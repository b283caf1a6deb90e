"""Anchors of the trail in a bucket that refuses to give them up."""

from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from controlplane.audit.anchors import Bucket
from controlplane.core.errors import Refused
from controlplane.settings import Aws as AwsSettings
from controlplane.vendors.aws import Aws as Gateway
from tests.contract.aws.conftest import SECRETS, Aws

WHERE = {"LocationConstraint": "eu-central-1"}


def test_what_lies_there_cannot_be_taken_away(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", SECRETS["aws_access_key_id"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRETS["aws_secret_access_key"])
    s3, gateway = aws.client("s3"), Gateway(AwsSettings(endpoint_url=aws.url))
    s3.create_bucket(Bucket="trail", CreateBucketConfiguration=WHERE, ObjectLockEnabledForBucket=True)
    kept = Bucket(gateway, "trail", days=400)
    name = f"{datetime.now(UTC):%Y-%m}/01"
    for number in range(3):
        kept.put(f"{name}/{number}.json", f"{number}".encode())
    assert kept.newest(2) == [b"1", b"2"]
    version = s3.head_object(Bucket="trail", Key=f"{name}/2.json")["VersionId"]
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(Bucket="trail", Key=f"{name}/2.json", VersionId=version)
    with pytest.raises(Refused):
        Bucket(gateway, "no-such-bucket", days=1).put("x", b"")
