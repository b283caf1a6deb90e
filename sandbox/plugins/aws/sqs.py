"""SQS queues."""

from sandbox.plugins.aws import attributes
from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.resource import aws
from sandbox.plugins.aws.tags import Tagging, as_map, identity, wanted
from sandbox.plugins.schema import Call, flag, json_text, number, text
from sandbox.plugins.values import Doc

_TAGS = Tagging(
    listing="list_queue_tags", add="tag_queue", remove="untag_queue", target="QueueUrl", of=identity, shape=as_map
)

_ATTRIBUTES = {
    "delaySeconds": number(default=0),
    "maxMessageSize": number(computed=True, wire="MaximumMessageSize"),
    "messageRetentionSeconds": number(default=345600, wire="MessageRetentionPeriod"),
    "receiveWaitTimeSeconds": number(default=0, wire="ReceiveMessageWaitTimeSeconds"),
    "visibilityTimeoutSeconds": number(default=30, wire="VisibilityTimeout"),
    "policy": json_text(computed=True),
    "redrivePolicy": json_text(),
    "redriveAllowPolicy": json_text(),
    "kmsMasterKeyId": text(),
    "kmsDataKeyReusePeriodSeconds": number(computed=True),
    "sqsManagedSseEnabled": flag(computed=True),
    "fifoQueue": flag(replaces=True),
    "contentBasedDeduplication": flag(),
    "deduplicationScope": text(computed=True),
    "fifoThroughputLimit": text(computed=True),
}


def _create(client: Client, call: Call) -> None:
    tags = wanted(call)
    queue = {"QueueName": call.inputs["name"], "Attributes": attributes.encode(_ATTRIBUTES, call.inputs)}
    call.id = client.create_queue(**queue, **({"tags": tags} if tags else {}))["QueueUrl"]


def _read(client: Client, call: Call) -> Doc:
    found = client.get_queue_attributes(QueueUrl=call.id, AttributeNames=["All"])["Attributes"]
    arn = found["QueueArn"]
    names = {"url": call.id, "arn": arn, "name": arn.rsplit(":", 1)[-1]}
    return {**names, **attributes.decode(_ATTRIBUTES, found)}


def _update(client: Client, call: Call) -> None:
    changed = attributes.changed(_ATTRIBUTES, call.inputs, call.old)
    if changed:
        client.set_queue_attributes(QueueUrl=call.id, Attributes=changed)


def _delete(client: Client, call: Call) -> None:
    client.delete_queue(QueueUrl=call.id)


RESOURCES = (
    aws(
        "sqs/queue:Queue",
        "sqs",
        {"name": text(autoname=True, replaces=True), **_ATTRIBUTES},
        outputs=("arn", "url"),
        natural=("name",),
        tagging=_TAGS,
        create=_create,
        read=_read,
        update=_update,
        delete=_delete,
    ),
)
