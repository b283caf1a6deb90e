"""One row for each time that somebody was live. Events come in any order, twice, or not at all."""

from collections.abc import Mapping
from typing import Any

from programs.creator.runtime.aws import ClientError, client, code_of
from programs.creator.runtime.documents import Item, Unmet, change, query, write
from programs.creator.runtime.moments import iso
from programs.creator.runtime.realtime import publish
from programs.creator.runtime.settings import text
from programs.creator.runtime.uploads import exists

TABLE = "streams"
HEALTH = {"Starvation Start": "starving", "Starvation End": "healthy"}
PLAYLIST = "media/hls/master.m3u8"


def happened(event: Mapping[str, Any]) -> None:
    detail = event["detail"]
    stream_id = str(detail.get("stream_id") or detail.get("recording_session_stream_id") or "")
    if not stream_id or text("CHANNEL") not in event["resources"]:
        return
    name = str(detail.get("event_name") or detail.get("recording_status") or "")
    if name == "Stream Start":
        started(stream_id, str(event["time"]))
    elif name == "Stream End":
        ended(stream_id, str(event["time"]))
    elif name == "Recording End":
        recorded(stream_id, detail["recording_s3_key_prefix"], int(detail.get("recording_duration_ms") or 0))
    elif name in HEALTH:
        _write(stream_id, {"health": HEALTH[name]}, when="#state = :live", values={"live": "live"})


def started(stream_id: str, at: str) -> None:
    """If its end was told before, only the beginning was missing."""
    fresh = {"state": "live", "startedAt": _iso(at), "health": "healthy"}
    if not _write(stream_id, fresh, when="attribute_not_exists(#state)"):
        _write(stream_id, {"startedAt": _iso(at)})
    publish("/stream/state", status())


def ended(stream_id: str, at: str) -> None:
    values = {"recorded": "recorded"}
    _write(stream_id, {"state": "ended", "endedAt": _iso(at)}, when="#state <> :recorded", values=values)
    publish("/stream/state", status())


def recorded(stream_id: str, prefix: str, duration: int) -> None:
    """Listed once it is there."""
    if exists(text("BUCKET_RECORDINGS"), f"{prefix}/{PLAYLIST}"):
        _write(stream_id, {"state": "recorded", "recordingPrefix": prefix, "durationMs": duration})


def compare() -> None:
    """With what the vendor says at this moment."""
    row = _live()
    try:
        stream = client("ivs").get_stream(channelArn=text("CHANNEL"))["stream"]
    except ClientError as error:
        if code_of(error) not in {"ChannelNotBroadcasting", "ResourceNotFoundException"}:
            raise
        if row:
            ended(row["streamId"], iso())
        return
    if row and row["streamId"] != stream["streamId"]:
        ended(row["streamId"], iso())
    if not row or row["streamId"] != stream["streamId"]:
        started(stream["streamId"], stream["startTime"].isoformat())


def status() -> dict[str, Any]:
    row, address = _live(), {"playbackUrl": text("PLAYBACK_URL")}
    if row is None:
        return {"live": False, **address}
    return {"live": True, **address, **{name: row[name] for name in ("streamId", "startedAt", "health") if name in row}}


def recording(row: Item) -> dict[str, Any]:
    address = f"{text('SITE_ORIGIN')}/{row['recordingPrefix']}/{PLAYLIST}"
    return {**{name: row[name] for name in ("streamId", "startedAt", "durationMs")}, "url": address}


def _live() -> Item | None:
    found = query(TABLE, "#state = :live", {"live": "live"}, index="state-index", limit=1, newest=True).items
    return found[0] if found else None


def _write(stream_id: str, found: Item, *, when: str = "", values: Mapping[str, Any] | None = None) -> bool:
    try:
        write(change(TABLE, {"streamId": stream_id}, set=found, when=when, values=values))
    except Unmet:
        return False
    return True


def _iso(moment: str) -> str:
    return moment.replace("Z", "+00:00")
