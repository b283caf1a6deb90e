"""The calls that the creator line makes to services without a file of their own, in a member account."""

import gzip
import json
from typing import Any

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError

from tests.contract.aws.code import allow, document
from tests.contract.aws.conftest import Aws, until

WHERE = {"CreateBucketConfiguration": {"LocationConstraint": "eu-central-1"}}


@pytest.fixture(scope="module")
def key(aws: Aws, member: boto3.Session) -> str:
    return str(aws.client("kms", member).create_key(Description="creator")["KeyMetadata"]["Arn"])


class TestKeysAndSecrets:
    def test_a_key_with_an_alias(self, aws: Aws, member: boto3.Session, key: str) -> None:
        kms = aws.client("kms", member)
        kms.create_alias(AliasName="alias/creator", TargetKeyId=key)
        kms.enable_key_rotation(KeyId=key)
        assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True
        box = kms.encrypt(KeyId="alias/creator", Plaintext=b"secret")["CiphertextBlob"]
        assert kms.decrypt(CiphertextBlob=box)["Plaintext"] == b"secret"
        policy = document(allow("kms:*", "*", Principal={"AWS": "*"}))
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy)
        assert json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]) == json.loads(policy)
        other = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.schedule_key_deletion(KeyId=other, PendingWindowInDays=30)
        assert kms.describe_key(KeyId=other)["KeyMetadata"]["KeyState"] == "PendingDeletion"

    def test_a_secret_without_a_value_gets_one(self, aws: Aws, member: boto3.Session, key: str) -> None:
        secrets = aws.client("secretsmanager", member)
        arn = secrets.create_secret(Name="creator/stripe", KmsKeyId=key)["ARN"]
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            secrets.get_secret_value(SecretId=arn)
        secrets.put_secret_value(SecretId=arn, SecretString="sk_test")
        assert secrets.get_secret_value(SecretId="creator/stripe")["SecretString"] == "sk_test"
        secrets.delete_secret(SecretId=arn, RecoveryWindowInDays=7)
        with pytest.raises(ClientError, match="InvalidRequestException"):
            secrets.create_secret(Name="creator/stripe")
        secrets.restore_secret(SecretId=arn)
        assert secrets.describe_secret(SecretId=arn).get("DeletedDate") is None


class TestBuckets:
    def test_versions_rules_and_presigned_urls(self, aws: Aws, account: str, member: boto3.Session, key: str) -> None:
        s3, bucket = aws.client("s3", member), f"cr-rules-{account}"
        s3.create_bucket(Bucket=bucket, **WHERE)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        encryption = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
        s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [encryption]})
        rule = {
            "ID": "old",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 90},
        }
        s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
        cors = {"AllowedMethods": ["PUT"], "AllowedOrigins": ["https://site.example"]}
        s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [cors]})
        assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"][0]["ID"] == "old"
        first = s3.put_object(Bucket=bucket, Key="a", Body=b"1")["VersionId"]
        s3.put_object(Bucket=bucket, Key="a", Body=b"2")
        s3.copy_object(Bucket=bucket, Key="a", CopySource={"Bucket": bucket, "Key": "a", "VersionId": first})
        assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"1"
        url = s3.generate_presigned_url(
            "put_object", Params={"Bucket": bucket, "Key": "up", "ContentType": "image/png"}
        )
        assert httpx.put(url, content=b"png", headers={"content-type": "image/png"}).status_code == 200
        assert httpx.put(url, content=b"png", headers={"content-type": "text/html"}).status_code == 403
        got = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "up"})
        assert httpx.get(got).content == b"png"
        assert httpx.get(got.replace("/up?", "/a?")).status_code == 403
        with pytest.raises(ClientError, match="BucketNotEmpty"):
            s3.delete_bucket(Bucket=bucket)

    def test_large_objects_in_parts(self, aws: Aws, account: str, member: boto3.Session) -> None:
        s3, bucket = aws.client("s3", member), f"cr-parts-{account}"
        s3.create_bucket(Bucket=bucket, **WHERE)
        upload = s3.create_multipart_upload(Bucket=bucket, Key="big")["UploadId"]
        parts = []
        for number, body in ((1, b"a" * 5 * 1024 * 1024), (2, b"b")):
            tag = s3.upload_part(Bucket=bucket, Key="big", UploadId=upload, PartNumber=number, Body=body)["ETag"]
            parts.append({"PartNumber": number, "ETag": tag})
        s3.complete_multipart_upload(Bucket=bucket, Key="big", UploadId=upload, MultipartUpload={"Parts": parts})
        assert s3.head_object(Bucket=bucket, Key="big")["ContentLength"] == 5 * 1024 * 1024 + 1


class TestData:
    def test_conditions_transactions_and_indexes(self, aws: Aws, member: boto3.Session) -> None:
        dynamodb = aws.client("dynamodb", member)
        attributes = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "status", "at")]
        keys = [{"AttributeName": "status", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}]
        index = {"IndexName": "status-index", "Projection": {"ProjectionType": "ALL"}, "KeySchema": keys}
        dynamodb.create_table(
            TableName="events-table", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=attributes, GlobalSecondaryIndexes=[index], BillingMode="PAY_PER_REQUEST",
            DeletionProtectionEnabled=True,
        )  # fmt: skip
        item = {"pk": {"S": "e1"}, "status": {"S": "open"}, "at": {"S": "1"}, "sold": {"N": "0"}}
        dynamodb.put_item(TableName="events-table", Item=item, ConditionExpression="attribute_not_exists(pk)")
        with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
            dynamodb.put_item(TableName="events-table", Item=item, ConditionExpression="attribute_not_exists(pk)")
        sell = {"Update": {
            "TableName": "events-table", "Key": {"pk": {"S": "e1"}}, "UpdateExpression": "ADD sold :one",
            "ConditionExpression": "sold < :all", "ExpressionAttributeValues": {":one": {"N": "1"}, ":all": {"N": "1"}},
        }}  # fmt: skip
        dynamodb.transact_write_items(TransactItems=[sell])
        with pytest.raises(dynamodb.exceptions.TransactionCanceledException):
            dynamodb.transact_write_items(TransactItems=[sell])
        found = dynamodb.query(
            TableName="events-table", IndexName="status-index", KeyConditionExpression="#s = :s",
            ExpressionAttributeNames={"#s": "status"}, ExpressionAttributeValues={":s": {"S": "open"}},
        )["Items"]  # fmt: skip
        assert found[0]["sold"] == {"N": "1"}
        with pytest.raises(ClientError, match="ValidationException"):
            dynamodb.delete_table(TableName="events-table")

    def test_firehose_writes_to_the_bucket(self, aws: Aws, account: str, member: boto3.Session) -> None:
        s3, firehose, bucket = aws.client("s3", member), aws.client("firehose", member), f"cr-analytics-{account}"
        s3.create_bucket(Bucket=bucket, **WHERE)
        firehose.create_delivery_stream(
            DeliveryStreamName="analytics",
            ExtendedS3DestinationConfiguration={
                "RoleARN": f"arn:aws:iam::{account}:role/firehose", "BucketARN": f"arn:aws:s3:::{bucket}",
                "Prefix": "raw/",
                "BufferingHints": {"SizeInMBs": 5, "IntervalInSeconds": 60}, "CompressionFormat": "GZIP",
            },
        )  # fmt: skip
        firehose.put_record(DeliveryStreamName="analytics", Record={"Data": b'{"view": 1}\n'})
        found = until(lambda: s3.list_objects_v2(Bucket=bucket, Prefix="raw/").get("Contents"))
        body = s3.get_object(Bucket=bucket, Key=found[0]["Key"])["Body"].read()
        assert gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body == b'{"view": 1}\n'


class TestWatching:
    def test_trail_budget_dashboard_and_logs(self, aws: Aws, account: str, member: boto3.Session, key: str) -> None:
        bucket = f"cr-logs-{account}"
        aws.client("s3", member).create_bucket(Bucket=bucket, **WHERE)
        trail = aws.client("cloudtrail", member)
        trail.create_trail(Name="creator", S3BucketName=bucket, IsMultiRegionTrail=True, EnableLogFileValidation=True)
        trail.start_logging(Name="creator")
        assert trail.get_trail_status(Name="creator")["IsLogging"] is True
        budgets = aws.client("budgets", member)
        budget = {
            "BudgetName": "quote",
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": "110", "Unit": "USD"},
        }
        budgets.create_budget(AccountId=account, Budget=budget)
        budget["BudgetLimit"] = {"Amount": "240", "Unit": "USD"}
        budgets.update_budget(AccountId=account, NewBudget=budget)
        limit = budgets.describe_budget(AccountId=account, BudgetName="quote")["Budget"]["BudgetLimit"]["Amount"]
        assert float(limit) == 240
        watch = aws.client("cloudwatch", member)
        watch.put_dashboard(DashboardName="creator", DashboardBody='{"widgets": []}')
        assert [d["DashboardName"] for d in watch.list_dashboards()["DashboardEntries"]] == ["creator"]
        logs = aws.client("logs", member)
        logs.create_log_group(logGroupName="/creator/app", kmsKeyId=key)
        logs.put_retention_policy(logGroupName="/creator/app", retentionInDays=14)
        found = logs.describe_log_groups(logGroupNamePrefix="/creator/app")["logGroups"][0]
        assert found["retentionInDays"] == 14

    def test_tags_are_found(self, aws: Aws, member: boto3.Session) -> None:
        topic = aws.client("sns", member).create_topic(Name="tagged", Tags=[{"Key": "tenant", "Value": "t1"}])[
            "TopicArn"
        ]
        found = aws.client("resourcegroupstaggingapi", member).get_resources(
            TagFilters=[{"Key": "tenant", "Values": ["t1"]}]
        )["ResourceTagMappingList"]
        assert topic in {entry["ResourceARN"] for entry in found}


class TestPool:
    def test_what_the_auth_handler_does(self, aws: Aws, member: boto3.Session) -> None:
        cognito = aws.client("cognito-idp", member)
        pool = cognito.create_user_pool(PoolName="creator-users", UsernameAttributes=["email"])["UserPool"]["Id"]
        client = make_client(cognito, pool)
        cognito.create_group(GroupName="premium", UserPoolId=pool)
        name = {"UserPoolId": pool, "Username": "fan@site.example"}
        cognito.admin_create_user(**name, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(**name, Password="Correct-Horse-1", Permanent=True)
        cognito.admin_disable_user(**name)
        with pytest.raises(ClientError, match="NotAuthorizedException"):
            login(cognito, pool, client)
        cognito.admin_enable_user(**name)
        cognito.admin_add_user_to_group(**name, GroupName="premium")
        tokens = login(cognito, pool, client)
        again = cognito.admin_initiate_auth(
            UserPoolId=pool, ClientId=client, AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]},
        )  # fmt: skip
        assert again["AuthenticationResult"]["AccessToken"]
        cognito.revoke_token(ClientId=client, Token=tokens["RefreshToken"])
        cognito.admin_user_global_sign_out(**name)
        cognito.admin_delete_user(**name)
        with pytest.raises(ClientError, match="UserNotFoundException"):
            cognito.admin_get_user(**name)


def make_client(cognito: Any, pool: str) -> str:
    flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    made = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="web", ExplicitAuthFlows=flows, EnableTokenRevocation=True
    )
    return str(made["UserPoolClient"]["ClientId"])


def login(cognito: Any, pool: str, client: str) -> Any:
    return cognito.admin_initiate_auth(
        UserPoolId=pool, ClientId=client, AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "fan@site.example", "PASSWORD": "Correct-Horse-1"},
    )["AuthenticationResult"]  # fmt: skip
