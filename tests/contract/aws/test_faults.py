"""Every failure that a vendor causes can be provoked, in the shape of the service it strikes."""

from collections.abc import Iterator
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError, ReadTimeoutError

from tests.contract.aws.conftest import CONFIG, Aws


@pytest.fixture
def fault(aws: Aws) -> Iterator[Any]:
    yield lambda operation, kind, **more: aws.sim(
        "POST", "/faults", json={"vendor": "aws", "operation": operation, "kind": kind, **more}
    ).raise_for_status()
    aws.sim("DELETE", "/faults").raise_for_status()


class TestFaults:
    def test_an_error_has_the_code_that_was_asked_for(self, aws: Aws, fault: Any, member: boto3.Session) -> None:
        fault("organizations:CreateAccount", "error", code="FinalizingOrganizationException", times=1)
        organizations = aws.client("organizations")
        with pytest.raises(organizations.exceptions.FinalizingOrganizationException):
            organizations.create_account(Email="aws+fault@platform.example", AccountName="x")
        fault("s3:*", "quota", seconds=2, times=1)
        with pytest.raises(ClientError, match="SlowDown"):
            aws.client("s3", member).list_buckets()
        fault("iam:ListRoles", "error", code="ServiceFailure", status=503, times=1)
        with pytest.raises(ClientError) as caught:
            aws.client("iam", member).list_roles()
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
        fault("lambda:*", "quota", times=1)
        with pytest.raises(ClientError, match="TooManyRequestsException"):
            aws.client("lambda", member).list_functions()

    def test_an_effect_may_happen_without_an_answer(self, aws: Aws, fault: Any, member: boto3.Session) -> None:
        fault("sqs:CreateQueue", "timeout_after", times=1)
        sqs = aws.client("sqs", member)
        with pytest.raises(HTTPClientError):
            sqs.create_queue(QueueName="made-in-silence")
        assert sqs.list_queues(QueueNamePrefix="made-in-silence")["QueueUrls"]

    def test_a_dropped_call_has_no_effect(self, aws: Aws, fault: Any, member: boto3.Session) -> None:
        fault("sqs:CreateQueue", "drop", times=1)
        sqs = aws.client("sqs", member)
        with pytest.raises(HTTPClientError):
            sqs.create_queue(QueueName="never-made")
        assert not sqs.list_queues(QueueNamePrefix="never-made").get("QueueUrls")

    def test_a_call_may_hang_until_the_fault_is_lifted(self, aws: Aws, fault: Any, member: boto3.Session) -> None:
        fault("sns:ListTopics", "hang")
        impatient = member.client("sns", endpoint_url=aws.url, config=CONFIG.merge(Config(read_timeout=0.3)))
        with pytest.raises(ReadTimeoutError):
            impatient.list_topics()
        aws.sim("DELETE", "/faults").raise_for_status()
        assert "Topics" in impatient.list_topics()

    def test_flapping(self, aws: Aws, fault: Any, member: boto3.Session) -> None:
        fault("kms:ListKeys", "flap", code="KMSInternalException", status=500)
        kms, outcomes = aws.client("kms", member), []
        for _ in range(4):
            try:
                kms.list_keys()
                outcomes.append("ok")
            except ClientError:
                outcomes.append("error")
        assert outcomes == ["error", "ok", "error", "ok"]

    def test_half_of_a_batch(self, aws: Aws, account: str, member: boto3.Session, fault: Any) -> None:
        sqs, s3, bucket = aws.client("sqs", member), aws.client("s3", member), f"cr-half-{account}"
        queue = sqs.create_queue(QueueName="half")["QueueUrl"]
        fault("sqs:SendMessageBatch", "partial", times=1)
        entries = [{"Id": name, "MessageBody": name} for name in "abcd"]
        answer = sqs.send_message_batch(QueueUrl=queue, Entries=entries)
        assert [entry["Id"] for entry in answer["Successful"]] == ["a", "b"]
        assert [(entry["Id"], entry["SenderFault"]) for entry in answer["Failed"]] == [("c", False), ("d", False)]

        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        for name in "abc":
            s3.put_object(Bucket=bucket, Key=name, Body=b"")
        fault("s3:DeleteObjects", "partial", times=2)
        gone = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": name} for name in "abc"]})
        assert ([one["Key"] for one in gone["Deleted"]], [one["Key"] for one in gone["Errors"]]) == (["a"], ["b", "c"])
        one = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "c"}]})
        assert [error["Key"] for error in one["Errors"]] == ["c"]
        assert [found["Key"] for found in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["b", "c"]

    def test_what_a_table_did_not_get_to_is_given_back(self, aws: Aws, member: boto3.Session, fault: Any) -> None:
        dynamodb = aws.client("dynamodb", member)
        dynamodb.create_table(
            TableName="half-written", BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        )  # fmt: skip
        left = {"half-written": [{"PutRequest": {"Item": {"id": {"S": str(number)}}}} for number in range(5)]}
        fault("dynamodb:BatchWriteItem", "partial", times=3)
        sizes = []
        while left:
            left = dynamodb.batch_write_item(RequestItems=left)["UnprocessedItems"]
            sizes.append(len(left.get("half-written", [])))
        assert sizes == [3, 2, 1, 0]
        assert dynamodb.scan(TableName="half-written")["Count"] == 5

    def test_a_kind_that_it_does_not_know_is_refused(self, aws: Aws) -> None:
        wrong = aws.sim("POST", "/faults", json={"vendor": "aws", "operation": "*", "kind": "stuck"})
        assert wrong.status_code == 422
        assert wrong.json()["error"] == "aws has no fault stuck"

    def test_every_injection_is_logged(self, aws: Aws, fault: Any, member: boto3.Session) -> None:
        fault("events:ListRules", "error", code="InternalException", times=1)
        with pytest.raises(ClientError):
            aws.client("events", member).list_rules()
        log = aws.sim("GET", "/faults/log").json()["injections"]
        assert log[-1]["operation"] == "events:ListRules"


class TestControl:
    def test_the_control_routes_need_the_token_and_no_browser(self, aws: Aws) -> None:
        assert httpx.get(f"{aws.url}/_sim/settings").status_code == 401
        assert aws.sim("GET", "/settings").status_code == 200
        refused = httpx.get(
            f"{aws.url}/_sim/settings", headers={"authorization": "Bearer control-token", "origin": "http://x"}
        )
        assert refused.status_code == 403

    def test_unknown_settings_are_refused(self, aws: Aws) -> None:
        assert aws.sim("PATCH", "/settings", json={"no_such": 1}).status_code == 422

    def test_the_doors_of_the_backend_are_closed(self, aws: Aws) -> None:
        for path in ("/_ministack/reset", "/_ministack/health", "/_localstack/health"):
            assert httpx.post(aws.url + path).status_code == 404
