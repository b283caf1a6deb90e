"""Parameters checked against the SDK's own generated types, so that the emulator is as strict as the API version.

`supports` lists what the emulator really does; a parameter outside of it that Stripe knows is refused as unsupported.
"""

import operator
import types
from decimal import Decimal
from functools import cache, reduce
from typing import Any, Literal, Union, get_args, get_origin

import stripe.params
import typing_extensions
from stripe._request_options import RequestOptions

from sandbox.stripe.errors import Doc, StripeError, invalid, missing, unknown, unsupported
from sandbox.stripe.form import join

_PLAIN = {int: "integer", float: "number", bool: "boolean", Decimal: "decimal"}


def check(name: str, raw: Doc, supports: frozenset[str]) -> Doc:
    """The typed parameters of one call; raises Stripe's error for the first that is wrong."""
    checker = _Checker(supports | {"expand"})
    return checker.record(params_class(name), raw, "", "")


@cache
def params_class(name: str) -> Any:
    return reduce(getattr, name.split("."), stripe.params)


@cache
def _fields(record: Any) -> dict[str, tuple[Any, bool]]:
    """Per parameter its type and whether it is required."""
    own = {name: hint for name, hint in record.__annotations__.items() if name not in RequestOptions.__annotations__}
    plain = type("Plain", (), {"__annotations__": own, "__module__": record.__module__})
    hints = typing_extensions.get_type_hints(plain, include_extras=True)
    return {name: _unwrap(hint) for name, hint in hints.items()}


def _unwrap(hint: Any) -> tuple[Any, bool]:
    origin = get_origin(hint)
    if origin is typing_extensions.NotRequired:
        return get_args(hint)[0], False
    if origin is typing_extensions.Required:
        return get_args(hint)[0], True
    return hint, True


class _Checker:
    def __init__(self, supports: frozenset[str]) -> None:
        self._supports = supports

    def record(self, record: Any, raw: Any, path: str, plain: str) -> Doc:
        if not isinstance(raw, dict):
            raise invalid("Invalid object", path)
        fields = _fields(record)
        for name in raw:
            if name not in fields:
                raise unknown(join(path, name))
        for name, (_, required) in fields.items():
            if required and name not in raw:
                raise missing(join(path, name))
        return {name: self._field(fields[name][0], raw[name], join(path, name), _dot(plain, name)) for name in raw}

    def _field(self, hint: Any, raw: Any, path: str, plain: str) -> Any:
        if not self._supported(plain):
            raise unsupported(path)
        return self.value(hint, raw, path, plain)

    def _supported(self, plain: str) -> bool:
        """Named itself, or below or above a name: `items` opens all of it, `items.price` only that."""
        names = plain.split(".")
        below = any(".".join(names[: count + 1]) in self._supports for count in range(len(names)))
        return below or any(name.startswith(f"{plain}.") for name in self._supports)

    def value(self, hint: Any, raw: Any, path: str, plain: str) -> Any:
        options = _options(hint)
        if isinstance(raw, str):
            return _scalar(options, raw, path)
        for option in options:
            origin = get_origin(option)
            if origin in (list, tuple):
                return self._list(option, raw, path, plain)
            if origin is dict:
                return {key: self.value(get_args(option)[1], item, join(path, key), plain) for key, item in raw.items()}
            if _is_untyped(option):
                return raw
        return self.record(_record(options, path), raw, path, plain)

    def _list(self, option: Any, raw: Doc, path: str, plain: str) -> list[Any]:
        if not all(key.isdigit() for key in raw):
            raise invalid("Invalid array", path)
        (item,) = get_args(option)[:1]
        ordered = sorted(raw.items(), key=lambda pair: int(pair[0]))
        return [self.value(item, value, join(path, index), plain) for index, value in ordered]


def _options(hint: Any) -> list[Any]:
    if get_origin(hint) in (Union, types.UnionType):
        return [option for part in get_args(hint) for option in _options(part)]
    return [hint]


def _is_untyped(option: Any) -> bool:
    return getattr(get_origin(option) or option, "__name__", "") == "UntypedStripeObject" or option is Any


def _record(options: list[Any], path: str) -> Any:
    for option in options:
        if typing_extensions.is_typeddict(option):
            return option
    raise invalid("Invalid value: a hash was not expected", path)


def _scalar(options: list[Any], raw: str, path: str) -> Any:
    literals = reduce(operator.add, (get_args(o) for o in options if get_origin(o) is Literal), ())
    if raw in literals:
        return raw
    for option in options:
        if option in _PLAIN:
            converted = _convert(option, raw)
            if converted is not None:
                return converted
    return _text(options, raw, path, literals)


def _text(options: list[Any], raw: str, path: str, literals: tuple[Any, ...]) -> str:
    named = [value for value in literals if value != ""]
    if str in options and not named:  # the SDK types enumerations as open, the API does not take other words
        return raw
    expected = next((name for option, name in _PLAIN.items() if option in options), None)
    if raw == "" and expected is None and not literals:
        return raw  # an empty string clears a list or a hash
    if expected and not named:
        raise StripeError(f"Invalid {expected}: {raw}", param=path, code=f"parameter_invalid_{expected}")
    allowed = f"one of {', '.join(named)}" if named else "a hash or a list"
    raise invalid(f"Invalid {path}: must be {allowed}", path)


def _convert(option: Any, raw: str) -> Any:
    if option is bool:
        return {"true": True, "false": False}.get(raw)
    try:
        if option is Decimal:
            return str(Decimal(raw))
        return int(raw) if option is int else float(raw)
    except ArithmeticError:
        return None
    except ValueError:
        return None


def _dot(plain: str, name: str) -> str:
    return f"{plain}.{name}" if plain else name
