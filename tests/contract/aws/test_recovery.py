"""Backups, recovery points and restores to a point in time; items whose time to live is over."""

import time
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.contract.aws.conftest import Aws, until


@pytest.fixture(scope="module")
def dynamodb(aws: Aws, member: boto3.Session) -> Any:
    return aws.client("dynamodb", member)


def make_table(dynamodb: Any, name: str) -> str:
    made = dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": kind} for n, kind in (("pk", "S"), ("sk", "N"))],
    )  # fmt: skip
    return str(made["TableDescription"]["TableArn"])


def put(dynamodb: Any, table: str, pk: str, sk: int, **more: Any) -> None:
    dynamodb.put_item(TableName=table, Item={"pk": {"S": pk}, "sk": {"N": str(sk)}, **more})


def content(dynamodb: Any, table: str) -> set[tuple[str, str]]:
    items = dynamodb.scan(TableName=table)["Items"]
    return {(item["pk"]["S"], item["sk"]["N"]) for item in items}


class TestPointInTime:
    def test_a_restore_goes_back_to_the_second(self, dynamodb: Any) -> None:
        make_table(dynamodb, "rewound")
        put(dynamodb, "rewound", "before", 1)
        with pytest.raises(ClientError, match="PointInTimeRecoveryUnavailable"):
            dynamodb.restore_table_to_point_in_time(
                SourceTableName="rewound", TargetTableName="rewound-x", UseLatestRestorableTime=True
            )
        dynamodb.update_continuous_backups(
            TableName="rewound", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
        )
        put(dynamodb, "rewound", "marker", 2)
        batch = [{"PutRequest": {"Item": {"pk": {"S": "batch"}, "sk": {"N": "3"}}}}]
        dynamodb.batch_write_item(RequestItems={"rewound": batch})
        moment = clock(dynamodb)
        until(lambda: clock(dynamodb) > moment)
        dynamodb.delete_item(TableName="rewound", Key={"pk": {"S": "marker"}, "sk": {"N": "2"}})
        dynamodb.transact_write_items(
            TransactItems=[{"Put": {"TableName": "rewound", "Item": {"pk": {"S": "after"}, "sk": {"N": "4"}}}}]
        )
        dynamodb.restore_table_to_point_in_time(
            SourceTableName="rewound", TargetTableName="rewound-g2", RestoreDateTime=moment
        )
        assert content(dynamodb, "rewound-g2") == {("before", "1"), ("marker", "2"), ("batch", "3")}
        assert content(dynamodb, "rewound") == {("before", "1"), ("batch", "3"), ("after", "4")}
        found = dynamodb.get_item(TableName="rewound-g2", Key={"pk": {"S": "marker"}, "sk": {"N": "2"}})
        assert found["Item"]["pk"] == {"S": "marker"}
        with pytest.raises(ClientError, match="InvalidRestoreTime"):
            dynamodb.restore_table_to_point_in_time(
                SourceTableName="rewound", TargetTableName="rewound-y", RestoreDateTime=1_600_000_000
            )

    def test_the_window_is_told(self, dynamodb: Any) -> None:
        make_table(dynamodb, "window")
        dynamodb.update_continuous_backups(
            TableName="window", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
        )
        found = dynamodb.describe_continuous_backups(TableName="window")["ContinuousBackupsDescription"]
        times = found["PointInTimeRecoveryDescription"]
        assert times["EarliestRestorableDateTime"] <= times["LatestRestorableDateTime"]


def clock(dynamodb: Any) -> int:
    """The next full second of the stand-in's clock."""
    found = dynamodb.describe_continuous_backups(TableName="rewound")["ContinuousBackupsDescription"]
    return int(found["PointInTimeRecoveryDescription"]["LatestRestorableDateTime"].timestamp()) + 2


class TestBackups:
    def test_a_backup_brings_the_items_back(self, dynamodb: Any) -> None:
        make_table(dynamodb, "kept")
        put(dynamodb, "kept", "a", 1)
        backup = dynamodb.create_backup(TableName="kept", BackupName="pre-op")["BackupDetails"]["BackupArn"]
        dynamodb.delete_item(TableName="kept", Key={"pk": {"S": "a"}, "sk": {"N": "1"}})
        dynamodb.restore_table_from_backup(BackupArn=backup, TargetTableName="kept-g2")
        assert content(dynamodb, "kept-g2") == {("a", "1")}

    def test_recovery_points_of_a_vault(self, aws: Aws, account: str, member: boto3.Session, dynamodb: Any) -> None:
        backup, table = aws.client("backup", member), make_table(dynamodb, "vaulted")
        put(dynamodb, "vaulted", "a", 1)
        backup.create_backup_vault(BackupVaultName="creator")
        rule = {"RuleName": "daily", "TargetBackupVaultName": "creator", "ScheduleExpression": "cron(0 3 * * ? *)"}
        plan = backup.create_backup_plan(BackupPlan={"BackupPlanName": "daily", "Rules": [rule]})["BackupPlanId"]
        who = f"arn:aws:iam::{account}:role/backup"
        tag = {"ConditionType": "STRINGEQUALS", "ConditionKey": "backup", "ConditionValue": "true"}
        selection = {"SelectionName": "tables", "IamRoleArn": who, "ListOfTags": [tag]}
        assert backup.create_backup_selection(BackupPlanId=plan, BackupSelection=selection)["SelectionId"]
        job = backup.start_backup_job(BackupVaultName="creator", ResourceArn=table, IamRoleArn=who)
        assert backup.describe_backup_job(BackupJobId=job["BackupJobId"])["State"] == "COMPLETED"
        points = backup.list_recovery_points_by_backup_vault(BackupVaultName="creator")["RecoveryPoints"]
        assert [point["ResourceArn"] for point in points] == [table]
        restore = backup.start_restore_job(
            RecoveryPointArn=points[0]["RecoveryPointArn"], Metadata={"targetTableName": "vaulted-g2"}, IamRoleArn=who
        )
        assert backup.describe_restore_job(RestoreJobId=restore["RestoreJobId"])["CreatedResourceArn"].endswith(
            "vaulted-g2"
        )
        assert content(dynamodb, "vaulted-g2") == {("a", "1")}
        with pytest.raises(ClientError, match="contains recovery points"):
            backup.delete_backup_vault(BackupVaultName="creator")
        backup.delete_recovery_point(BackupVaultName="creator", RecoveryPointArn=points[0]["RecoveryPointArn"])
        backup.delete_backup_vault(BackupVaultName="creator")


class TestExpiry:
    def test_items_go_when_their_time_has_come(self, aws: Aws, dynamodb: Any) -> None:
        make_table(dynamodb, "expiring")
        dynamodb.update_time_to_live(
            TableName="expiring", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"}
        )
        put(dynamodb, "expiring", "soon", 1, ttl={"N": str(int(time.time()) + 400 * 86400)})
        put(dynamodb, "expiring", "stays", 1)
        aws.sim("POST", "/clock/advance", json={"seconds": 401 * 86400}).raise_for_status()
        assert until(lambda: content(dynamodb, "expiring") == {("stays", "1")})
