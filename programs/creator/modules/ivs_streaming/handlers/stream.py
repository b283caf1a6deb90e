"""Whether somebody is live, what was recorded, and the key to send with."""

from collections.abc import Mapping
from typing import Any

from programs.creator.modules.ivs_streaming.handlers import sessions
from programs.creator.runtime import cursor
from programs.creator.runtime.aws import client
from programs.creator.runtime.documents import query
from programs.creator.runtime.http import Answer, Request, Routes
from programs.creator.runtime.moments import DAY, ago
from programs.creator.runtime.once import first
from programs.creator.runtime.settings import text

routes = Routes()
LOOK = 30  # seconds between two looks at the vendor: events may get lost


def handle(event: Mapping[str, Any], context: object = None) -> Any:
    return routes(event, context) if "routeKey" in event else sessions.happened(event)


@routes.add("GET /stream/status")
def status(_request: Request) -> Answer:
    if first("stream#look", kind="look", seconds=LOOK):
        sessions.compare()
    return Answer(200, sessions.status())


@routes.add("GET /stream/recordings")
def recordings(request: Request) -> Answer:
    """Those that are still kept."""
    after = cursor.opened(request.query.get("next", ""), listing="recordings")
    values = {"recorded": "recorded", "since": ago(int(text("RECORDING_DAYS")) * DAY)}
    where = "#state = :recorded AND #startedAt > :since"
    page = query(sessions.TABLE, where, values, index="state-index", limit=24, newest=True, after=after)
    items = [sessions.recording(row) for row in page.items]
    return Answer(200, {"items": items, **cursor.closed(page.after, listing="recordings")})


@routes.add("POST /stream/key/rotate")
def rotate(request: Request) -> Answer:
    """A channel has one key: the old one goes before the new one comes."""
    _ = request.admin
    ivs, channel = client("ivs"), text("CHANNEL")
    for key in ivs.list_stream_keys(channelArn=channel)["streamKeys"]:
        ivs.delete_stream_key(arn=key["arn"])
    fresh = ivs.create_stream_key(channelArn=channel)["streamKey"]
    return Answer(200, {"ingestEndpoint": text("INGEST"), "streamKey": fresh["value"]})
