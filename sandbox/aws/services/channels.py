"""IVS channels; their tags serve every IVS resource."""

from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud, serves
from sandbox.aws.errors import AwsError
from sandbox.aws.services import recordings, stream_keys, streams
from sandbox.aws.services.shelf import Shelf, arn, chosen, invalid, not_found, page, random_id

CHANNELS = Shelf("ivs_channel", missing=not_found)
FIELDS = (
    "name", "latencyMode", "type", "authorized", "recordingConfigurationArn", "insecureIngest", "preset",
    "playbackRestrictionPolicyArn", "multitrackInputConfiguration", "containerFormat",
)  # fmt: skip
TYPES = {"BASIC", "STANDARD", "ADVANCED_SD", "ADVANCED_HD"}
MOST_CHANNELS = 20
SUMMARY = (
    "arn",
    "name",
    "latencyMode",
    "authorized",
    "recordingConfigurationArn",
    "tags",
    "insecureIngest",
    "type",
    "preset",
)


@serves("ivs:CreateChannel")
def create(cloud: Cloud, call: Call) -> dict[str, Any]:
    _checked(cloud, call)
    if len(CHANNELS.all(cloud, call)) >= MOST_CHANNELS:
        raise AwsError("ServiceQuotaExceededException", "Your account has reached its quota of channels.", 402)
    id = random_id()
    host = f"{id.lower()}.{call.region}"
    channel = {
        "arn": arn(call, "ivs", "channel", id), "name": "", "latencyMode": "LOW", "type": "STANDARD",
        "authorized": False, "recordingConfigurationArn": "", "insecureIngest": False, "preset": "",
        "playbackRestrictionPolicyArn": "", "ingestEndpoint": f"{host}.global-contribute.live-video.net",
        "playbackUrl": f"https://{host}.playback.live-video.net/api/video/v1/{call.region}.{call.account}.channel.{id}.m3u8",
        "tags": call.params.get("tags") or {}, **chosen(call, *FIELDS),
    }  # fmt: skip
    CHANNELS.put(cloud, call, channel["arn"], channel)
    return {"channel": channel, "streamKey": stream_keys.make(cloud, call, channel["arn"], {})}


def _checked(cloud: Cloud, call: Call) -> None:
    if call.params.get("type", "STANDARD") not in TYPES:
        raise invalid("type must be one of BASIC, STANDARD, ADVANCED_SD, ADVANCED_HD")
    tracks = call.params.get("multitrackInputConfiguration") or {}
    if tracks.get("enabled") and call.params.get("containerFormat") != "FRAGMENTED_MP4":
        raise invalid("multitrackInputConfiguration needs containerFormat FRAGMENTED_MP4")
    if call.text("recordingConfigurationArn"):
        recordings.RECORDINGS.get(cloud, call, call.text("recordingConfigurationArn"))


@serves("ivs:GetChannel")
def get(cloud: Cloud, call: Call) -> dict[str, Any]:
    return {"channel": CHANNELS.get(cloud, call, call.text("arn"))}


@serves("ivs:UpdateChannel")
def update(cloud: Cloud, call: Call) -> dict[str, Any]:
    found = CHANNELS.get(cloud, call, call.text("arn"))
    _checked(cloud, call)
    if streams.live(cloud, call, found["arn"]):
        raise AwsError("ConflictException", "The channel is broadcasting.", 409)
    return {"channel": CHANNELS.put(cloud, call, found["arn"], {**found, **chosen(call, *FIELDS)})}


@serves("ivs:ListChannels")
def listed(cloud: Cloud, call: Call) -> dict[str, Any]:
    found = CHANNELS.all(cloud, call)
    filters = {
        "name": call.text("filterByName"),
        "recordingConfigurationArn": call.text("filterByRecordingConfigurationArn"),
    }
    for field, wanted in filters.items():
        found = [channel for channel in found if not wanted or channel[field] == wanted]
    return page(call, "channels", [{name: channel[name] for name in SUMMARY} for channel in found])


@serves("ivs:DeleteChannel")
def delete(cloud: Cloud, call: Call) -> None:
    target = CHANNELS.get(cloud, call, call.text("arn"))["arn"]
    if streams.live(cloud, call, target):
        raise AwsError("ConflictException", "The channel is broadcasting.", 409)
    for key in stream_keys.of(cloud, call, target):
        stream_keys.KEYS.delete(cloud, call, key["arn"])
    CHANNELS.delete(cloud, call, target)


def _tagged(cloud: Cloud, call: Call) -> tuple[Shelf, dict[str, Any]]:
    target = call.text("resourceArn")
    for shelf in (CHANNELS, recordings.RECORDINGS, stream_keys.KEYS):
        found = shelf.find(cloud, call, target)
        if found:
            return shelf, found
    raise not_found(target)


@serves("ivs:ListTagsForResource")
def tags(cloud: Cloud, call: Call) -> dict[str, Any]:
    return {"tags": _tagged(cloud, call)[1]["tags"]}


@serves("ivs:TagResource", "ivs:UntagResource")
def tag(cloud: Cloud, call: Call) -> dict[str, Any]:
    shelf, found = _tagged(cloud, call)
    if call.operation == "TagResource":
        kept = found["tags"] | (call.params.get("tags") or {})
    else:
        gone = call.values("tagKeys")
        kept = {name: value for name, value in found["tags"].items() if name not in gone}
    shelf.put(cloud, call, found["arn"], {**found, "tags": kept})
    return {}
