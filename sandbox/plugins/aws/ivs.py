"""IVS channels and the recording of their streams."""

from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.simple import Simple, simple
from sandbox.plugins.aws.tags import Tagging, as_map
from sandbox.plugins.failures import Failure, Missing
from sandbox.plugins.schema import Call, Function, flag, mapping, number, obj, text
from sandbox.plugins.values import Doc

TAGS = Tagging(listing="", target="resourceArn", tags="tags", keys="tagKeys", shape=as_map)
_RECORDING_SECONDS = 300

_CHANNEL = {
    "name": text(computed=True),
    "type": text(computed=True, choices=("BASIC", "STANDARD", "ADVANCED_SD", "ADVANCED_HD")),
    "latencyMode": text(computed=True, choices=("LOW", "NORMAL")),
    "authorized": flag(computed=True),
    "recordingConfigurationArn": text(computed=True),
}
_S3 = obj({"bucketName": text(required=True)}, required=True)
_THUMBNAILS = {"recordingMode": text(computed=True), "targetIntervalSeconds": number(computed=True)}
_RECORDING = {
    "name": text(computed=True, replaces=True),
    "destinationConfiguration": obj({"s3": _S3}, required=True, replaces=True),
    "recordingReconnectWindowSeconds": number(computed=True, replaces=True),
    "thumbnailConfiguration": obj(_THUMBNAILS, computed=True, replaces=True),
}


def _await_recording(client: Client, call: Call) -> None:
    def active() -> bool:
        found = client.get_recording_configuration(arn=call.id)["recordingConfiguration"]
        if found["state"] == "CREATE_FAILED":
            raise Failure(f"AWS: ivs: recording configuration {call.id} could not be created")
        return bool(found["state"] == "ACTIVE")

    client.until(active, f"recording configuration {call.id} being active", seconds=_RECORDING_SECONDS)


def _stream_key(account: Account, args: Doc) -> Doc:
    region = args.get("region") or account.region
    client = account.client("ivs", region)
    keys = client.list_stream_keys(channelArn=args["channelArn"]).get("streamKeys") or []
    if not keys:
        raise Missing(f"AWS: ivs: channel {args['channelArn']} has no stream key")
    key = client.get_stream_key(arn=keys[0]["arn"])["streamKey"]
    named = {"arn": key["arn"], "id": key["arn"], "channelArn": key["channelArn"], "value": key["value"]}
    return {**named, "region": region, "tags": key.get("tags") or {}}


_CHANNELS = Simple(
    noun="channel",
    fields=_CHANNEL,
    key="arn",
    created="arn",
    answer="channel",
    outputs={"arn": "arn", "ingestEndpoint": "ingestEndpoint", "playbackUrl": "playbackUrl"},
    tagging=TAGS,
)
_RECORDINGS = Simple(
    noun="recording_configuration",
    fields=_RECORDING,
    key="arn",
    created="arn",
    answer="recordingConfiguration",
    outputs={"arn": "arn", "state": "state"},
    tagging=TAGS,
    settled=_await_recording,
)

RESOURCES = (
    simple("ivs/channel:Channel", "ivs", _CHANNELS),
    simple("ivs/recordingConfiguration:RecordingConfiguration", "ivs", _RECORDINGS, fixed=True),
)
FUNCTIONS = (
    Function(
        token="aws:ivs/getStreamKey:getStreamKey",
        inputs={"channelArn": text(required=True), "region": text(), "tags": mapping(text())},
        run=_stream_key,
    ),
)
