"""Firehose delivery streams into S3."""

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.resource import aws
from sandbox.plugins.aws.tags import Tagging
from sandbox.plugins.failures import Failure, Missing
from sandbox.plugins.schema import Call, flag, number, obj, some, text
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import decode, encode, pascal

_TAGS = Tagging(
    listing="list_tags_for_delivery_stream",
    add="tag_delivery_stream",
    remove="untag_delivery_stream",
    target="DeliveryStreamName",
    of=lambda call, outputs: outputs.get("name") or call.known("name"),
)
_CREATE_SECONDS = 600
_LOGGING = {"enabled": flag(default=False), "logGroupName": text(), "logStreamName": text()}
_PARAMETER = {"parameterName": text(required=True), "parameterValue": text(required=True)}
_PROCESSOR = {"type": text(required=True), "parameters": some(obj(_PARAMETER))}
_S3 = {
    "bucketArn": text(required=True, wire="BucketARN"),
    "roleArn": text(required=True, wire="RoleARN"),
    "prefix": text(),
    "errorOutputPrefix": text(),
    "compressionFormat": text(default="UNCOMPRESSED"),
    "customTimeZone": text(computed=True),
    "fileExtension": text(),
    "s3BackupMode": text(computed=True, wire="S3BackupMode"),
    "cloudwatchLoggingOptions": obj(_LOGGING, computed=True, wire="CloudWatchLoggingOptions"),
    "processingConfiguration": obj(
        {"enabled": flag(default=False), "processors": some(obj(_PROCESSOR))}, computed=True
    ),
}
_BUFFER = {"bufferingSize": number(default=5), "bufferingInterval": number(default=300)}
_KEY = {"kmsKeyArn": text()}


def _s3_sent(inputs: Doc) -> Doc:
    given = inputs["extendedS3Configuration"]
    hints = {"SizeInMBs": int(given["bufferingSize"]), "IntervalInSeconds": int(given["bufferingInterval"])}
    key = given.get("kmsKeyArn")
    encryption = {"EncryptionConfiguration": {"KMSEncryptionConfig": {"AWSKMSKeyARN": key}}} if key else {}
    return {**encode(_S3, given, pascal), "BufferingHints": hints, **encryption}


def _s3_read(described: Doc) -> Doc:
    hints = described.get("BufferingHints") or {}
    encryption = described.get("EncryptionConfiguration") or {}
    found = {
        **decode(_S3, described, pascal),
        "bufferingSize": hints.get("SizeInMBs"),
        "bufferingInterval": hints.get("IntervalInSeconds"),
        "kmsKeyArn": (encryption.get("KMSEncryptionConfig") or {}).get("AWSKMSKeyARN"),
    }
    return {key: value for key, value in found.items() if value is not None}


def _encryption_sent(inputs: Doc) -> Doc | None:
    wanted = inputs.get("serverSideEncryption") or {}
    if not wanted.get("enabled"):
        return None
    key = {"KeyARN": wanted["keyArn"]} if wanted.get("keyArn") else {}
    return {"KeyType": wanted["keyType"], **key}


def _create(client: Client, call: Call) -> None:
    encryption = _encryption_sent(call.inputs)
    more = {"DeliveryStreamEncryptionConfigurationInput": encryption} if encryption else {}
    answer = client.create_delivery_stream(
        DeliveryStreamName=call.inputs["name"],
        DeliveryStreamType="DirectPut",
        ExtendedS3DestinationConfiguration=_s3_sent(call.inputs),
        **more,
        **_TAGS.new(call),
    )
    call.id = answer["DeliveryStreamARN"]
    client.until(lambda: _is_active(client, call), f"delivery stream {call.inputs['name']}", seconds=_CREATE_SECONDS)


def _describe(client: Client, call: Call) -> Doc:
    name = call.known("name") or call.id.rsplit("/", 1)[-1]
    found: Doc = client.describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]
    return found


def _is_active(client: Client, call: Call) -> bool:
    status = _describe(client, call)["DeliveryStreamStatus"]
    if status == "CREATING_FAILED":
        raise Failure(f"AWS: firehose: {call.inputs['name']} could not be created")
    return bool(status == "ACTIVE")


def _read(client: Client, call: Call) -> Doc:
    found = _describe(client, call)
    destination = found["Destinations"][0]
    s3 = destination.get("ExtendedS3DestinationDescription") or destination.get("S3DestinationDescription") or {}
    return {
        "name": found["DeliveryStreamName"],
        "arn": found["DeliveryStreamARN"],
        "destination": "extended_s3",
        "destinationId": destination.get("DestinationId"),
        "versionId": found.get("VersionId"),
        "extendedS3Configuration": _s3_read(s3),
        "serverSideEncryption": _encryption_read(found.get("DeliveryStreamEncryptionConfiguration") or {}),
    }


def _encryption_read(found: Doc) -> Doc:
    if found.get("Status") not in {"ENABLED", "ENABLING"}:
        return {"enabled": False}
    described = {"enabled": True, "keyType": found.get("KeyType"), "keyArn": found.get("KeyARN")}
    return {key: value for key, value in described.items() if value is not None}


def _update(client: Client, call: Call) -> None:
    name = call.inputs["name"]
    if call.differs("extendedS3Configuration"):
        found = _describe(client, call)
        client.update_destination(
            DeliveryStreamName=name,
            CurrentDeliveryStreamVersionId=found["VersionId"],
            DestinationId=found["Destinations"][0]["DestinationId"],
            ExtendedS3DestinationUpdate=_s3_sent(call.inputs),
        )
    if call.differs("serverSideEncryption"):
        encryption = _encryption_sent(call.inputs)
        if encryption:
            client.start_delivery_stream_encryption(
                DeliveryStreamName=name, DeliveryStreamEncryptionConfigurationInput=encryption
            )
        else:
            client.stop_delivery_stream_encryption(DeliveryStreamName=name)


def _delete(client: Client, call: Call) -> None:
    client.delete_delivery_stream(DeliveryStreamName=call.known("name") or call.id.rsplit("/", 1)[-1])
    client.until(lambda: _is_gone(client, call), f"deletion of {call.id}", seconds=_CREATE_SECONDS)


def _is_gone(client: Client, call: Call) -> bool:
    try:
        _describe(client, call)
    except Missing:
        return True
    return False


RESOURCES = (
    aws(
        "kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
        "firehose",
        {
            "name": text(autoname=True, replaces=True),
            "destination": text(required=True, choices=("extended_s3",), replaces=True),
            "extendedS3Configuration": obj({**_S3, **_BUFFER, **_KEY}),
            "serverSideEncryption": obj(
                {
                    "enabled": flag(default=False),
                    "keyType": text(default="AWS_OWNED_CMK"),
                    "keyArn": text(computed=True),
                },
                default={"enabled": False},
            ),
            "arn": text(computed=True),
            "destinationId": text(computed=True),
            "versionId": text(computed=True),
        },
        natural=("name",),
        tagging=_TAGS,
        create=_create,
        read=_read,
        update=_update,
        delete=_delete,
        rules=lambda inputs: (
            () if "extendedS3Configuration" in inputs else [("extendedS3Configuration", "extended_s3 needs it")]
        ),
    ),
)
