"""Entering the room, reading what was said before, and keeping order in it."""

from collections.abc import Mapping
from typing import Any

from programs.creator.modules.ivs_chat.handlers import messages
from programs.creator.runtime.aws import ClientError, client, code_of
from programs.creator.runtime.documents import get
from programs.creator.runtime.errors import Problem
from programs.creator.runtime.fields import form, identifier, whole
from programs.creator.runtime.http import Answer, Caller, Request, Routes
from programs.creator.runtime.once import first
from programs.creator.runtime.realtime import publish
from programs.creator.runtime.settings import text

routes = Routes()
LOBBY = "lobby"  # what is said while nobody is live
FRESH = 10  # seconds: so old may be what is read
MINUTES = 60
ENTRY = form(optional={"streamId": identifier})
ID_LENGTH = 12  # of what the room calls a message


def handle(event: Mapping[str, Any], context: object = None) -> Any:
    return routes(event, context) if "routeKey" in event else messages.catch_up()


@routes.add("POST /chat/token")
def enter(request: Request) -> Answer:
    """What a person is called in the room comes from us, so nobody can take another's name."""
    caller, wanted = request.caller, request.form(ENTRY)
    person = get("users", userId=caller.user_id)
    if person is None or person["status"] != "active":
        raise Problem("forbidden", "this account is not active")
    capabilities = _capabilities(caller)
    made = client("ivschat").create_chat_token(
        roomIdentifier=text("ROOM"),
        userId=caller.user_id,
        capabilities=capabilities,
        sessionDurationInMinutes=MINUTES,
        attributes={
            "username": person["username"],
            "role": "admin" if caller.is_admin else "member",
            "streamId": wanted.get("streamId", LOBBY),
        },
    )
    found = {"token": made["token"], "expiresAt": made["tokenExpirationTime"].isoformat()}
    found |= {"roomArn": text("ROOM"), "endpoint": text("CHAT_ENDPOINT")}
    return Answer(200, {**found, "canWrite": "SEND_MESSAGE" in capabilities})


@routes.add("GET /chat/messages")
def said(request: Request) -> Answer:
    if first("chat#look", kind="look", seconds=FRESH):
        messages.catch_up()
    stream = str(identifier("streamId", request.query.get("streamId", LOBBY)))
    most = _number("limit", request.query.get("limit", "50"), 1, 100)
    before = _number("before", request.query.get("before", str(2**53)), 0, 2**53)
    return Answer(200, {"items": messages.before(stream, before, most)})


@routes.add("DELETE /chat/messages/{id}")
def take_back(request: Request) -> Answer:
    _ = request.admin
    message_id = request.id("id")
    if len(message_id) != ID_LENGTH:
        raise Problem("not_found", "there is no such message")
    _tell_room("delete_message", id=message_id, reason="moderation")
    messages.blank(message_id)
    publish("/moderation/room", {"messageId": message_id, "deleted": True})
    return Answer(204)


@routes.add("POST /chat/users/{id}/disconnect")
def disconnect(request: Request) -> Answer:
    _ = request.admin
    _tell_room("disconnect_user", userId=request.id("id"), reason="moderation")
    return Answer(204)


def _capabilities(caller: Caller) -> list[str]:
    if caller.is_admin:
        return ["SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"]
    return ["SEND_MESSAGE"] if text("PREMIUM_ONLY") == "no" or "premium" in caller.groups else []


def _tell_room(operation: str, **about: str) -> None:
    """Who left and what is gone needs nothing more."""
    try:
        getattr(client("ivschat"), operation)(roomIdentifier=text("ROOM"), **about)
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise


def _number(name: str, value: str, least: int, most: int) -> int:
    return int(whole(least, most)(name, int(value) if value.isdecimal() else value))
