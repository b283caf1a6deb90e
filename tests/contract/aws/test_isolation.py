"""Two member accounts and the management account see nothing of each other."""

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.contract.aws.conftest import ADMIN, SECRETS, Aws, signed_in


class TestData:
    def test_what_one_account_creates_no_other_sees(self, aws: Aws) -> None:
        first, second = (aws.assume(aws.new_account()) for _ in range(2))
        table = {
            "TableName": "shared-name", "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        }  # fmt: skip
        for session in (first, second):
            aws.client("dynamodb", session).create_table(**table)
        aws.client("dynamodb", first).put_item(TableName="shared-name", Item={"id": {"S": "mine"}})
        aws.client("secretsmanager", first).create_secret(Name="creator/app", SecretString="x")
        aws.client("cognito-idp", first).create_user_pool(PoolName="creator-users")
        assert aws.client("dynamodb", second).scan(TableName="shared-name")["Count"] == 0
        assert aws.client("secretsmanager", second).list_secrets()["SecretList"] == []
        assert aws.client("cognito-idp", second).list_user_pools(MaxResults=10)["UserPools"] == []
        assert aws.client("dynamodb").list_tables()["TableNames"] == []

    def test_a_bucket_name_is_global_and_its_objects_are_private(self, aws: Aws) -> None:
        ours, theirs = aws.new_account(), aws.new_account()
        bucket = f"cr-isolation-{ours}"
        where = {"LocationConstraint": "eu-central-1"}
        mine, other = (aws.client("s3", aws.assume(id)) for id in (ours, theirs))
        mine.create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
        mine.put_object(Bucket=bucket, Key="a b/ü.txt", Body=b"hello")
        assert mine.get_object(Bucket=bucket, Key="a b/ü.txt")["Body"].read() == b"hello"
        with pytest.raises(ClientError, match="BucketAlreadyExists"):
            other.create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
        for client in (other, aws.client("s3")):
            with pytest.raises(ClientError, match="AccessDenied"):
                client.get_object(Bucket=bucket, Key="a b/ü.txt")
            with pytest.raises(ClientError, match="AccessDenied"):
                client.put_object(Bucket=bucket, Key="x", Body=b"")


class TestCredentials:
    def test_the_session_is_in_the_member_account(self, aws: Aws, account: str, member: boto3.Session) -> None:
        found = aws.client("sts", member).get_caller_identity()
        assert (found["Account"], found["Arn"].split("/")[-2:]) == (account, [ADMIN, "test"])

    @pytest.mark.parametrize("arn", ["arn:aws:iam::999999999999:role/{}", "arn:aws:iam::{account}:role/no-such-role"])
    def test_what_does_not_exist_cannot_be_assumed(self, aws: Aws, account: str, arn: str) -> None:
        with pytest.raises(ClientError, match="AccessDenied"):
            aws.client("sts").assume_role(RoleArn=arn.format(ADMIN, account=account), RoleSessionName="test")

    def test_one_member_cannot_enter_another(self, aws: Aws, member: boto3.Session) -> None:
        other = aws.new_account()
        with pytest.raises(ClientError, match="AccessDenied"):
            aws.assume(other, by=member)

    def test_a_role_may_ask_for_an_external_id(self, aws: Aws, account: str, member: boto3.Session) -> None:
        trust = (
            '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"100000000001"},"Action":"sts:AssumeRole",'
            '"Condition":{"StringEquals":{"sts:ExternalId":"tenant-7"}}}]}'
        )
        aws.client("iam", member).create_role(RoleName="external", AssumeRolePolicyDocument=trust)
        assert aws.assume(account, "external", ExternalId="tenant-7")
        for wrong in ({}, {"ExternalId": "tenant-8"}):
            with pytest.raises(ClientError, match="AccessDenied"):
                aws.assume(account, "external", **wrong)

    def test_unknown_keys_and_wrong_signatures_are_refused(self, aws: Aws) -> None:
        key = SECRETS["aws_access_key_id"]
        with pytest.raises(ClientError, match="UnrecognizedClientException"):
            aws.client("dynamodb", signed_in("AKIAUNKNOWN000000000", "x")).list_tables()
        with pytest.raises(ClientError, match="InvalidSignatureException"):
            aws.client("dynamodb", signed_in(key, "wrong")).list_tables()
        with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
            aws.client("s3", signed_in(key, "wrong")).list_buckets()
        with pytest.raises(ClientError, match="InvalidAccessKeyId"):
            aws.client("s3", signed_in("AKIAUNKNOWN000000000", "x")).list_buckets()
