"""The WebSocket of IVS chat: `wss://edge.ivschat.<region>.…`, with the token as its sub-protocol."""

import json
import secrets
from typing import Any

from starlette.types import Message, Receive, Send

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud
from sandbox.aws.errors import AwsError
from sandbox.aws.services import chat, rooms
from sandbox.kit.store import Doc


async def serve(cloud: Cloud, receive: Receive, send: Send, protocols: str) -> None:
    await receive()
    ticket = _redeem(cloud, protocols.split(",")[0].strip())
    if ticket is None:
        await send({"type": "websocket.close", "code": 1008})
        return
    call = Call("GET", "/", "/", "", {}, b"")
    call.account, call.region = ticket["account"], ticket["region"]
    await send({"type": "websocket.accept", "subprotocol": protocols.split(",")[0].strip()})

    async def hear(event: Doc) -> None:
        await send({"type": "websocket.send", "text": json.dumps(event)})

    seat = (ticket["user"], hear)
    chat.HEARERS.setdefault(ticket["room"], []).append(seat)
    try:
        await _listen(cloud, call, ticket, receive, hear)
    finally:
        chat.HEARERS[ticket["room"]] = [other for other in chat.HEARERS[ticket["room"]] if other is not seat]


def _redeem(cloud: Cloud, token: str) -> Doc | None:
    """A token opens one connection, within a minute."""
    ticket = cloud.store.get("chat_token", token)
    if ticket is None or not cloud.store.delete("chat_token", token) or ticket["expires"] < cloud.now():
        return None
    return ticket


async def _listen(cloud: Cloud, call: Call, ticket: Doc, receive: Receive, hear: chat.Hearer) -> None:
    while (message := await receive())["type"] == "websocket.receive":
        request = _request(message)
        try:
            await _do(cloud, call, ticket, request)
        except AwsError as error:
            await hear({
                "Type": "ERROR", "Id": secrets.token_urlsafe(9), "RequestId": request.get("RequestId", ""),
                "ErrorCode": error.status, "ErrorMessage": error.message,
            })  # fmt: skip


def _request(message: Message) -> dict[str, Any]:
    try:
        found = json.loads(message.get("text") or "")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


async def _do(cloud: Cloud, call: Call, ticket: Doc, request: dict[str, Any]) -> None:
    action = str(request.get("Action", ""))
    if ticket["ends"] < cloud.now():
        raise AwsError("AccessDeniedException", "The session has expired.", 403)
    if action not in ticket["capabilities"]:
        raise AwsError("AccessDeniedException", f"The token does not allow {action or 'this'}.", 403)
    room = rooms.ROOMS.get(cloud, call, ticket["room"])
    if action == "SEND_MESSAGE":
        attributes = {**(request.get("Attributes") or {})}
        await chat.send(
            cloud, call, room, ticket, str(request.get("Content", "")), attributes, request.get("RequestId", "")
        )
        return
    call.params = {"roomIdentifier": room["arn"], "reason": request.get("Reason", "")}
    call.params |= {"id": request.get("Id", ""), "userId": request.get("UserId", "")}
    await (chat.delete_message if action == "DELETE_MESSAGE" else chat.disconnect)(cloud, call)
