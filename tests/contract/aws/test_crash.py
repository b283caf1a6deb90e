"""kill -9 while it works: whatever was acknowledged is there after the next start, and it starts fast."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.contract.aws.code import allow, function, invoke, role
from tests.contract.aws.conftest import ADMIN, Aws, start, until
from tests.contract.aws.test_http_api import sign_up

KEYS = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Aws]:
    """A stand-in that a test may kill."""
    running = start(tmp_path)
    yield running
    close(running)


def close(aws: Aws) -> None:
    aws.kill()
    assert aws.process.stdout is not None
    aws.process.stdout.close()


def crash(aws: Aws) -> None:
    """Kill it, start it again on the same port."""
    close(aws)
    aws.process = start(aws.folder, aws.port).process


class TestState:
    def test_every_service_remembers(self, own: Aws) -> None:
        account = own.new_account("kept")
        member = own.assume(account)
        made = fill(own, account, member)
        before = look(own, member, made)
        crash(own)
        member = own.assume(account)
        assert look(own, member, made) == before
        assert invoke(own, member, "fn", {"id": "2"}) == {"id": {"S": "2"}}
        names = [a["Name"] for a in own.client("organizations").list_accounts()["Accounts"]]
        assert names == ["Platform", "kept"]

    def test_sessions_and_tokens_stay_good(self, own: Aws) -> None:
        member = own.assume(own.new_account())
        pool, _, access, _ = sign_up(own, member)
        crash(own)
        assert own.client("cognito-idp", member).list_users(UserPoolId=pool)["Users"]
        assert own.client("cognito-idp", member).get_user(AccessToken=access)["Username"]

    def test_a_creation_in_progress_goes_on(self, own: Aws) -> None:
        own.sim("PATCH", "/settings", json={"account_seconds": 1.5}).raise_for_status()
        organizations = own.client("organizations")
        request = organizations.create_account(Email="aws+slow@platform.example", AccountName="x")[
            "CreateAccountStatus"
        ]
        crash(own)

        def status() -> Any:
            return organizations.describe_create_account_status(CreateAccountRequestId=request["Id"])

        assert until(lambda: status()["CreateAccountStatus"]["State"] == "SUCCEEDED")
        assert len(organizations.list_accounts()["Accounts"]) == 2


class TestWrites:
    def test_nothing_acknowledged_is_lost(self, own: Aws) -> None:
        member = own.assume(own.new_account())
        dynamodb, s3 = own.client("dynamodb", member), own.client("s3", member)
        dynamodb.create_table(TableName="acknowledged", **KEYS)
        s3.create_bucket(Bucket="acknowledged", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        done: list[str] = []
        writer = threading.Thread(target=write, args=(dynamodb, s3, done))
        writer.start()
        assert until(lambda: len(done) >= 40)
        own.process.kill()
        writer.join()
        crash(own)
        items = {
            i["id"]["S"]
            for page in dynamodb.get_paginator("scan").paginate(TableName="acknowledged")
            for i in page["Items"]
        }
        keys = {o["Key"] for o in s3.list_objects_v2(Bucket="acknowledged")["Contents"]}
        assert set(done) <= items
        assert set(done) <= keys


def write(dynamodb: Any, s3: Any, done: list[str]) -> None:
    for number in range(10_000):
        try:
            s3.put_object(Bucket="acknowledged", Key=str(number), Body=b"x")
            dynamodb.put_item(TableName="acknowledged", Item={"id": {"S": str(number)}})
        except (BotoCoreError, ClientError, OSError):
            return
        done.append(str(number))


CODE = """
import boto3
def handler(event, context):
    return boto3.client("dynamodb").get_item(TableName="kept", Key={"id": {"S": event["id"]}})["Item"]
"""


def fill(aws: Aws, account: str, member: boto3.Session) -> dict[str, str]:
    """Something in every service that the product uses."""
    client = {name: aws.client(name, member) for name in NAMES}
    client["dynamodb"].create_table(TableName="kept", **KEYS)
    client["dynamodb"].put_item(TableName="kept", Item={"id": {"S": "2"}})
    client["dynamodb"].create_backup(TableName="kept", BackupName="backup")
    function(aws, member, "fn", CODE, role(aws, member, "fn", allow("dynamodb:GetItem")))
    bucket = f"cr-crash-{account}"
    client["s3"].create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    client["s3"].put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2"):
        client["s3"].put_object(Bucket=bucket, Key="k", Body=body)
    key = client["kms"].create_key()["KeyMetadata"]["KeyId"]
    topic = client["sns"].create_topic(Name="t")["TopicArn"]
    queue = client["sqs"].create_queue(QueueName="q")["QueueUrl"]
    client["sqs"].send_message(QueueUrl=queue, MessageBody="m")
    client["secretsmanager"].create_secret(Name="creator/app", SecretString="s")
    client["logs"].create_log_group(logGroupName="/g")
    client["events"].put_rule(Name="r", ScheduleExpression="rate(1 hour)")
    client["cloudwatch"].put_metric_alarm(
        AlarmName="a", Namespace="n", MetricName="m", Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    api = client["apigatewayv2"].create_api(Name="a", ProtocolType="HTTP")["ApiId"]
    zone = client["route53"].create_hosted_zone(Name="z.example", CallerReference="1")["HostedZone"]["Id"]
    client["acm"].request_certificate(DomainName="z.example", ValidationMethod="DNS")
    client["sesv2"].create_email_identity(EmailIdentity="z.example")
    client["backup"].create_backup_vault(BackupVaultName="v")
    client["ivs"].create_channel(name="c")
    client["ivschat"].create_room(name="r")
    modes = [{"authType": "API_KEY"}]
    names = ("connectionAuthModes", "defaultPublishAuthModes", "defaultSubscribeAuthModes", "authProviders")
    client["appsync"].create_api(name="e", eventConfig=dict.fromkeys(names, modes))
    client["budgets"].create_budget(AccountId=account, Budget={
        "BudgetName": "b", "BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": {"Amount": "10", "Unit": "USD"},
    })  # fmt: skip
    client["cloudtrail"].create_trail(Name="trail", S3BucketName=bucket)
    return {"account": account, "bucket": bucket, "key": key, "topic": topic, "queue": queue, "api": api, "zone": zone}


NAMES = (
    "dynamodb", "s3", "kms", "sns", "sqs", "secretsmanager", "logs", "events", "cloudwatch", "apigatewayv2", "route53",
    "acm",
    "sesv2", "backup", "ivs", "ivschat", "appsync", "budgets", "cloudtrail", "iam", "lambda",
)  # fmt: skip


def look(aws: Aws, member: boto3.Session, made: dict[str, str]) -> dict[str, Any]:
    client = {name: aws.client(name, member) for name in NAMES}
    bucket = made["bucket"]
    return {
        "items": client["dynamodb"].scan(TableName="kept")["Items"],
        "backups": [b["BackupName"] for b in client["dynamodb"].list_backups()["BackupSummaries"]],
        "object": client["s3"].get_object(Bucket=bucket, Key="k")["Body"].read(),
        "versions": len(client["s3"].list_object_versions(Bucket=bucket)["Versions"]),
        "key": client["kms"].describe_key(KeyId=made["key"])["KeyMetadata"]["KeyState"],
        "topics": [t["TopicArn"] for t in client["sns"].list_topics()["Topics"]],
        "messages": waiting(client["sqs"], made["queue"]),
        "secret": client["secretsmanager"].get_secret_value(SecretId="creator/app")["SecretString"],
        "groups": [g["logGroupName"] for g in client["logs"].describe_log_groups(logGroupNamePrefix="/g")["logGroups"]],
        "rules": [r["Name"] for r in client["events"].list_rules()["Rules"]],
        "alarms": [a["AlarmName"] for a in client["cloudwatch"].describe_alarms()["MetricAlarms"]],
        "api": client["apigatewayv2"].get_api(ApiId=made["api"])["Name"],
        "zone": client["route53"].get_hosted_zone(Id=made["zone"])["DelegationSet"],
        "certificates": client["acm"].list_certificates()["CertificateSummaryList"],
        "identity": client["sesv2"].get_email_identity(EmailIdentity="z.example")["DkimAttributes"],
        "vaults": [v["BackupVaultName"] for v in client["backup"].list_backup_vaults()["BackupVaultList"]],
        "channels": client["ivs"].list_channels()["channels"],
        "rooms": [r["arn"] for r in client["ivschat"].list_rooms()["rooms"]],
        "event apis": [a["name"] for a in client["appsync"].list_apis()["apis"]],
        "budgets": [b["BudgetName"] for b in client["budgets"].describe_budgets(AccountId=made["account"])["Budgets"]],
        "trails": [t["Name"] for t in client["cloudtrail"].describe_trails()["trailList"]],
        "roles": sorted(r["RoleName"] for r in client["iam"].list_roles()["Roles"] if r["RoleName"] in {ADMIN, "fn"}),
        "functions": [f["FunctionName"] for f in client["lambda"].list_functions()["Functions"]],
    }


def waiting(sqs: Any, queue: str) -> str:
    name = "ApproximateNumberOfMessages"
    return str(sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=[name])["Attributes"][name])
