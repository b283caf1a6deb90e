"""What differs between two sets of inputs, and which inputs a read object stands for."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.plugins.schema import Kind, Property
from sandbox.plugins.values import UNKNOWN, Doc, Secret, Unknown, holds, is_asset

_PLAIN_KEY = re.compile(r"^[A-Za-z_][A-Za-z0-9_-]*$")


@dataclass(frozen=True)
class Change:
    path: str
    kind: str  # ADD, UPDATE, DELETE
    replaces: bool

    @property
    def root(self) -> str:
        return re.split(r"[.\[]", self.path, maxsplit=1)[0]


def canonical(prop: Property, value: Any) -> Any:
    """The one spelling of equal values: defaults filled in, empty is absent, sets are sorted, JSON is parsed."""
    if isinstance(value, Secret):
        value = value.value
    if isinstance(value, Unknown):
        return UNKNOWN
    if value is None:
        value = prop.default
    if value is None:
        return None
    return _CANONICAL.get(prop.kind, _as_is)(prop, value)


def _as_is(prop: Property, value: Any) -> Any:
    del prop
    return value


def _text(prop: Property, value: Any) -> Any:
    del prop
    return (str(value).lower() if isinstance(value, bool) else str(value)) or None


def _number(prop: Property, value: Any) -> Any:
    del prop
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def _flag(prop: Property, value: Any) -> Any:
    del prop
    return value if isinstance(value, bool) else str(value).lower() == "true"


def _json(prop: Property, value: Any) -> Any:
    del prop
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        return value


def _archive(prop: Property, value: Any) -> Any:
    del prop
    return value.get("hash") or value if is_asset(value) else value


def _object(prop: Property, value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    found = {key: canonical(field, value.get(key)) for key, field in prop.fields.items()}
    return {key: item for key, item in found.items() if item is not None} or None


def _list(prop: Property, value: Any) -> Any:
    if not isinstance(value, list) or prop.item is None:
        return value or None
    found = [canonical(prop.item, item) for item in value]
    if prop.unordered:
        found.sort(key=lambda item: json.dumps(item, sort_keys=True, default=repr))
    return found or None


def _mapping(prop: Property, value: Any) -> Any:
    if not isinstance(value, dict) or prop.item is None:
        return value or None
    return {key: canonical(prop.item, item) for key, item in value.items() if item is not None} or None


_CANONICAL = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.FLAG: _flag,
    Kind.JSON: _json,
    Kind.ARCHIVE: _archive,
    Kind.OBJECT: _object,
    Kind.LIST: _list,
    Kind.MAP: _mapping,
}


def changes(fields: Mapping[str, Property], old: Doc, new: Doc) -> list[Change]:
    return [change for key, prop in fields.items() for change in _between(prop, old.get(key), new.get(key), key, False)]


def _between(prop: Property, old: Any, new: Any, path: str, replaces: bool) -> Iterator[Change]:
    old, new = (value.value if isinstance(value, Secret) else value for value in (old, new))
    if new is None and prop.computed:
        return
    if old is None and prop.local and prop.default is not None:
        return  # only an imported object lacks it: nobody can read how the plugin was steered
    if prop.alike and old is not None and new is not None and not isinstance(new, Unknown) and prop.alike(old, new):
        return
    replaces = replaces or prop.replaces
    if not holds(Unknown, new) and canonical(prop, old) == canonical(prop, new):
        return
    if prop.kind is Kind.ARCHIVE or is_asset(new):
        yield Change(path, _kind(old, new), replaces)
    elif isinstance(old, dict) and isinstance(new, dict) and prop.kind in {Kind.OBJECT, Kind.MAP}:
        for key in sorted({*old, *new}):
            inner = prop.fields.get(key) if prop.kind is Kind.OBJECT else prop.item
            if inner is not None:
                yield from _between(inner, old.get(key), new.get(key), _step(path, key), replaces)
    elif prop.item and not prop.unordered and isinstance(old, list) and isinstance(new, list):
        for at in range(max(len(old), len(new))):
            yield from _between(prop.item, _at(old, at), _at(new, at), f"{path}[{at}]", replaces)
    elif not _same_set(prop, old, new):
        yield Change(path, _kind(old, new), replaces)


def _same_set(prop: Property, old: Any, new: Any) -> bool:
    """Equal in some order, whatever the vendor has chosen inside the items."""
    if not (prop.unordered and prop.item and isinstance(old, list) and isinstance(new, list)):
        return False
    left = list(old)
    for item in new:
        alike = (at for at, other in enumerate(left) if not list(_between(prop.item, other, item, "", False)))
        twin = next(alike, None)
        if twin is None:
            return False
        left.pop(twin)
    return not left


def _at(items: list[Any], at: int) -> Any:
    return items[at] if at < len(items) else None


def _kind(old: Any, new: Any) -> str:
    return "ADD" if old is None else "DELETE" if new is None else "UPDATE"


def _step(path: str, key: str) -> str:
    return f"{path}.{key}" if _PLAIN_KEY.match(key) else f'{path}["{key}"]'


def adopt(fields: Mapping[str, Property], prior: Doc, actual: Doc, *, importing: bool = False) -> Doc:
    """The inputs that would make `actual`; what did not drift keeps the spelling it had in `prior`.

    What the vendor chose by itself is an input only of an object that is being imported.
    """
    found = {key: _adopt(prop, prior.get(key), actual.get(key), importing) for key, prop in fields.items()}
    return {key: value for key, value in found.items() if value is not None}


def _adopt(prop: Property, prior: Any, actual: Any, importing: bool) -> Any:
    if prior is None:
        chosen = prop.computed and not importing
        return None if chosen or canonical(prop, actual) == canonical(prop, None) else _pruned(prop, actual, importing)
    bare = prior.value if isinstance(prior, Secret) else prior
    same = prop.local or not list(_between(prop, actual, bare, "", False))
    if prop.kind is Kind.OBJECT and not prop.local and isinstance(bare, dict) and isinstance(actual, dict):
        merged = adopt(prop.fields, bare, actual)
        return prior if same and merged == bare else merged
    return prior if same else _pruned(prop, actual, importing)


def _pruned(prop: Property, actual: Any, importing: bool) -> Any:
    if prop.kind is Kind.OBJECT and isinstance(actual, dict):
        found = adopt(prop.fields, {}, actual, importing=importing)
        return found or {key: value for key, value in actual.items() if key in prop.fields} or None
    if prop.item and isinstance(actual, list):
        return [_pruned(prop.item, item, importing) for item in actual]
    return actual
