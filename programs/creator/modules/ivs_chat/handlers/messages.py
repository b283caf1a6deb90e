"""What was said, as the log of the room has it: read from where we stopped, and written once."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zlib import crc32

from programs.creator.runtime.aws import client
from programs.creator.runtime.documents import Item, Unmet, change, every, get, put, query, write
from programs.creator.runtime.moments import DAY, now
from programs.creator.runtime.once import TABLE as MARKS
from programs.creator.runtime.settings import text

TABLE = "messages"
OVERLAP = 300_000  # milliseconds: lines of a log may come late
WEEK = 7 * DAY
SHOWN = ("messageId", "userId", "username", "message", "deleted")


def catch_up() -> None:
    """May run twice at a time: a message that is there stays as it is."""
    known = get(MARKS, consistent=True, eventId="chat#until") or {"until": 0}
    latest = int(known["until"])
    for at, line in _lines(max(0, latest - OVERLAP)):
        _keep(line)
        latest = max(latest, at)
    write(change(MARKS, {"eventId": "chat#until"}, set={"until": latest, "kind": "chat"}))


def before(stream: str, moment: int, most: int) -> list[dict[str, Any]]:
    values = {"stream": stream, "moment": moment}
    page = query(TABLE, "#streamId = :stream AND #timestamp < :moment", values, limit=most, newest=True)
    return [{**{name: row[name] for name in SHOWN}, "at": row["timestamp"]} for row in page.items]


def blank(message_id: str) -> None:
    """The mark stays: the log may tell of it only later."""
    mark = {"eventId": _mark(message_id), "kind": "chat", "at": now(), "ttl": now() + WEEK}
    write(put(MARKS, mark))
    for row in list(every(TABLE, "#messageId = :id", {"id": message_id}, index="messageId-index")):
        write(blanked(row))


def blanked(row: Item) -> Any:
    key = {"streamId": row["streamId"], "timestamp": row["timestamp"]}
    return change(TABLE, key, set={"message": "", "deleted": True}, when="attribute_exists(#streamId)")


def _lines(since: int) -> Iterator[tuple[int, dict[str, Any]]]:
    pages = client("logs").get_paginator("filter_log_events").paginate(logGroupName=text("CHAT_LOG"), startTime=since)
    for page in pages:
        for event in page["events"]:
            line = json.loads(event["message"])
            if line.get("type") == "MESSAGE":
                yield int(event["timestamp"]), line["payload"]


def _keep(said: dict[str, Any]) -> None:
    row = _row(said)
    if get(MARKS, eventId=_mark(row["messageId"])):
        row |= {"message": "", "deleted": True}
    while not _written(row):
        row["timestamp"] += 1


def _written(row: Item) -> bool:
    """Two messages of one moment take two places; the same one keeps its own."""
    try:
        write(put(TABLE, row, when="attribute_not_exists(#streamId)"))
    except Unmet:
        there = get(TABLE, consistent=True, streamId=row["streamId"], timestamp=row["timestamp"])
        return there is None or there["messageId"] == row["messageId"]
    return True


def _row(said: dict[str, Any]) -> Item:
    sender, id = said["Sender"], str(said["Id"])
    about = sender.get("Attributes") or {}
    sent = datetime.fromisoformat(said["SendTime"].replace("Z", "+00:00")).timestamp()
    place = int(sent * 1000) * 1000 + crc32(id.encode()) % 1000
    row = {"streamId": about.get("streamId", "lobby"), "timestamp": place, "messageId": id}
    row |= {"userId": sender["UserId"], "username": about.get("username", ""), "message": said["Content"]}
    return row | {"deleted": False, "expiresAt": int(sent) + int(text("CHAT_DAYS")) * DAY}


def _mark(message_id: str) -> str:
    return f"chat-deleted#{message_id}"
