"""IVS recording configurations: they cannot be changed, and not be deleted while a channel uses them."""

from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud, serves
from sandbox.aws.errors import AwsError
from sandbox.aws.services import channels
from sandbox.aws.services.shelf import Shelf, arn, chosen, invalid, not_found, page, random_id

RECORDINGS = Shelf("ivs_recording", missing=not_found)
FIELDS = ("name", "recordingReconnectWindowSeconds", "thumbnailConfiguration", "renditionConfiguration")
SUMMARY = ("arn", "name", "destinationConfiguration", "state", "tags")


@serves("ivs:CreateRecordingConfiguration")
def create(cloud: Cloud, call: Call) -> dict[str, Any]:
    destination = call.params.get("destinationConfiguration") or {}
    bucket = (destination.get("s3") or {}).get("bucketName", "")
    if not bucket:
        raise invalid("destinationConfiguration.s3.bucketName is required")
    made = {
        "arn": arn(call, "ivs", "recording-configuration", random_id()), "name": "",
        "destinationConfiguration": {"s3": {"bucketName": bucket}}, "state": _state(cloud, call, bucket),
        "recordingReconnectWindowSeconds": 0,
        "thumbnailConfiguration": {"recordingMode": "INTERVAL", "targetIntervalSeconds": 60},
        "renditionConfiguration": {"renditionSelection": "ALL", "renditions": []},
        "tags": call.params.get("tags") or {}, **chosen(call, *FIELDS),
    }  # fmt: skip
    RECORDINGS.put(cloud, call, str(made["arn"]), made)
    return {"recordingConfiguration": made}


def _state(cloud: Cloud, call: Call, bucket: str) -> str:
    """AWS needs a bucket of the same account in the channel's region; otherwise the configuration never works."""
    record = cloud.backend.module("s3")._buckets.get_scoped(call.account, None, bucket)
    return "ACTIVE" if record and (record.get("region") or "us-east-1") == call.region else "CREATE_FAILED"


@serves("ivs:GetRecordingConfiguration")
def get(cloud: Cloud, call: Call) -> dict[str, Any]:
    return {"recordingConfiguration": RECORDINGS.get(cloud, call, call.text("arn"))}


@serves("ivs:ListRecordingConfigurations")
def listed(cloud: Cloud, call: Call) -> dict[str, Any]:
    found = RECORDINGS.all(cloud, call)
    return page(call, "recordingConfigurations", [{name: doc[name] for name in SUMMARY} for doc in found])


@serves("ivs:DeleteRecordingConfiguration")
def delete(cloud: Cloud, call: Call) -> None:
    target = RECORDINGS.get(cloud, call, call.text("arn"))["arn"]
    if any(channel["recordingConfigurationArn"] == target for channel in channels.CHANNELS.all(cloud, call)):
        raise AwsError("ConflictException", "The recording configuration is in use by a channel.", 409)
    RECORDINGS.delete(cloud, call, target)
