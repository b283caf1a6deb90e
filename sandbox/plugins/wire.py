"""Between the property names of a table and the names of the vendor's API."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.plugins.schema import Kind, Property
from sandbox.plugins.values import Doc

Case = Callable[[str], str]

_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")


def snake(name: str) -> str:
    return _HUMP.sub(lambda hump: "_" + hump.group(1).lower(), name)


def pascal(name: str) -> str:
    return name[:1].upper() + name[1:]


def camel(name: str) -> str:
    return name


def encode(fields: Mapping[str, Property], doc: Doc, case: Case) -> Doc:
    """What the vendor is sent for these properties; absent and local ones are left out."""
    return {
        prop.wire or case(key): _encoded(prop, doc[key], case)
        for key, prop in fields.items()
        if not prop.local and doc.get(key) is not None
    }


def decode(fields: Mapping[str, Property], doc: Mapping[str, Any] | None, case: Case) -> Doc:
    """The properties among what the vendor answered."""
    found = {key: (doc or {}).get(prop.wire or case(key)) for key, prop in fields.items() if not prop.local}
    return {key: _decoded(fields[key], value, case) for key, value in found.items() if value is not None}


def _encoded(prop: Property, value: Any, case: Case) -> Any:
    if prop.kind is Kind.OBJECT:
        return encode(prop.fields, value, case)
    if prop.kind is Kind.LIST and prop.item:
        return [_encoded(prop.item, item, case) for item in value]
    if prop.kind is Kind.MAP and prop.item:
        return {key: _encoded(prop.item, item, case) for key, item in value.items()}
    if prop.kind is Kind.NUMBER:
        return _number(value)
    return value


def _decoded(prop: Property, value: Any, case: Case) -> Any:
    if prop.kind is Kind.OBJECT and isinstance(value, dict):
        return decode(prop.fields, value, case)
    if prop.kind is Kind.LIST and prop.item:
        return [_decoded(prop.item, item, case) for item in value]
    if prop.kind is Kind.MAP and prop.item:
        return {key: _decoded(prop.item, item, case) for key, item in value.items()}
    return value


def _number(value: Any) -> Any:
    """The engine knows only doubles; vendors insist on integers."""
    number = float(value)
    return int(number) if number.is_integer() else number
