"""Objects compared with the SDK's own classes: no field missing, none unknown, none of another type."""

import inspect
import typing
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from importlib import import_module
from typing import Any, Literal

from stripe._object_classes import OBJECT_CLASSES
from stripe._stripe_object import StripeObject

_PLAIN = {int: (int,), float: (int, float), str: (str,), bool: (bool,), Decimal: (str,)}


def differences(doc: Any, path: str = "") -> Iterator[str]:
    """Walks into lists and embedded objects."""
    if isinstance(doc, list):
        for index, item in enumerate(doc):
            yield from differences(item, f"{path}[{index}]")
    elif isinstance(doc, dict):
        name = doc.get("object")
        if isinstance(name, str) and name in OBJECT_CLASSES and name != "list" and not doc.get("deleted"):
            module, cls = OBJECT_CLASSES[name]
            yield from _fields(getattr(import_module(module), cls), doc, f"{path}<{name}>")
        for key, value in doc.items():
            yield from differences(value, f"{path}.{key}")


def _fields(cls: Any, doc: dict[str, Any], path: str) -> Iterator[str]:
    hints = _hints(cls)
    for name in doc:
        if name not in hints:
            yield f"{path}.{name}: unknown field"
    for name, hint in hints.items():
        if name not in doc:
            if not _optional(hint):
                yield f"{path}.{name}: missing"
        else:
            yield from _value(hint, doc[name], f"{path}.{name}")


@cache
def _hints(cls: Any) -> dict[str, Any]:
    hints = inspect.get_annotations(cls)
    return {name: hint for name, hint in hints.items() if "ClassVar" not in str(hint) and not name.startswith("_")}


def _optional(hint: Any) -> bool:
    return typing.get_origin(hint) is typing.Union and type(None) in typing.get_args(hint)


def _value(hint: Any, value: Any, path: str) -> Iterator[str]:
    options = _options(hint)
    if value is None:
        if type(None) not in options:
            yield f"{path}: null"
        return
    words = [word for option in options if typing.get_origin(option) is Literal for word in typing.get_args(option)]
    if words and isinstance(value, str):
        if value not in words:
            yield f"{path}: {value!r} is not one of {words[:8]}"
        return
    yield from _typed(options, value, path)


def _options(hint: Any) -> list[Any]:
    if typing.get_origin(hint) is typing.Union:
        return [option for part in typing.get_args(hint) for option in _options(part)]
    return [hint]


def _typed(options: list[Any], value: Any, path: str) -> Iterator[str]:
    for option in options:
        if (
            option in _PLAIN
            and isinstance(value, _PLAIN[option])
            and not (isinstance(value, bool) and option is not bool)
        ):
            return
        if typing.get_origin(option) is list and isinstance(value, list):
            for index, item in enumerate(value):
                yield from _value(typing.get_args(option)[0], item, f"{path}[{index}]")
            return
        if isinstance(value, dict) and not isinstance(option, type):
            return  # an embedded object (checked by its own class), a list object, or free keys
        if isinstance(value, dict) and inspect.isclass(option) and issubclass(option, StripeObject):
            if "object" not in value:
                yield from _fields(option, value, path)
            return
    yield f"{path}: {type(value).__name__} {value!r} does not fit"
