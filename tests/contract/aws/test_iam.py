"""Policies are enforced: on roles that are assumed and on functions; boundaries and service control policies too."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.contract.aws.code import allow, deny, document, function, invoke, role
from tests.contract.aws.conftest import Aws

TRUSTING = (
    '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::100000000001:root"},"Action":"sts:AssumeRole"}]}'
)
READER = """
import boto3
def handler(event, context):
    try:
        found = boto3.client("dynamodb").get_item(TableName=event["table"], Key={"id": {"S": "1"}})
        return {"item": found.get("Item")}
    except Exception as error:
        return {"error": error.response["Error"]["Code"]}
"""


def make_table(aws: Aws, session: boto3.Session, name: str) -> str:
    aws.client("dynamodb", session).create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip
    aws.client("dynamodb", session).put_item(TableName=name, Item={"id": {"S": "1"}})
    return f"arn:aws:dynamodb:eu-central-1:{aws.client('sts', session).get_caller_identity()['Account']}:table/{name}"


def assumable(aws: Aws, account: str, member: boto3.Session, name: str, *statements: dict[str, Any]) -> boto3.Session:
    iam = aws.client("iam", member)
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUSTING)
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*statements))
    return aws.assume(account, name)


class TestFunctions:
    def test_a_function_has_the_rights_of_its_role(self, aws: Aws, member: boto3.Session) -> None:
        arn = make_table(aws, member, "fn-table")
        function(aws, member, "fn-reader", READER, role(aws, member, "fn-reader", allow("dynamodb:GetItem", arn)))
        assert invoke(aws, member, "fn-reader", {"table": "fn-table"}) == {"item": {"id": {"S": "1"}}}
        aws.client("iam", member).delete_role_policy(RoleName="fn-reader", PolicyName="own")
        assert invoke(aws, member, "fn-reader", {"table": "fn-table"}) == {"error": "AccessDeniedException"}

    def test_another_table_stays_closed(self, aws: Aws, member: boto3.Session) -> None:
        arn = make_table(aws, member, "fn-open")
        make_table(aws, member, "fn-closed")
        function(aws, member, "fn-narrow", READER, role(aws, member, "fn-narrow", allow("dynamodb:*", arn)))
        assert "item" in invoke(aws, member, "fn-narrow", {"table": "fn-open"})
        assert invoke(aws, member, "fn-narrow", {"table": "fn-closed"}) == {"error": "AccessDeniedException"}


class TestRoles:
    def test_each_service_refuses_in_its_own_shape(self, aws: Aws, account: str, member: boto3.Session) -> None:
        nobody = assumable(aws, account, member, "nobody", allow("sts:GetCallerIdentity"))
        calls: dict[str, list[Any]] = {
            "AccessDeniedException": [
                lambda: aws.client("dynamodb", nobody).list_tables(),
                lambda: aws.client("lambda", nobody).list_functions(),
                lambda: aws.client("cognito-idp", nobody).list_user_pools(MaxResults=1),
                lambda: aws.client("apigatewayv2", nobody).get_apis(),
                lambda: aws.client("ivs", nobody).list_channels(),
            ],
            "AccessDenied": [
                lambda: aws.client("s3", nobody).list_buckets(),
                lambda: aws.client("iam", nobody).list_roles(),
                lambda: aws.client("sns", nobody).list_topics(),
                lambda: aws.client("cloudfront", nobody).list_distributions(),
            ],
        }
        for code, refused in calls.items():
            for call in refused:
                with pytest.raises(ClientError) as caught:
                    call()
                assert caught.value.response["Error"]["Code"] == code

    def test_an_explicit_deny_wins(self, aws: Aws, account: str, member: boto3.Session) -> None:
        session = assumable(aws, account, member, "almost", allow("*"), deny("sqs:DeleteQueue"))
        url = aws.client("sqs", session).create_queue(QueueName="kept")["QueueUrl"]
        with pytest.raises(ClientError, match="explicit deny in an identity-based policy"):
            aws.client("sqs", session).delete_queue(QueueUrl=url)

    def test_a_boundary_limits(self, aws: Aws, account: str, member: boto3.Session) -> None:
        iam = aws.client("iam", member)
        boundary = iam.create_policy(PolicyName="edge", PolicyDocument=document(allow(["s3:*", "iam:*"])))["Policy"][
            "Arn"
        ]
        iam.create_role(RoleName="bounded", AssumeRolePolicyDocument=TRUSTING, PermissionsBoundary=boundary)
        iam.put_role_policy(RoleName="bounded", PolicyName="own", PolicyDocument=document(allow("*")))
        bounded = aws.assume(account, "bounded")
        assert aws.client("s3", bounded).list_buckets()["Buckets"] is not None
        with pytest.raises(ClientError, match="permissions boundary"):
            aws.client("dynamodb", bounded).list_tables()

    def test_a_session_policy_limits(self, aws: Aws, account: str) -> None:
        session = aws.assume(account, Policy=document(allow("s3:ListAllMyBuckets")))
        assert "Buckets" in aws.client("s3", session).list_buckets()
        with pytest.raises(ClientError, match="session policy"):
            aws.client("kms", session).list_keys()

    def test_a_bucket_policy_can_deny_and_can_open(self, aws: Aws, account: str, member: boto3.Session) -> None:
        s3, other = aws.client("s3", member), aws.new_account()
        bucket = f"cr-policy-{account}"
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        s3.put_object(Bucket=bucket, Key="open/a", Body=b"a")
        opened = allow("s3:GetObject", f"arn:aws:s3:::{bucket}/open/*", Principal={"AWS": other})
        closed = deny("s3:DeleteObject", f"arn:aws:s3:::{bucket}/*", Principal="*")
        s3.put_bucket_policy(Bucket=bucket, Policy=document(opened, closed))
        assert aws.client("s3", aws.assume(other)).get_object(Bucket=bucket, Key="open/a")["Body"].read() == b"a"
        with pytest.raises(ClientError, match="resource-based policy"):
            s3.delete_object(Bucket=bucket, Key="open/a")


class TestKeys:
    def test_what_is_behind_a_key_needs_the_key(self, aws: Aws, account: str, member: boto3.Session) -> None:
        kms, secrets = aws.client("kms", member), aws.client("secretsmanager", member)
        key = kms.create_key()["KeyMetadata"]["Arn"]
        kms.create_alias(AliasName="alias/behind", TargetKeyId=key)
        arn = secrets.create_secret(Name="behind-a-key", SecretString="s", KmsKeyId="alias/behind")["ARN"]
        may_read = allow("secretsmanager:GetSecretValue", arn)
        through = {"StringEquals": {"kms:ViaService": "secretsmanager.eu-central-1.amazonaws.com"}}
        with_key = assumable(aws, account, member, "with-key", may_read, allow("kms:Decrypt", key, Condition=through))
        without = assumable(aws, account, member, "without-key", may_read)
        assert aws.client("secretsmanager", with_key).get_secret_value(SecretId=arn)["SecretString"] == "s"
        with pytest.raises(ClientError, match="kms:Decrypt"):
            aws.client("secretsmanager", without).get_secret_value(SecretId=arn)
        box = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
        with pytest.raises(ClientError, match="kms:Decrypt"):
            aws.client("kms", with_key).decrypt(CiphertextBlob=box)

    def test_a_key_is_found_by_alias_and_by_what_it_encrypted(
        self, aws: Aws, account: str, member: boto3.Session
    ) -> None:
        kms = aws.client("kms", member)
        key = kms.create_key()["KeyMetadata"]["Arn"]
        kms.create_alias(AliasName="alias/direct", TargetKeyId=key)
        session = assumable(aws, account, member, "direct-key", allow(["kms:Encrypt", "kms:Decrypt"], key))
        own = aws.client("kms", session)
        box = own.encrypt(KeyId="alias/direct", Plaintext=b"x")["CiphertextBlob"]
        assert own.decrypt(CiphertextBlob=box)["Plaintext"] == b"x"


class TestControlPolicies:
    def test_a_policy_of_the_unit_binds_even_the_administrator(self, aws: Aws) -> None:
        organizations, account = aws.client("organizations"), aws.new_account()
        root = organizations.list_roots()["Roots"][0]["Id"]
        unit = organizations.create_organizational_unit(ParentId=root, Name="Suspended")["OrganizationalUnit"]["Id"]
        exempt = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/platform-*"}}
        policy = organizations.create_policy(
            Name="no-data", Description="", Type="SERVICE_CONTROL_POLICY",
            Content=document(deny("dynamodb:*", Condition=exempt)),
        )["Policy"]["PolicySummary"]["Id"]  # fmt: skip
        organizations.attach_policy(PolicyId=policy, TargetId=unit)
        session = aws.assume(account)
        assert aws.client("dynamodb", session).list_tables()["TableNames"] == []
        platform = assumable(aws, account, session, "platform-x", allow("*"))
        organizations.move_account(AccountId=account, SourceParentId=root, DestinationParentId=unit)
        with pytest.raises(ClientError, match="explicit deny in a service control policy"):
            aws.client("dynamodb", session).list_tables()
        assert aws.client("dynamodb", platform).list_tables()["TableNames"] == []
        organizations.detach_policy(PolicyId=policy, TargetId=unit)
        assert aws.client("dynamodb", session).list_tables()["TableNames"] == []

    def test_regions_can_be_closed(self, aws: Aws) -> None:
        organizations, account = aws.client("organizations"), aws.new_account()
        elsewhere = {"StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "us-east-1"]}}
        content = document({"Effect": "Deny", "NotAction": ["iam:*", "sts:*"], "Resource": "*", "Condition": elsewhere})
        policy = organizations.create_policy(
            Name="region", Description="", Type="SERVICE_CONTROL_POLICY", Content=content
        )["Policy"]["PolicySummary"]["Id"]
        organizations.attach_policy(PolicyId=policy, TargetId=account)
        session = aws.assume(account)
        assert aws.client("sqs", session, "us-east-1").list_queues()
        with pytest.raises(ClientError, match="service control policy"):
            aws.client("sqs", session, "eu-west-3").list_queues()
