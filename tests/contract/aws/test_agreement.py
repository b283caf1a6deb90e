"""A second opinion: the same calls to moto, an independent implementation, and what it answers differently.

Known differences, each on purpose: moto creates accounts at once (AWS takes its time), assumes roles whose trust policy
says no, and never looks at service control policies.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer

from tests.contract.aws.code import TRUST, allow, document
from tests.contract.aws.conftest import CONFIG, Aws, signed_in, until

Clients = Callable[[str], Any]


@pytest.fixture(scope="module")
def moto() -> Iterator[Clients]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    session = signed_in("AKIAIOSFODNN7EXAMPLE", "x")
    yield lambda name: session.client(name, endpoint_url=f"http://{host}:{port}", config=CONFIG)
    server.stop()


@pytest.fixture(params=["edge", "moto"])
def clients(request: pytest.FixtureRequest, aws: Aws, member: boto3.Session) -> Any:
    if request.param == "moto":
        return request.getfixturevalue("moto")
    return lambda name: aws.client(name, member)


def code(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    return str(caught.value.response["Error"]["Code"])


class TestErrors:
    def test_s3(self, clients: Clients) -> None:
        s3, where = clients("s3"), {"LocationConstraint": "eu-central-1"}
        s3.create_bucket(Bucket="agreement-bucket", CreateBucketConfiguration=where)
        s3.put_object(Bucket="agreement-bucket", Key="k", Body=b"v", ContentType="text/plain", Metadata={"a": "b"})
        found = s3.head_object(Bucket="agreement-bucket", Key="k")
        assert (found["ContentLength"], found["ContentType"], found["Metadata"]) == (1, "text/plain", {"a": "b"})
        assert found["ETag"] == '"9e3669d19b675bd57058fd4664205d2a"'
        assert code(lambda: s3.get_object(Bucket="agreement-bucket", Key="none")) == "NoSuchKey"
        assert code(lambda: s3.head_object(Bucket="agreement-bucket", Key="none")) == "404"
        assert code(lambda: s3.delete_bucket(Bucket="agreement-bucket")) == "BucketNotEmpty"
        assert code(lambda: s3.get_bucket_policy(Bucket="agreement-bucket")) == "NoSuchBucketPolicy"
        s3.delete_object(Bucket="agreement-bucket", Key="k")
        s3.delete_bucket(Bucket="agreement-bucket")

    def test_dynamodb(self, clients: Clients) -> None:
        dynamodb = clients("dynamodb")
        assert code(lambda: dynamodb.describe_table(TableName="agreement")) == "ResourceNotFoundException"
        shape = {
            "TableName": "agreement", "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        }  # fmt: skip
        dynamodb.create_table(**shape)
        assert code(lambda: dynamodb.create_table(**shape)) == "ResourceInUseException"
        put = {"TableName": "agreement", "Item": {"id": {"S": "1"}}, "ConditionExpression": "attribute_not_exists(id)"}
        dynamodb.put_item(**put)
        assert code(lambda: dynamodb.put_item(**put)) == "ConditionalCheckFailedException"
        dynamodb.delete_table(TableName="agreement")

    def test_iam_sns_sqs(self, clients: Clients) -> None:
        iam, sns, sqs = clients("iam"), clients("sns"), clients("sqs")
        iam.create_role(RoleName="agreement", AssumeRolePolicyDocument=json.dumps(TRUST))
        iam.put_role_policy(RoleName="agreement", PolicyName="p", PolicyDocument=document(allow("s3:*")))
        assert (
            code(lambda: iam.create_role(RoleName="agreement", AssumeRolePolicyDocument="{}")) == "EntityAlreadyExists"
        )
        assert code(lambda: iam.delete_role(RoleName="agreement")) == "DeleteConflict"
        assert code(lambda: iam.get_role(RoleName="none")) == "NoSuchEntity"
        topic = sns.create_topic(Name="agreement")["TopicArn"]
        assert sns.create_topic(Name="agreement")["TopicArn"] == topic
        assert code(lambda: sns.get_topic_attributes(TopicArn=topic + "x")) == "NotFound"
        url = sqs.create_queue(QueueName="agreement")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="m")
        assert sqs.receive_message(QueueUrl=url)["Messages"][0]["MD5OfBody"] == "6f8f57715090da2632453988d9a1501b"


class TestOrganizations:
    @pytest.fixture(params=["edge", "moto"])
    def organizations(self, request: pytest.FixtureRequest, aws: Aws) -> Any:
        if request.param == "edge":
            return aws.client("organizations")
        client = request.getfixturevalue("moto")("organizations")
        if _absent(client):
            client.create_organization(FeatureSet="ALL")
        return client

    def test_the_path_of_an_account(self, organizations: Any) -> None:
        request = organizations.create_account(Email="aws+agree@platform.example", AccountName="agree")
        id = request["CreateAccountStatus"]["Id"]

        def status() -> Any:
            return organizations.describe_create_account_status(CreateAccountRequestId=id)["CreateAccountStatus"]

        assert until(lambda: status()["State"] == "SUCCEEDED")
        account = status()["AccountId"]
        root = organizations.list_roots()["Roots"][0]["Id"]
        unit = organizations.create_organizational_unit(ParentId=root, Name="Agreement")["OrganizationalUnit"]["Id"]
        organizations.move_account(AccountId=account, SourceParentId=root, DestinationParentId=unit)
        assert organizations.list_parents(ChildId=account)["Parents"][0]["Id"] == unit
        assert [a["Id"] for a in organizations.list_accounts_for_parent(ParentId=unit)["Accounts"]] == [account]
        found = organizations.describe_account(AccountId=account)["Account"]
        assert (found["Email"], found["Status"], found["JoinedMethod"]) == (
            "aws+agree@platform.example",
            "ACTIVE",
            "CREATED",
        )
        assert code(lambda: organizations.describe_account(AccountId="999999999999")) == "AccountNotFoundException"
        assert code(lambda: organizations.describe_organizational_unit(OrganizationalUnitId="ou-none-00000000")) == (
            "OrganizationalUnitNotFoundException"
        )


def _absent(client: Any) -> bool:
    try:
        client.describe_organization()
    except ClientError:
        return True
    return False
