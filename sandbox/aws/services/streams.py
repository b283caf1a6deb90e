"""IVS streams: a channel is offline until somebody goes live, which here a control route does."""

import json
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud, serves
from sandbox.aws.errors import AwsError
from sandbox.aws.services import channels, recordings
from sandbox.aws.services.events import emit
from sandbox.aws.services.shelf import Shelf, invalid, iso, not_found, page, random_id
from sandbox.kit.store import Doc

STREAMS = Shelf("ivs_stream", missing=not_found)  # by channel: the one that is live
SESSIONS = Shelf("ivs_session", missing=not_found)


def live(cloud: Cloud, call: Call, channel: str) -> Doc | None:
    return STREAMS.find(cloud, call, channel)


def _broadcasting(cloud: Cloud, call: Call) -> Doc:
    channel = channels.CHANNELS.get(cloud, call, call.text("channelArn"))["arn"]
    found = live(cloud, call, channel)
    if found is None:
        raise AwsError("ChannelNotBroadcasting", "The channel isn't currently online", 404)
    return found


@serves("ivs:GetStream")
def get(cloud: Cloud, call: Call) -> dict[str, Any]:
    return {"stream": _broadcasting(cloud, call)}


@serves("ivs:ListStreams")
def listed(cloud: Cloud, call: Call) -> dict[str, Any]:
    return page(call, "streams", STREAMS.all(cloud, call))


@serves("ivs:StopStream")
async def stop(cloud: Cloud, call: Call) -> dict[str, Any]:
    await end(cloud, call, _broadcasting(cloud, call))
    return {}


@serves("ivs:PutMetadata")
def metadata(cloud: Cloud, call: Call) -> None:
    _broadcasting(cloud, call)
    if not 1 <= len(call.text("metadata").encode()) <= 1024:
        raise invalid("metadata must be 1 to 1024 bytes")


@serves("ivs:ListStreamSessions")
def sessions(cloud: Cloud, call: Call) -> dict[str, Any]:
    channel = channels.CHANNELS.get(cloud, call, call.text("channelArn"))["arn"]
    found = [doc for doc in SESSIONS.all(cloud, call) if doc["channelArn"] == channel]
    names = ("streamId", "startTime", "endTime", "hasErrorEvent")
    return page(call, "streamSessions", [{n: doc[n] for n in names if n in doc} for doc in reversed(found)])


async def begin(cloud: Cloud, call: Call, channel: Doc) -> Doc:
    """The encoder connects: the stream is live, and EventBridge hears of it."""
    if live(cloud, call, channel["arn"]):
        raise AwsError("ConflictException", "The channel is live already.", 409)
    stream = {
        "channelArn": channel["arn"], "streamId": f"st-{random_id(22)}", "playbackUrl": channel["playbackUrl"],
        "startTime": iso(cloud.now()), "state": "LIVE", "health": "HEALTHY", "viewerCount": 0,
    }  # fmt: skip
    STREAMS.put(cloud, call, channel["arn"], stream)
    SESSIONS.put(cloud, call, stream["streamId"], {**stream, "hasErrorEvent": False})
    await _tell(cloud, call, channel, stream, "IVS Stream State Change", {"event_name": "Session Created"})
    await _tell(cloud, call, channel, stream, "IVS Stream State Change", {"event_name": "Stream Start"})
    if channel["recordingConfigurationArn"]:
        await _tell(
            cloud, call, channel, stream, "IVS Recording State Change", _recording(call, channel, stream, "Start")
        )
    return stream


async def end(cloud: Cloud, call: Call, stream: Doc) -> None:
    channel = channels.CHANNELS.get(cloud, call, stream["channelArn"])
    STREAMS.delete(cloud, call, channel["arn"])
    SESSIONS.put(cloud, call, stream["streamId"], {**stream, "endTime": iso(cloud.now()), "hasErrorEvent": False})
    await _tell(cloud, call, channel, stream, "IVS Stream State Change", {"event_name": "Stream End"})
    await _tell(cloud, call, channel, stream, "IVS Stream State Change", {"event_name": "Session Ended"})
    if channel["recordingConfigurationArn"]:
        await _store(cloud, call, channel, stream)
        await _tell(
            cloud, call, channel, stream, "IVS Recording State Change", _recording(call, channel, stream, "End")
        )


async def _tell(cloud: Cloud, call: Call, channel: Doc, stream: Doc, kind: str, detail: Doc) -> None:
    common = {"channel_name": channel["name"], "stream_id": stream["streamId"]}
    await emit(cloud, call, source="aws.ivs", kind=kind, detail=common | detail, resources=[channel["arn"]])


def _prefix(call: Call, channel: Doc, stream: Doc) -> str:
    day, time = stream["startTime"].split("T")
    when = "/".join(str(int(part)) for part in (*day.split("-"), *time.split(":")[:2]))
    return f"ivs/v1/{call.account}/{channel['arn'].rpartition('/')[2]}/{when}/{stream['streamId'][3:]}"


def _recording(call: Call, channel: Doc, stream: Doc, moment: str) -> Doc:
    return {
        "recording_status": f"Recording {moment}", "recording_status_reason": "",
        "recording_s3_key_prefix": _prefix(call, channel, stream),
        "recording_session_id": stream["streamId"], "recording_duration_ms": 0,
    }  # fmt: skip


async def _store(cloud: Cloud, call: Call, channel: Doc, stream: Doc) -> None:
    """What IVS leaves in the bucket at the end: a playlist and a manifest (there was no picture to record)."""
    config = recordings.RECORDINGS.get(cloud, call, channel["recordingConfigurationArn"])
    bucket, prefix = config["destinationConfiguration"]["s3"]["bucketName"], _prefix(call, channel, stream)
    times = {"recording_started_at": stream["startTime"], "recording_ended_at": iso(cloud.now())}
    manifest = {"version": "v1", "channel_arn": channel["arn"], **times, "recording_status": "RECORDING_ENDED"}
    files = {
        "events/recording-ended.json": json.dumps(manifest).encode(),
        "media/hls/master.m3u8": b"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-ENDLIST\n",
    }
    for name, body in files.items():
        await cloud.backend.invoke(
            call.account, call.region, "s3", method="PUT", path=f"/{bucket}/{prefix}/{name}", body=body
        )
