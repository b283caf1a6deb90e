"""DynamoDB tables."""

from sandbox.plugins.aws import dynamodb_changes as changes
from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.dynamodb_schema import FIELDS, index_read, keys_read, table_request
from sandbox.plugins.aws.resource import aws
from sandbox.plugins.aws.tags import Tagging, wanted
from sandbox.plugins.schema import Call
from sandbox.plugins.values import Doc

_TAGS = Tagging(listing="list_tags_of_resource")
_RESTORE_SECONDS, _DELETE_SECONDS = 3600, 600


def _create(client: Client, call: Call) -> None:
    if call.inputs.get("restoreSourceName") or call.inputs.get("restoreBackupArn"):
        _restore(client, call)
    else:
        client.create_table(**table_request(call.inputs), **_TAGS.new(call))
        call.id = call.inputs["name"]
    changes.wait_active(client, call.id)
    changes.after_create(client, call)


def _restore(client: Client, call: Call) -> None:
    """A restored table has its data and keys only; settings and tags follow as updates."""
    inputs = call.inputs
    if inputs.get("restoreBackupArn"):
        client.restore_table_from_backup(TargetTableName=inputs["name"], BackupArn=inputs["restoreBackupArn"])
    else:
        moment = {"RestoreDateTime": inputs["restoreDateTime"]} if inputs.get("restoreDateTime") else {}
        latest = {"UseLatestRestorableTime": True} if not moment or inputs.get("restoreToLatestTime") else {}
        names = {"SourceTableName": inputs["restoreSourceName"], "TargetTableName": inputs["name"]}
        client.restore_table_to_point_in_time(**names, **(latest or moment))
    call.id = inputs["name"]
    changes.wait_active(client, call.id, seconds=call.timeout or _RESTORE_SECONDS)
    tags = wanted(call)
    if tags:
        arn = client.describe_table(TableName=call.id)["Table"]["TableArn"]
        client.tag_resource(ResourceArn=arn, Tags=[{"Key": key, "Value": value} for key, value in tags.items()])
    actual = _settings(client, call, client.describe_table(TableName=call.id)["Table"])
    changes.apply(client, call, old=actual)


def _read(client: Client, call: Call) -> Doc | None:
    table = client.describe_table(TableName=call.id)["Table"]
    if table["TableStatus"] == "DELETING":
        return None
    return _settings(client, call, table)


def _settings(client: Client, call: Call, table: Doc) -> Doc:
    throughput = table.get("ProvisionedThroughput") or {}
    billing = (table.get("BillingModeSummary") or {}).get("BillingMode") or "PROVISIONED"
    stream = table.get("StreamSpecification") or {}
    indexes = table.get("GlobalSecondaryIndexes") or []
    local_restore = {key: call.known(key) for key in FIELDS if key.startswith("restore")}
    return {
        "name": table["TableName"],
        "arn": table["TableArn"],
        **keys_read(table),
        "billingMode": billing,
        "readCapacity": throughput.get("ReadCapacityUnits", 0) if billing == "PROVISIONED" else 0,
        "writeCapacity": throughput.get("WriteCapacityUnits", 0) if billing == "PROVISIONED" else 0,
        "globalSecondaryIndexes": [index_read(each, billing) for each in indexes] or None,
        "deletionProtectionEnabled": table.get("DeletionProtectionEnabled", False),
        "tableClass": (table.get("TableClassSummary") or {}).get("TableClass") or "STANDARD",
        "onDemandThroughput": _on_demand(table),
        "streamEnabled": stream.get("StreamEnabled", False),
        "streamViewType": stream.get("StreamViewType"),
        "streamArn": table.get("LatestStreamArn"),
        "streamLabel": table.get("LatestStreamLabel"),
        "serverSideEncryption": _encryption(table),
        "ttl": _ttl(client, call.id),
        "pointInTimeRecovery": _recovery(client, call),
        **local_restore,
    }


def _on_demand(table: Doc) -> Doc | None:
    found = table.get("OnDemandThroughput")
    if not found:
        return None
    named = {"maxReadRequestUnits": "MaxReadRequestUnits", "maxWriteRequestUnits": "MaxWriteRequestUnits"}
    limits = {key: found.get(wire) for key, wire in named.items()}
    return {key: value for key, value in limits.items() if value not in {None, -1}} or None


def _encryption(table: Doc) -> Doc:
    found = table.get("SSEDescription") or {}
    if found.get("Status") not in {"ENABLED", "ENABLING", "UPDATING"}:
        return {"enabled": False}
    return {"enabled": True, "kmsKeyArn": found.get("KMSMasterKeyArn")}


def _ttl(client: Client, table: str) -> Doc:
    found = client.describe_time_to_live(TableName=table).get("TimeToLiveDescription") or {}
    if found.get("TimeToLiveStatus") not in {"ENABLED", "ENABLING"}:
        return {"enabled": False}
    return {"enabled": True, "attributeName": found.get("AttributeName")}


def _recovery(client: Client, call: Call) -> Doc:
    found = client.describe_continuous_backups(TableName=call.id)["ContinuousBackupsDescription"]
    recovery = found.get("PointInTimeRecoveryDescription") or {}
    if recovery.get("PointInTimeRecoveryStatus") != "ENABLED":
        return {"enabled": False}
    return {"enabled": True, "recoveryPeriodInDays": recovery.get("RecoveryPeriodInDays")}


def _update(client: Client, call: Call) -> None:
    changes.apply(client, call, old=call.old)


def _delete(client: Client, call: Call) -> None:
    client.delete_table(TableName=call.id)
    client.until(lambda: changes.is_gone(client, call.id), f"deletion of table {call.id}", seconds=_DELETE_SECONDS)


RESOURCES = (
    aws(
        "dynamodb/table:Table",
        "dynamodb",
        FIELDS,
        outputs=("arn", "streamArn", "streamLabel"),
        natural=("name",),
        identity=lambda doc: str(doc["name"]),
        tagging=_TAGS,
        create=_create,
        read=_read,
        update=_update,
        delete=_delete,
    ),
)
