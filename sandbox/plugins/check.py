"""Are these inputs ones the table knows? Answers the inputs with defaults, and a reason per bad property."""

import json
from collections.abc import Iterator
from typing import Any

from sandbox.plugins.schema import Kind, Property, Resource
from sandbox.plugins.values import Doc, Secret, Unknown, holds, is_asset, plain

Problem = tuple[str, str]  # property path, reason

_TYPES: dict[Kind, type | tuple[type, ...]] = {
    Kind.NUMBER: (int, float),
    Kind.FLAG: bool,
    Kind.OBJECT: dict,
    Kind.MAP: dict,
    Kind.LIST: list,
}


def checked(resource: Resource, news: Doc, olds: Doc, *, name: str, seed: bytes) -> tuple[Doc, list[Problem]]:
    inputs = {key: value for key, value in news.items() if value is not None and not key.startswith("__")}
    for key, prop in resource.inputs.items():
        if key not in inputs and prop.autoname:
            inputs[key] = olds.get(key) or f"{name}-{seed.hex()[:7]}"
        elif key not in inputs and prop.default is not None:
            inputs[key] = prop.default
    problems = list(_fields(resource.inputs, inputs, resource.token, ""))
    if not problems and resource.rules and not holds(Unknown, inputs):
        problems = list(resource.rules(plain(inputs)))
    return inputs, problems


def problems_of(fields: dict[str, Property], doc: Doc, owner: str) -> list[Problem]:
    return list(_fields(fields, doc, owner, ""))


def _fields(fields: Any, doc: Doc, owner: str, prefix: str) -> Iterator[Problem]:
    for key in doc:
        if key not in fields:
            yield prefix + key, f"this plugin does not support the property '{prefix}{key}' of {owner}"
    for key, prop in fields.items():
        value = doc.get(key)
        if value is None and prop.required:
            yield prefix + key, f"missing required property '{prefix}{key}' of {owner}"
        elif value is not None:
            yield from _value(prop, value, owner, prefix + key)


def _value(prop: Property, value: Any, owner: str, path: str) -> Iterator[Problem]:
    if isinstance(value, Secret):
        value = value.value
    if isinstance(value, Unknown) or value is None:
        return
    expected = _TYPES.get(prop.kind)
    if prop.kind is Kind.JSON and not _is_json(value):
        yield path, "must be a text that holds JSON"
    elif prop.kind is Kind.ARCHIVE and not is_asset(value):
        yield path, "must be an asset or an archive"
    elif expected and not _fits(value, prop.kind, expected):
        yield path, f"must be a {prop.kind}"
    elif prop.choices and value not in prop.choices:
        yield path, f"must be one of {', '.join(map(str, prop.choices))}"
    elif prop.kind is Kind.OBJECT:
        yield from _fields(prop.fields, value, owner, path + ".")
    elif prop.item and isinstance(value, list):
        for at, item in enumerate(value):
            yield from _value(prop.item, item, owner, f"{path}[{at}]")
    elif prop.item and isinstance(value, dict):
        for key, item in value.items():
            yield from _value(prop.item, item, owner, f"{path}.{key}")


def _fits(value: Any, kind: Kind, expected: type | tuple[type, ...]) -> bool:
    if kind is Kind.NUMBER and isinstance(value, str):
        return value.replace(".", "", 1).lstrip("-").isdigit()
    if kind is Kind.FLAG and isinstance(value, str):
        return value in {"true", "false"}
    return isinstance(value, expected) and not (kind is Kind.NUMBER and isinstance(value, bool))


def _is_json(value: Any) -> bool:
    try:
        json.loads(value)
    except (TypeError, ValueError):
        return False
    return True
