"""IVS chat rooms, logging configurations and their tags."""

from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud, serves
from sandbox.aws.errors import AwsError
from sandbox.aws.services.shelf import Shelf, arn, chosen, invalid, iso, not_found, page, random_id
from sandbox.kit.store import Doc

ROOMS = Shelf("chat_room", missing=not_found)
LOGGING = Shelf("chat_logging", missing=not_found)
FIELDS = (
    "name",
    "maximumMessageRatePerSecond",
    "maximumMessageLength",
    "messageReviewHandler",
    "loggingConfigurationIdentifiers",
)


@serves("ivschat:CreateRoom")
def create_room(cloud: Cloud, call: Call) -> Doc:
    id, now = random_id(), iso(cloud.now())
    room = {
        "arn": arn(call, "ivschat", "room", id), "id": id, "name": "", "createTime": now, "updateTime": now,
        "maximumMessageRatePerSecond": 10, "maximumMessageLength": 500, "messageReviewHandler": {},
        "loggingConfigurationIdentifiers": [], "tags": call.params.get("tags") or {}, **_settings(cloud, call),
    }  # fmt: skip
    return ROOMS.put(cloud, call, room["arn"], room)


def _settings(cloud: Cloud, call: Call) -> Doc:
    wanted = chosen(call, *FIELDS)
    if not 1 <= int(wanted.get("maximumMessageRatePerSecond", 10)) <= 100:
        raise invalid("maximumMessageRatePerSecond must be between 1 and 100")
    if not 1 <= int(wanted.get("maximumMessageLength", 500)) <= 500:
        raise invalid("maximumMessageLength must be between 1 and 500")
    for identifier in wanted.get("loggingConfigurationIdentifiers", []):
        LOGGING.get(cloud, call, identifier)
    return wanted


@serves("ivschat:GetRoom")
def get_room(cloud: Cloud, call: Call) -> Doc:
    return ROOMS.get(cloud, call, call.text("identifier"))


@serves("ivschat:UpdateRoom")
def update_room(cloud: Cloud, call: Call) -> Doc:
    found = get_room(cloud, call)
    return ROOMS.put(cloud, call, found["arn"], {**found, **_settings(cloud, call), "updateTime": iso(cloud.now())})


@serves("ivschat:ListRooms")
def list_rooms(cloud: Cloud, call: Call) -> dict[str, Any]:
    hidden = {"maximumMessageRatePerSecond", "maximumMessageLength"}
    wanted = call.text("name")
    found = [room for room in ROOMS.all(cloud, call) if not wanted or room["name"] == wanted]
    return page(call, "rooms", [{name: value for name, value in room.items() if name not in hidden} for room in found])


@serves("ivschat:DeleteRoom")
def delete_room(cloud: Cloud, call: Call) -> None:
    ROOMS.delete(cloud, call, call.text("identifier"))


@serves("ivschat:CreateLoggingConfiguration")
def create_logging(cloud: Cloud, call: Call) -> Doc:
    destination = call.params.get("destinationConfiguration") or {}
    if len(destination) != 1:
        raise invalid("destinationConfiguration must name exactly one destination")
    id, now = random_id(), iso(cloud.now())
    made: Doc = {
        "arn": arn(call, "ivschat", "logging-configuration", id), "id": id, "createTime": now, "updateTime": now,
        "name": call.text("name"), "destinationConfiguration": destination, "state": "ACTIVE",
        "tags": call.params.get("tags") or {},
    }  # fmt: skip
    return LOGGING.put(cloud, call, made["arn"], made)


@serves("ivschat:GetLoggingConfiguration")
def get_logging(cloud: Cloud, call: Call) -> Doc:
    return LOGGING.get(cloud, call, call.text("identifier"))


@serves("ivschat:UpdateLoggingConfiguration")
def update_logging(cloud: Cloud, call: Call) -> Doc:
    found = get_logging(cloud, call)
    changed = chosen(call, "name", "destinationConfiguration")
    return LOGGING.put(cloud, call, found["arn"], {**found, **changed, "updateTime": iso(cloud.now())})


@serves("ivschat:ListLoggingConfigurations")
def list_logging(cloud: Cloud, call: Call) -> dict[str, Any]:
    return page(call, "loggingConfigurations", LOGGING.all(cloud, call))


@serves("ivschat:DeleteLoggingConfiguration")
def delete_logging(cloud: Cloud, call: Call) -> None:
    target = get_logging(cloud, call)["arn"]
    if any(target in room["loggingConfigurationIdentifiers"] for room in ROOMS.all(cloud, call)):
        raise AwsError("ConflictException", "The logging configuration is in use by a room.", 409)
    LOGGING.delete(cloud, call, target)


@serves("ivschat:ListTagsForResource", "ivschat:TagResource", "ivschat:UntagResource")
def tags(cloud: Cloud, call: Call) -> dict[str, Any]:
    target = call.text("resourceArn")
    shelf = ROOMS if ROOMS.find(cloud, call, target) else LOGGING
    found = shelf.get(cloud, call, target)
    if call.operation.startswith("List"):
        return {"tags": found["tags"]}
    kept = found["tags"] | (call.params.get("tags") or {})
    if call.operation.startswith("Untag"):
        kept = {name: value for name, value in kept.items() if name not in call.values("tagKeys")}
    shelf.put(cloud, call, target, {**found, "tags": kept})
    return {}
