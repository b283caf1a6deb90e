"""Services that keep everything as text: `{"VisibilityTimeout": "30"}`."""

from collections.abc import Mapping
from typing import Any

from sandbox.plugins.schema import Kind, Property
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import pascal


def encode(fields: Mapping[str, Property], inputs: Doc) -> dict[str, str]:
    return {_name(key, prop): _text(inputs[key]) for key, prop in fields.items() if inputs.get(key) is not None}


def changed(fields: Mapping[str, Property], inputs: Doc, old: Doc) -> dict[str, str]:
    """What differs from before; a property that was removed is set to nothing."""
    return {
        _name(key, prop): _text(inputs.get(key, ""))
        for key, prop in fields.items()
        if inputs.get(key) != old.get(key) and not (key not in inputs and prop.computed)
    }


def decode(fields: Mapping[str, Property], attributes: Mapping[str, str]) -> Doc:
    found = {key: (prop, attributes.get(_name(key, prop))) for key, prop in fields.items()}
    return {key: _value(prop, text) for key, (prop, text) in found.items() if text not in {None, ""}}


def _name(key: str, prop: Property) -> str:
    return prop.wire or pascal(key)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _value(prop: Property, text: Any) -> Any:
    if prop.kind is Kind.FLAG:
        return text == "true"
    return int(text) if prop.kind is Kind.NUMBER else text
