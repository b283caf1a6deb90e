"""Property values as they travel: unknowns, secrets and assets inside a protobuf Struct."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from google.protobuf import struct_pb2

Doc = dict[str, Any]

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
_UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWN_WORDS = frozenset(
    {
        _UNKNOWN_STRING,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)


class Unknown:
    """A value that only the real run will know."""

    def __repr__(self) -> str:
        return "<unknown>"


UNKNOWN = Unknown()


@dataclass(frozen=True)
class Secret:
    value: Any

    def __repr__(self) -> str:
        return "<secret>"


def from_struct(struct: struct_pb2.Struct) -> Doc:
    return {key: _from_value(value) for key, value in struct.fields.items()}


def to_struct(doc: Doc) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    for key, value in doc.items():
        struct.fields[key].CopyFrom(_to_value(value))
    return struct


def _from_value(value: struct_pb2.Value) -> Any:
    match value.WhichOneof("kind"):
        case "string_value":
            text = value.string_value
            return UNKNOWN if text in _UNKNOWN_WORDS else text
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "bool_value":
            return value.bool_value
        case "list_value":
            return [_from_value(item) for item in value.list_value.values]
        case "struct_value":
            doc = from_struct(value.struct_value)
            return Secret(doc.get("value")) if doc.get(SIGNATURE) == SECRET else doc
        case _:
            return None


def _to_value(value: Any) -> struct_pb2.Value:
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(value, Unknown):
        return struct_pb2.Value(string_value=_UNKNOWN_STRING)
    if isinstance(value, Secret):
        return struct_pb2.Value(struct_value=to_struct({SIGNATURE: SECRET, "value": value.value}))
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, int | float):
        return struct_pb2.Value(number_value=value)
    if isinstance(value, dict):
        return struct_pb2.Value(struct_value=to_struct(value))
    if isinstance(value, list | tuple):
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[_to_value(item) for item in value]))
    return struct_pb2.Value(string_value=str(value))


def plain(value: Any) -> Any:
    """Without secret wrappers, at any depth."""
    if isinstance(value, Secret):
        return plain(value.value)
    return _map(plain, value)


def _map(change: Callable[[Any], Any], value: Any) -> Any:
    if isinstance(value, dict):
        return {key: change(item) for key, item in value.items()}
    if isinstance(value, list):
        return [change(item) for item in value]
    return value


def holds(kind: type, value: Any) -> bool:
    """Is there an unknown, or a secret, anywhere inside?"""
    if isinstance(value, kind):
        return True
    if isinstance(value, Secret):
        return holds(kind, value.value)
    if isinstance(value, dict):
        return any(holds(kind, item) for item in value.values())
    return isinstance(value, list) and any(holds(kind, item) for item in value)


def is_asset(value: Any) -> bool:
    return isinstance(value, dict) and value.get(SIGNATURE) in {ASSET, ARCHIVE}


def rewrap(value: Any, like: Any) -> Any:
    """Mark as secret whatever is secret at the same place of `like`."""
    if isinstance(like, Secret):
        return Secret(plain(value))
    if not holds(Secret, like) or value is None or isinstance(value, Secret | Unknown):
        return value
    if isinstance(like, dict) and isinstance(value, dict):
        return {key: rewrap(item, like.get(key)) for key, item in value.items()}
    if isinstance(like, list) and isinstance(value, list) and len(like) == len(value):
        return [rewrap(item, mark) for item, mark in zip(value, like, strict=True)]
    return Secret(plain(value))
