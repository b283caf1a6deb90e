"""AWS Backup with recovery points: a job on a table makes a real backup, a restore job a real table."""

import json
import uuid
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud, serves
from sandbox.aws.consequences import follows
from sandbox.aws.errors import Answer, AwsError
from sandbox.aws.services.shelf import Shelf, page
from sandbox.kit.store import Doc


def _missing(id: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"{id} cannot be found.")


POINTS = Shelf("recovery_point", missing=_missing)
RESTORES = Shelf("restore_job", missing=_missing)


async def _table_call(cloud: Cloud, call: Call, operation: str, params: Doc) -> Doc:
    headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": f"DynamoDB_20120810.{operation}"}
    answer = await cloud.backend.invoke(
        call.account, call.region, "dynamodb", headers=headers, body=json.dumps(params).encode()
    )
    found: Doc = json.loads(answer.body)
    if answer.status != 200:
        raise AwsError("InvalidRequestException", str(found.get("message") or found.get("Message")))
    return found


@serves("backup:StartBackupJob")
async def start(cloud: Cloud, call: Call) -> Answer:
    resource = call.text("ResourceArn")
    if ":dynamodb:" not in resource or ":table/" not in resource:
        raise AwsError("InvalidParameterValueException", "Only DynamoDB tables can be backed up here.")
    name = resource.rpartition("/")[2]
    made = await _table_call(
        cloud, call, "CreateBackup", {"TableName": name, "BackupName": f"awsbackup-{uuid.uuid4()}"}
    )
    answer = await cloud.backend.forward(call)
    job = json.loads(answer.body)
    point = f"arn:aws:backup:{call.region}:{call.account}:recovery-point:{uuid.uuid4()}"
    vault = call.text("BackupVaultName")
    record = cloud.backend.module("backup")._jobs.get_scoped(call.account, call.region, job["BackupJobId"])
    record |= {"RecoveryPointArn": point, "ResourceType": "DynamoDB", "ResourceName": name}
    POINTS.put(cloud, call, point, {
        "RecoveryPointArn": point, "BackupVaultName": vault, "ResourceArn": resource, "ResourceType": "DynamoDB",
        "BackupVaultArn": f"arn:aws:backup:{call.region}:{call.account}:backup-vault:{vault}", "ResourceName": name,
        "IamRoleArn": call.text("IamRoleArn"), "Status": "COMPLETED", "CreationDate": cloud.now(), "IsEncrypted": True,
        "CompletionDate": cloud.now(), "BackupSizeInBytes": made["BackupDetails"].get("BackupSizeBytes", 0),
        "backup": made["BackupDetails"]["BackupArn"],
    })  # fmt: skip
    return answer.with_body(json.dumps({**job, "RecoveryPointArn": point}).encode())


def _public(point: Doc) -> Doc:
    return {name: value for name, value in point.items() if name != "backup"}


@serves("backup:ListRecoveryPointsByBackupVault")
def by_vault(cloud: Cloud, call: Call) -> dict[str, Any]:
    vault, resource = call.text("backupVaultName"), call.text("resourceArn")
    found = [_public(point) for point in POINTS.all(cloud, call) if point["BackupVaultName"] == vault]
    found = [point for point in found if not resource or point["ResourceArn"] == resource]
    return page(call, "RecoveryPoints", found[::-1])


@serves("backup:ListRecoveryPointsByResource")
def by_resource(cloud: Cloud, call: Call) -> dict[str, Any]:
    resource = call.text("resourceArn")
    return page(
        call, "RecoveryPoints", [_public(p) for p in POINTS.all(cloud, call)[::-1] if p["ResourceArn"] == resource]
    )


@serves("backup:DescribeRecoveryPoint")
def describe(cloud: Cloud, call: Call) -> dict[str, Any]:
    return _public(POINTS.get(cloud, call, call.text("recoveryPointArn")))


@serves("backup:GetRecoveryPointRestoreMetadata")
def metadata(cloud: Cloud, call: Call) -> dict[str, Any]:
    point = POINTS.get(cloud, call, call.text("recoveryPointArn"))
    return {
        "BackupVaultArn": point["BackupVaultArn"], "RecoveryPointArn": point["RecoveryPointArn"],
        "RestoreMetadata": {"originalTableName": point["ResourceName"]}, "ResourceType": "DynamoDB",
    }  # fmt: skip


@serves("backup:DeleteRecoveryPoint")
async def delete(cloud: Cloud, call: Call) -> None:
    point = POINTS.delete(cloud, call, call.text("recoveryPointArn"))
    await _table_call(cloud, call, "DeleteBackup", {"BackupArn": point["backup"]})


@serves("backup:StartRestoreJob")
async def restore(cloud: Cloud, call: Call) -> dict[str, Any]:
    point = POINTS.get(cloud, call, call.text("RecoveryPointArn"))
    target = str((call.params.get("Metadata") or {}).get("targetTableName", ""))
    if not target:
        raise AwsError("InvalidParameterValueException", "Metadata must have targetTableName")
    params = {"BackupArn": point["backup"], "TargetTableName": target}
    made = await _table_call(cloud, call, "RestoreTableFromBackup", params)
    id, now = str(uuid.uuid4()), cloud.now()
    RESTORES.put(cloud, call, id, {
        "AccountId": call.account, "RestoreJobId": id, "RecoveryPointArn": point["RecoveryPointArn"],
        "CreationDate": now,
        "CompletionDate": now, "Status": "COMPLETED", "PercentDone": "100.00%", "IamRoleArn": call.text("IamRoleArn"),
        "CreatedResourceArn": made["TableDescription"]["TableArn"], "ResourceType": "DynamoDB",
        "SourceResourceArn": point["ResourceArn"],
    })  # fmt: skip
    return {"RestoreJobId": id}


@serves("backup:DescribeRestoreJob")
def describe_restore(cloud: Cloud, call: Call) -> dict[str, Any]:
    return RESTORES.get(cloud, call, call.text("restoreJobId"))


@serves("backup:ListRestoreJobs")
def list_restores(cloud: Cloud, call: Call) -> dict[str, Any]:
    return page(call, "RestoreJobs", RESTORES.all(cloud, call)[::-1])


@follows("backup:DescribeBackupVault")
async def counted(cloud: Cloud, call: Call, answer: Answer) -> Answer:
    found, vault = json.loads(answer.body), call.text("backupVaultName")
    points = sum(point["BackupVaultName"] == vault for point in POINTS.all(cloud, call))
    return answer.with_body(json.dumps({**found, "NumberOfRecoveryPoints": points}).encode())


@serves("backup:DeleteBackupVault")
async def delete_vault(cloud: Cloud, call: Call) -> Answer:
    vault = call.text("backupVaultName")
    if any(point["BackupVaultName"] == vault for point in POINTS.all(cloud, call)):
        raise AwsError("InvalidRequestException", "Backup vault cannot be deleted because it contains recovery points.")
    cloud.backend.module("backup")._vaults.get_scoped(call.account, call.region, vault, {}).update(
        NumberOfRecoveryPoints=0
    )
    return await cloud.backend.forward(call)
