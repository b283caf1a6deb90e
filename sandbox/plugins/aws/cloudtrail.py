"""CloudTrail trails."""

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.resource import aws
from sandbox.plugins.aws.tags import Tagging
from sandbox.plugins.schema import Call, flag, text
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import decode, encode, pascal


class _TrailTags(Tagging):
    """CloudTrail lists the tags of several trails at once."""

    def read(self, client: Client, _call: Call, outputs: Doc) -> dict[str, str]:
        answer = client.list_tags(ResourceIdList=[outputs["arn"]])
        found = [tag for entry in answer.get("ResourceTagList") or [] for tag in entry.get("TagsList") or []]
        return {tag["Key"]: tag.get("Value", "") for tag in found}


_TAGS = _TrailTags(
    add="add_tags",
    remove="remove_tags",
    target="ResourceId",
    tags="TagsList",
    keys="TagsList",
    removal=lambda keys: [{"Key": key} for key in keys],
)
_FIELDS = {
    "s3BucketName": text(required=True, wire="S3BucketName"),
    "s3KeyPrefix": text(wire="S3KeyPrefix"),
    "snsTopicName": text(),
    "cloudWatchLogsGroupArn": text(wire="CloudWatchLogsLogGroupArn"),
    "cloudWatchLogsRoleArn": text(),
    "includeGlobalServiceEvents": flag(default=True),
    "isMultiRegionTrail": flag(default=False),
    "isOrganizationTrail": flag(default=False),
    "enableLogFileValidation": flag(default=False),
    "kmsKeyId": text(),
}
_ANSWERED = {**_FIELDS, "enableLogFileValidation": flag(wire="LogFileValidationEnabled")}


def _create(client: Client, call: Call) -> None:
    wanted = encode(_FIELDS, call.inputs, pascal)
    call.id = client.create_trail(Name=call.inputs["name"], **wanted)["TrailARN"]
    _TAGS.sync(client, call)
    if call.inputs["enableLogging"]:
        client.start_logging(Name=call.id)


def _read(client: Client, call: Call) -> Doc:
    trail = client.get_trail(Name=call.id)["Trail"]
    return {
        "name": trail["Name"],
        "arn": trail["TrailARN"],
        "homeRegion": trail.get("HomeRegion"),
        "snsTopicArn": trail.get("SnsTopicARN"),
        "enableLogging": bool(client.get_trail_status(Name=call.id).get("IsLogging")),
        **decode(_ANSWERED, trail, pascal),
    }


def _update(client: Client, call: Call) -> None:
    if call.differs(*_FIELDS):
        empty: Doc = {key: "" for key in ("s3KeyPrefix", "kmsKeyId", "snsTopicName") if key in call.old}
        client.update_trail(Name=call.id, **encode(_FIELDS, {**empty, **call.inputs}, pascal))
    if call.differs("enableLogging"):
        change = client.start_logging if call.inputs["enableLogging"] else client.stop_logging
        change(Name=call.id)


def _delete(client: Client, call: Call) -> None:
    client.delete_trail(Name=call.id.rsplit("/", 1)[-1])


RESOURCES = (
    aws(
        "cloudtrail/trail:Trail",
        "cloudtrail",
        {"name": text(autoname=True, replaces=True), **_FIELDS, "enableLogging": flag(default=True)},
        outputs=("arn", "homeRegion", "snsTopicArn"),
        natural=("name",),
        tagging=_TAGS,
        create=_create,
        read=_read,
        update=_update,
        delete=_delete,
    ),
)
