"""Sealed values with keys at our own AWS: rights, keys that sleep or move, and a service that is away."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from controlplane.core.crypto import CannotOpen, Place, Seal
from controlplane.core.errors import NeedsPerson, ProductError, TryLater
from controlplane.settings import Aws as AwsSettings
from controlplane.vendors.aws import Aws as Gateway
from controlplane.vendors.aws_keys import KmsKeys
from sandbox.ports import free_port
from tests.contract.aws.conftest import SECRETS, Aws

HERE, ELSEWHERE = Place("credentials", "body", "1", "t1"), Place("credentials", "body", "2", "t1")


@pytest.fixture
def key(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", SECRETS["aws_access_key_id"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRETS["aws_secret_access_key"])
    made = str(aws.client("kms").create_key()["KeyMetadata"]["KeyId"])
    yield made
    aws.sim("DELETE", "/faults").raise_for_status()


def sealing(aws: Aws, key: str, **changes: str) -> Seal:
    """As a process that has just been started: it remembers nothing."""
    settings = AwsSettings.model_validate({"endpoint_url": aws.url, **changes})
    return Seal(KmsKeys(Gateway(settings), key), environment="test")


def test_a_value_opens_only_where_it_was_sealed(aws: Aws, key: str) -> None:
    sealed = sealing(aws, key).seal("hidden", HERE)
    assert sealed.split(".")[:3] == ["s1", "kms", key]
    assert sealing(aws, key).open_seal(sealed, HERE) == "hidden"
    for place in (ELSEWHERE, Place("emails", "sealed", "1", "t1")):
        with pytest.raises(CannotOpen):
            sealing(aws, key).open_seal(sealed, place)


def test_a_moved_alias_is_a_new_key_and_what_the_old_one_sealed_moves_on(aws: Aws, key: str) -> None:
    kms = aws.client("kms")
    kms.create_alias(AliasName="alias/moved", TargetKeyId=key)
    old = sealing(aws, "alias/moved").seal("hidden", HERE)
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.update_alias(AliasName="alias/moved", TargetKeyId=other)
    new = sealing(aws, "alias/moved")
    assert new.active_key == f"kms.{other}"
    moved = new.rewrap(old, HERE)
    assert (new.kid_of(old), new.kid_of(moved)) == (key, other)
    assert sealing(aws, "alias/moved").open_seal(moved, HERE) == "hidden"
    kms.disable_key(KeyId=key)
    with pytest.raises(NeedsPerson) as caught:
        sealing(aws, "alias/moved").open_seal(old, HERE)
    assert "enable the key" in caught.value.next_action


@pytest.mark.parametrize(
    ("fault", "outcome", "said"),
    [
        ({"kind": "error", "code": "KMSInternalException", "status": 500}, TryLater, "KMSInternalException"),
        ({"kind": "drop"}, TryLater, "ConnectionClosedError"),
        ({"kind": "error", "code": "AccessDeniedException"}, NeedsPerson, "allow kms:"),
        ({"kind": "error", "code": "KMSInvalidStateException"}, NeedsPerson, "end its deletion"),
        ({"kind": "error", "code": "UnrecognizedClientException"}, NeedsPerson, "an identity that AWS knows"),
    ],
    ids=lambda value: value.get("code", value["kind"]) if isinstance(value, dict) else "",
)
def test_what_goes_wrong_says_whose_turn_it_is(
    aws: Aws, key: str, fault: dict[str, Any], outcome: type[ProductError], said: str
) -> None:
    sealed = sealing(aws, key).seal("hidden", HERE)
    for operation in ("kms:DescribeKey", "kms:Encrypt", "kms:Decrypt"):
        aws.sim("POST", "/faults", json={"vendor": "aws", "operation": operation, **fault}).raise_for_status()
    with pytest.raises(outcome) as caught:
        sealing(aws, key).seal("hidden", HERE)
    assert said in str(caught.value)
    with pytest.raises(outcome):
        sealing(aws, key).open_seal(sealed, HERE)
    assert "hidden" not in str(caught.value)


def test_without_the_right_and_without_anybody_there(
    aws: Aws, key: str, account: str, member: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = sealing(aws, key).seal("hidden", HERE)
    iam = aws.client("iam", member)
    iam.create_user(UserName="keyless")
    found = iam.create_access_key(UserName="keyless")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", found["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", found["SecretAccessKey"])
    with pytest.raises(NeedsPerson, match="allow kms:Decrypt"):
        sealing(aws, key).open_seal(sealed, HERE)
    with pytest.raises(TryLater, match="EndpointConnectionError"):
        sealing(aws, key, endpoint_url=f"http://127.0.0.1:{free_port()}").open_seal(sealed, HERE)
