"""Streams: events come in any order, twice, or not at all."""

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from programs.creator.modules.ivs_streaming.handlers import stream
from programs.creator.runtime.aws import ClientError
from tests.unit.creator.conftest import REGION, Site

CHANNEL = "arn:aws:ivs:eu-central-1:1:channel/c"
OFFLINE = ClientError({"Error": {"Code": "ChannelNotBroadcasting"}}, "GetStream")


class Channel:
    """The vendor's word: moto has no streams."""

    def __init__(self) -> None:
        self.stream: dict[str, Any] | None = None

    def get_stream(self, **_: str) -> dict[str, Any]:
        if self.stream is None:
            raise OFFLINE
        return {"stream": self.stream}


@pytest.fixture(autouse=True)
def channel(site: Site, monkeypatch: pytest.MonkeyPatch) -> Channel:
    del site
    found, s3 = Channel(), boto3.client("s3", REGION)
    s3.create_bucket(Bucket="recordings", CreateBucketConfiguration={"LocationConstraint": REGION})
    told = {"CHANNEL": CHANNEL, "PLAYBACK_URL": "https://live.example/c.m3u8", "INGEST": "in.example"}
    for name, value in {**told, "RECORDING_DAYS": "30", "BUCKET_RECORDINGS": "recordings"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("programs.creator.modules.ivs_streaming.handlers.sessions.client", lambda _: found)
    return found


def happens(name: str, id: str = "st-1", **more: Any) -> None:
    detail = {"event_name": name, "stream_id": id, **more}
    stream.handle({"source": "aws.ivs", "time": _now(), "resources": [CHANNEL], "detail": detail})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def recorded(id: str = "st-1", *, kept: bool = True) -> None:
    prefix = f"ivs/v1/{id}"
    if kept:
        key = f"{prefix}/media/hls/master.m3u8"
        boto3.client("s3", REGION).put_object(Bucket="recordings", Key=key, Body=b"#EXTM3U")
    happens("", id, recording_status="Recording End", recording_s3_key_prefix=prefix, recording_duration_ms=5000)


def live(site: Site, monkeypatch: pytest.MonkeyPatch | None = None) -> bool:
    if monkeypatch:
        monkeypatch.setattr(stream, "first", lambda *_, **__: True)
    return bool(site.call("GET", "/stream/status").body["live"])


def listed(site: Site) -> list[str]:
    return [row["streamId"] for row in site.call("GET", "/stream/recordings").body["items"]]


def test_a_stream_begins_and_ends(site: Site, channel: Channel) -> None:
    assert not live(site)
    for _ in range(2):
        happens("Stream Start")
    assert live(site)
    happens("Starvation Start")
    assert site.call("GET", "/stream/status").body["health"] == "starving"
    happens("Stream End")
    assert not live(site)


def test_an_end_before_its_beginning_is_an_end(site: Site) -> None:
    live(site)
    happens("Stream End")
    happens("Stream Start")
    assert not live(site)


def test_what_was_recorded_is_listed_once_it_is_there(site: Site) -> None:
    happens("Stream Start", "st-1")
    recorded("st-1")
    happens("Stream End", "st-1")
    happens("Stream Start", "st-2")
    happens("Stream End", "st-2")
    recorded("st-2", kept=False)
    [row] = site.call("GET", "/stream/recordings").body["items"]
    assert (row["streamId"], row["durationMs"]) == ("st-1", 5000)
    assert row["url"] == "https://anna.example/ivs/v1/st-1/media/hls/master.m3u8"


def test_recordings_that_expired_are_not_offered(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    happens("Stream Start")
    recorded()
    assert listed(site) == ["st-1"]
    monkeypatch.setenv("RECORDING_DAYS", "0")
    assert listed(site) == []


def test_lost_events_are_made_up_for(site: Site, channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    channel.stream = {"streamId": "st-9", "startTime": datetime.now(UTC)}
    assert live(site, monkeypatch)
    channel.stream = {"streamId": "st-10", "startTime": datetime.now(UTC)}
    assert live(site, monkeypatch)
    assert site.call("GET", "/stream/status").body["streamId"] == "st-10"
    channel.stream = None
    assert not live(site, monkeypatch)


def test_another_channel_is_not_ours(site: Site) -> None:
    live(site)
    event = {"detail": {"event_name": "Stream Start", "stream_id": "st-1"}, "time": _now()}
    stream.handle({**event, "resources": ["arn:aws:ivs:eu-central-1:1:channel/other"]})
    assert not live(site)
