"""CloudWatch log groups."""

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.resource import aws, given
from sandbox.plugins.aws.tags import Tagging, as_map
from sandbox.plugins.schema import Call, flag, number, text
from sandbox.plugins.values import Doc

_TAGS = Tagging(target="resourceArn", tags="tags", keys="tagKeys", answer="tags", shape=as_map)


def _create(client: Client, call: Call) -> None:
    wanted = given(call, logGroupName="name", kmsKeyId="kmsKeyId", logGroupClass="logGroupClass")
    client.create_log_group(**wanted, **_TAGS.new(call))
    call.id = call.inputs["name"]
    if call.inputs.get("retentionInDays"):
        _retain(client, call)


def _retain(client: Client, call: Call) -> None:
    days = int(call.inputs.get("retentionInDays") or 0)
    if days:
        client.put_retention_policy(logGroupName=call.id, retentionInDays=days)
    else:
        client.delete_retention_policy(logGroupName=call.id)


def _read(client: Client, call: Call) -> Doc | None:
    groups = client.pages("describe_log_groups", "logGroups", logGroupNamePrefix=call.id)
    group = next((each for each in groups if each["logGroupName"] == call.id), None)
    if group is None:
        return None
    return {
        "name": call.id,
        "arn": group["arn"].removesuffix(":*"),
        "kmsKeyId": group.get("kmsKeyId"),
        "retentionInDays": group.get("retentionInDays", 0),
        "logGroupClass": group.get("logGroupClass") or "STANDARD",
    }


def _update(client: Client, call: Call) -> None:
    if call.differs("retentionInDays"):
        _retain(client, call)
    key = call.inputs.get("kmsKeyId")
    if call.differs("kmsKeyId") and key:
        client.associate_kms_key(logGroupName=call.id, kmsKeyId=key)
    elif call.differs("kmsKeyId"):
        client.disassociate_kms_key(logGroupName=call.id)


def _delete(client: Client, call: Call) -> None:
    if not call.known("skipDestroy"):
        client.delete_log_group(logGroupName=call.id)


RESOURCES = (
    aws(
        "cloudwatch/logGroup:LogGroup",
        "logs",
        {
            "name": text(autoname=True, replaces=True),
            "kmsKeyId": text(),
            "retentionInDays": number(default=0),
            "logGroupClass": text(computed=True, replaces=True),
            "skipDestroy": flag(default=False, local=True),
        },
        outputs=("arn",),
        natural=("name",),
        identity=lambda doc: str(doc["name"]),
        tagging=_TAGS,
        create=_create,
        read=_read,
        update=_update,
        delete=_delete,
    ),
)
