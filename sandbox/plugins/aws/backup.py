"""AWS Backup: vaults, plans, and what a plan saves."""

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.resource import aws, given
from sandbox.plugins.aws.tags import Tagging, Tags, as_map, wanted
from sandbox.plugins.schema import Call, flag, mapping, number, obj, some, text
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import decode, encode, pascal


def _new_tags(parameter: str, tags: Tags) -> Doc:
    return {parameter: tags} if tags else {}


_TAGS = Tagging(listing="list_tags", keys="TagKeyList", shape=as_map)


def _create_vault(client: Client, call: Call) -> None:
    named = given(call, BackupVaultName="name", EncryptionKeyArn="kmsKeyArn")
    client.create_backup_vault(**named, **_new_tags("BackupVaultTags", wanted(call)))


def _read_vault(client: Client, call: Call) -> Doc:
    found = client.describe_backup_vault(BackupVaultName=call.id)
    return {
        "name": found["BackupVaultName"],
        "arn": found["BackupVaultArn"],
        "kmsKeyArn": found.get("EncryptionKeyArn"),
        "recoveryPoints": found.get("NumberOfRecoveryPoints", 0),
    }


def _delete_vault(client: Client, call: Call) -> None:
    client.describe_backup_vault(BackupVaultName=call.id)
    if call.known("forceDestroy"):
        points = client.pages("list_recovery_points_by_backup_vault", "RecoveryPoints", BackupVaultName=call.id)
        for point in list(points):
            client.delete_recovery_point(BackupVaultName=call.id, RecoveryPointArn=point["RecoveryPointArn"])
    client.delete_backup_vault(BackupVaultName=call.id)


_LIFECYCLE = {
    "coldStorageAfter": number(wire="MoveToColdStorageAfterDays"),
    "deleteAfter": number(wire="DeleteAfterDays"),
    "optInToArchiveForSupportedResources": flag(computed=True),
}
_COPY = {"destinationVaultArn": text(required=True, wire="DestinationBackupVaultArn"), "lifecycle": obj(_LIFECYCLE)}
_RULE = {
    "ruleName": text(required=True),
    "targetVaultName": text(required=True, wire="TargetBackupVaultName"),
    "schedule": text(wire="ScheduleExpression"),
    "scheduleExpressionTimezone": text(computed=True),
    "startWindow": number(default=60, wire="StartWindowMinutes"),
    "completionWindow": number(default=180, wire="CompletionWindowMinutes"),
    "enableContinuousBackup": flag(default=False),
    "lifecycle": obj(_LIFECYCLE),
    "recoveryPointTags": mapping(text()),
    "copyActions": some(obj(_COPY)),
}
_PLAN = {
    "name": text(autoname=True, replaces=True, wire="BackupPlanName"),
    "rules": some(obj(_RULE), required=True),
}


def _create_plan(client: Client, call: Call) -> None:
    plan = encode(_PLAN, call.inputs, pascal)
    tags = _new_tags("BackupPlanTags", wanted(call))
    call.id = client.create_backup_plan(BackupPlan=plan, **tags)["BackupPlanId"]


def _read_plan(client: Client, call: Call) -> Doc | None:
    found = client.get_backup_plan(BackupPlanId=call.id)
    if found.get("DeletionDate"):
        return None
    return {
        **decode(_PLAN, found["BackupPlan"], pascal),
        "arn": found["BackupPlanArn"],
        "version": found.get("VersionId"),
    }


def _update_plan(client: Client, call: Call) -> None:
    if call.differs(*_PLAN):
        client.update_backup_plan(BackupPlanId=call.id, BackupPlan=encode(_PLAN, call.inputs, pascal))


def _delete_plan(client: Client, call: Call) -> None:
    client.get_backup_plan(BackupPlanId=call.id)
    client.delete_backup_plan(BackupPlanId=call.id)


_PAIR = {"key": text(required=True, wire="ConditionKey"), "value": text(required=True, wire="ConditionValue")}
_SELECTION = {
    "name": text(autoname=True, replaces=True, wire="SelectionName"),
    "iamRoleArn": text(required=True, replaces=True),
    "resources": some(text(), replaces=True),
    "notResources": some(text(), replaces=True),
    "selectionTags": some(
        obj({"type": text(required=True, wire="ConditionType"), **_PAIR}), replaces=True, wire="ListOfTags"
    ),
}


def _plan(call: Call) -> str:
    return str(call.known("planId"))


def _create_selection(client: Client, call: Call) -> None:
    selection = encode(_SELECTION, call.inputs, pascal)
    call.id = client.create_backup_selection(BackupPlanId=_plan(call), BackupSelection=selection)["SelectionId"]


def _read_selection(client: Client, call: Call) -> Doc:
    found = client.get_backup_selection(BackupPlanId=_plan(call), SelectionId=call.id)
    return {"planId": _plan(call), **decode(_SELECTION, found["BackupSelection"], pascal)}


def _delete_selection(client: Client, call: Call) -> None:
    client.delete_backup_selection(BackupPlanId=_plan(call), SelectionId=call.id)


RESOURCES = (
    aws(
        "backup/vault:Vault",
        "backup",
        {
            "name": text(autoname=True, replaces=True),
            "kmsKeyArn": text(computed=True, replaces=True),
            "forceDestroy": flag(default=False, local=True),
        },
        outputs=("arn", "recoveryPoints"),
        natural=("name",),
        identity=lambda doc: str(doc["name"]),
        tagging=_TAGS,
        create=_create_vault,
        read=_read_vault,
        delete=_delete_vault,
    ),
    aws(
        "backup/plan:Plan",
        "backup",
        _PLAN,
        outputs=("arn", "version"),
        volatile=("version",),
        tagging=_TAGS,
        create=_create_plan,
        read=_read_plan,
        update=_update_plan,
        delete=_delete_plan,
    ),
    aws(
        "backup/selection:Selection",
        "backup",
        {"planId": text(required=True, replaces=True), **_SELECTION},
        imports="planId|id",
        create=_create_selection,
        read=_read_selection,
        delete=_delete_selection,
    ),
)
