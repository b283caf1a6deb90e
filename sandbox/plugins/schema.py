"""The words of a table: properties, resource types, functions, providers."""

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Event
from typing import Any

from sandbox.plugins.failures import Invalid
from sandbox.plugins.values import Doc


class Kind(StrEnum):
    TEXT = "string"
    NUMBER = "number"
    FLAG = "boolean"
    JSON = "json"
    OBJECT = "object"
    LIST = "array"
    MAP = "map"
    ANY = "any"
    ARCHIVE = "archive"


@dataclass(frozen=True, kw_only=True)
class Property:
    kind: Kind
    required: bool = False
    default: Any = None
    choices: tuple[Any, ...] = ()
    replaces: bool = False
    computed: bool = False  # the vendor chooses when the program says nothing
    local: bool = False  # steers the plugin; the vendor never answers it
    unordered: bool = False
    autoname: bool = False
    alike: Callable[[Any, Any], bool] | None = None  # two spellings of the same
    wire: str = ""  # its name at the vendor where that does not follow from its own
    fields: Mapping[str, "Property"] = field(default_factory=dict)
    item: "Property | None" = None


def text(**more: Any) -> Property:
    return Property(kind=Kind.TEXT, **more)


def number(**more: Any) -> Property:
    return Property(kind=Kind.NUMBER, **more)


def flag(**more: Any) -> Property:
    return Property(kind=Kind.FLAG, **more)


def json_text(**more: Any) -> Property:
    return Property(kind=Kind.JSON, **more)


def anything(**more: Any) -> Property:
    return Property(kind=Kind.ANY, **more)


def archive(**more: Any) -> Property:
    return Property(kind=Kind.ARCHIVE, **more)


def obj(fields: Mapping[str, Property], **more: Any) -> Property:
    return Property(kind=Kind.OBJECT, fields=fields, **more)


def many(item: Property, **more: Any) -> Property:
    return Property(kind=Kind.LIST, item=item, **more)


def some(item: Property, **more: Any) -> Property:
    """A list in which order means nothing."""
    return Property(kind=Kind.LIST, item=item, unordered=True, **more)


def mapping(item: Property, **more: Any) -> Property:
    return Property(kind=Kind.MAP, item=item, **more)


@dataclass
class Call:
    """One operation on one object. A create that has set `id` has made something."""

    resource: "Resource"
    session: Any
    id: str = ""
    inputs: Doc = field(default_factory=dict)  # complete with defaults
    old: Doc = field(default_factory=dict)  # the inputs before
    state: Doc = field(default_factory=dict)  # the outputs before
    timeout: float = 0

    def differs(self, *keys: str) -> bool:
        return any(self.inputs.get(key) != self.old.get(key) for key in keys)

    def known(self, key: str) -> Any:
        """An input, else the last known output."""
        value = self.inputs.get(key)
        return self.state.get(key) if value is None else value


Action = Callable[[Call], Doc]


@dataclass(frozen=True, kw_only=True)
class Resource:
    token: str
    inputs: Mapping[str, Property]
    outputs: tuple[str, ...] = ()
    volatile: tuple[str, ...] = ()  # outputs that any update may change
    secret: tuple[str, ...] = ()
    natural: tuple[str, ...] = ()  # inputs that name the object: a replacement with the same name deletes first
    imports: str = "id"  # how an import id is spelt: input names and `id`
    identity: Callable[[Doc], str] | None = None  # the id from inputs or outputs, where it is a name
    create: Action
    read: Callable[[Call], Doc | None]
    update: Action | None = None
    delete: Callable[[Call], None]
    rules: Callable[[Doc], Iterable[tuple[str, str]]] | None = None  # checks across properties: (property, reason)


@dataclass(frozen=True, kw_only=True)
class Function:
    token: str
    inputs: Mapping[str, Property]
    run: Callable[[Any, Doc], Doc]


@dataclass(frozen=True, kw_only=True)
class Provider:
    name: str
    version: str
    config: Mapping[str, Property]
    groups: Mapping[str, str]  # module part of a token -> Python module with RESOURCES and FUNCTIONS
    open: Callable[[Doc, Event], Any]
    planned: Callable[[Any, Resource, Doc], Doc] | None = None  # outputs that follow from inputs and configuration
    identifying: tuple[str, ...] = ()  # configuration that decides whose objects these are

    def resource(self, token: str) -> Resource:
        for resource in self._group(token, "RESOURCES"):
            if resource.token == token:
                return resource  # type: ignore[no-any-return]
        raise Invalid(f"the {self.name} plugin has no resource type '{token}'")

    def function(self, token: str) -> Function:
        for function in self._group(token, "FUNCTIONS"):
            if function.token == token:
                return function  # type: ignore[no-any-return]
        raise Invalid(f"the {self.name} plugin has no function '{token}'")

    def resources(self) -> list[Resource]:
        modules = sorted(set(self.groups.values()))
        return [resource for module in modules for resource in importlib.import_module(module).RESOURCES]

    def _group(self, token: str, table: str) -> tuple[Any, ...]:
        module = self.groups.get(token.split(":")[1].split("/")[0]) if token.count(":") == 2 else None
        return getattr(importlib.import_module(module), table, ()) if module else ()


def complete(fields: Mapping[str, Property], doc: Doc) -> Doc:
    """Fill in the defaults, at any depth, and drop what is empty on purpose (null)."""
    filled = {key: _complete(prop, doc.get(key)) for key, prop in fields.items()}
    return {key: value for key, value in filled.items() if value is not None}


def _complete(prop: Property, value: Any) -> Any:
    if value is None:
        return prop.default
    if prop.kind is Kind.OBJECT and isinstance(value, dict):
        return complete(prop.fields, value)
    if prop.kind is Kind.LIST and prop.item and isinstance(value, list):
        return [_complete(prop.item, item) for item in value]
    if prop.kind is Kind.MAP and prop.item and isinstance(value, dict):
        return {key: _complete(prop.item, item) for key, item in value.items()}
    return value
