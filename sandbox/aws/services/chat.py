"""IVS chat: tokens, the review of a message by a function, the chat log, and what moderators do."""

import asyncio
import base64
import json
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud, serves
from sandbox.aws.errors import AwsError
from sandbox.aws.services import rooms
from sandbox.aws.services.logs import write
from sandbox.aws.services.shelf import Shelf, invalid, iso, not_found
from sandbox.kit.store import Doc

TOKENS = Shelf("chat_token", missing=not_found)
CAPABILITIES = {"SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"}
REVIEW_SECONDS = 0.2  # the service does not wait longer for the handler
Hearer = Callable[[Doc], Awaitable[None]]
HEARERS: dict[str, list[tuple[str, Hearer]]] = {}  # room -> connected (user, where to send)


@serves("ivschat:CreateChatToken")
def create_token(cloud: Cloud, call: Call) -> Doc:
    room, user = rooms.ROOMS.get(cloud, call, call.text("roomIdentifier")), call.text("userId")
    minutes = int(call.params.get("sessionDurationInMinutes") or 60)
    capabilities = call.params.get("capabilities") or []
    if not user or not 1 <= minutes <= 180 or not set(capabilities) <= CAPABILITIES:
        raise invalid("userId, sessionDurationInMinutes (1 to 180) and capabilities must be valid")
    token = base64.urlsafe_b64encode(secrets.token_bytes(48)).decode().rstrip("=")
    now = cloud.now()
    cloud.store.put("chat_token", token, {
        "room": room["arn"], "user": user, "capabilities": ["VIEW_MESSAGE", *capabilities],
        "attributes": call.params.get("attributes") or {}, "expires": now + 60, "ends": now + minutes * 60,
        "account": call.account, "region": call.region,
    })  # fmt: skip
    return {"token": token, "tokenExpirationTime": iso(now + 60), "sessionExpirationTime": iso(now + minutes * 60)}


async def send(
    cloud: Cloud, call: Call, room: Doc, sender: Doc, content: str, attributes: dict[str, str], request: str = ""
) -> Doc:
    """One message of a viewer: reviewed, logged, and heard by everybody in the room."""
    if not 1 <= len(content) <= room["maximumMessageLength"]:
        raise invalid("The message is empty or too long.")
    message = {
        "Type": "MESSAGE", "Id": secrets.token_urlsafe(9), "RequestId": request, "Attributes": attributes,
        "Content": content, "SendTime": iso(cloud.now()),
        "Sender": {"UserId": sender["user"], "Attributes": sender["attributes"]},
    }  # fmt: skip
    verdict = await _review(cloud, call, room, message)
    if verdict.get("ReviewResult") != "ALLOW":
        raise AwsError("AccessDeniedException", "Message rejected by the review handler.", 406)
    message |= {name: verdict[name] for name in ("Content", "Attributes") if verdict.get(name) is not None}
    await _log(cloud, call, room, message)
    await tell(room["arn"], message)
    return message


async def _review(cloud: Cloud, call: Call, room: Doc, message: Doc) -> Doc:
    handler = room["messageReviewHandler"]
    if not handler.get("uri"):
        return {"ReviewResult": "ALLOW"}
    event = {
        "Content": message["Content"], "MessageId": message["Id"], "RoomArn": room["arn"],
        "Attributes": message["Attributes"], "Sender": {**message["Sender"], "Ip": "127.0.0.1"},
    }  # fmt: skip
    path = f"/2015-03-31/functions/{handler['uri']}/invocations"
    asked = cloud.backend.invoke(call.account, call.region, "lambda", path=path, body=json.dumps(event).encode())
    try:
        answer = await asyncio.wait_for(asyncio.shield(asyncio.ensure_future(asked)), REVIEW_SECONDS)
        found: Doc = json.loads(answer.body)
    except (TimeoutError, ValueError):
        found = {}
    return found if "ReviewResult" in found else {"ReviewResult": handler.get("fallbackResult") or "ALLOW"}


async def _log(cloud: Cloud, call: Call, room: Doc, message: Doc) -> None:
    for identifier in room["loggingConfigurationIdentifiers"]:
        group = rooms.LOGGING.get(cloud, call, identifier)["destinationConfiguration"].get("cloudWatchLogs", {})
        if group:
            entry = {"event_timestamp": message["SendTime"], "type": "MESSAGE", "payload": message, "version": "1.0"}
            stream = f"aws/IVSChatLogs/1.0/room_{room['id']}"
            await write(cloud, call, group=group["logGroupName"], stream=stream, text=json.dumps(entry))


async def tell(room: str, event: Doc) -> None:
    for _, hearer in list(HEARERS.get(room, [])):
        await hearer(event)


def _event(cloud: Cloud, name: str, attributes: dict[str, Any]) -> Doc:
    return {
        "Type": "EVENT",
        "Id": secrets.token_urlsafe(9),
        "EventName": name,
        "Attributes": attributes,
        "SendTime": iso(cloud.now()),
    }


@serves("ivschat:DeleteMessage")
async def delete_message(cloud: Cloud, call: Call) -> Doc:
    room = rooms.ROOMS.get(cloud, call, call.text("roomIdentifier"))
    event = _event(cloud, "aws:DELETE_MESSAGE", {"MessageID": call.text("id"), "Reason": call.text("reason")})
    await tell(room["arn"], event)
    return {"id": event["Id"]}


@serves("ivschat:DisconnectUser")
async def disconnect(cloud: Cloud, call: Call) -> Doc:
    room = rooms.ROOMS.get(cloud, call, call.text("roomIdentifier"))["arn"]
    user = call.text("userId")
    await tell(room, _event(cloud, "aws:DISCONNECT_USER", {"UserId": user, "Reason": call.text("reason")}))
    HEARERS[room] = [(name, hearer) for name, hearer in HEARERS.get(room, []) if name != user]
    return {}


@serves("ivschat:SendEvent")
async def send_event(cloud: Cloud, call: Call) -> Doc:
    room = rooms.ROOMS.get(cloud, call, call.text("roomIdentifier"))
    event = _event(cloud, call.text("eventName"), call.params.get("attributes") or {})
    await tell(room["arn"], event)
    return {"id": event["Id"]}
