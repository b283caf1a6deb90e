"""Property values on the wire: google.protobuf.Struct to plain JSON and back."""

from typing import Any

from ..properties import Properties
from .messages import struct_pb2


def to_properties(struct: Any) -> Properties:
    return {key: to_value(value) for key, value in struct.fields.items()}


def to_value(value: Any) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return value.string_value
    if kind == "number_value":
        return _number(value.number_value)
    if kind == "bool_value":
        return value.bool_value
    if kind == "struct_value":
        return to_properties(value.struct_value)
    if kind == "list_value":
        return [to_value(item) for item in value.list_value.values]
    return None


def _number(value: float) -> float | int:
    """Whole numbers without `.0`, as every JSON of the official engine shows them."""
    return int(value) if value.is_integer() and abs(value) < 1e21 else value


def to_struct(properties: Properties) -> Any:
    struct = struct_pb2.Struct()
    _fill(struct, properties)
    return struct


def _fill(struct: Any, properties: Properties) -> None:
    for key, value in properties.items():
        _set(struct.fields[key], value)


def _set(target: Any, value: Any) -> None:
    if isinstance(value, str):
        target.string_value = value
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, int | float):
        target.number_value = value
    elif isinstance(value, dict):
        target.struct_value.SetInParent()
        _fill(target.struct_value, value)
    elif isinstance(value, list):
        target.list_value.SetInParent()
        for item in value:
            _set(target.list_value.values.add(), item)
    else:
        target.null_value = 0
