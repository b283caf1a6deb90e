"""One resource of a state, as the engine knows it and as the checkpoint file writes it."""

from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any

from ..properties import Properties
from ..urns import STACK_TYPE, is_provider, name_of, type_of

# attribute -> key in the file, in the order of the file
_KEYS = {
    "urn": "urn",
    "custom": "custom",
    "delete": "delete",
    "id": "id",
    "type": "type",
    "inputs": "inputs",
    "outputs": "outputs",
    "parent": "parent",
    "protect": "protect",
    "external": "external",
    "dependencies": "dependencies",
    "init_errors": "initErrors",
    "provider": "provider",
    "property_dependencies": "propertyDependencies",
    "pending_replacement": "pendingReplacement",
    "additional_secret_outputs": "additionalSecretOutputs",
    "custom_timeouts": "customTimeouts",
    "import_id": "importID",
    "retain_on_delete": "retainOnDelete",
    "deleted_with": "deletedWith",
    "replace_with": "replaceWith",
    "created": "created",
    "modified": "modified",
    "source_position": "sourcePosition",
    "ignore_changes": "ignoreChanges",
    "hide_diffs": "hideDiff",
    "replace_on_changes": "replaceOnChanges",
    "replacement_trigger": "replacementTrigger",
    "refresh_before_update": "refreshBeforeUpdate",
    "resource_hooks": "resourceHooks",
}
_ATTRIBUTES = {key: attribute for attribute, key in _KEYS.items()}
_ALWAYS = frozenset({"urn", "custom", "type"})


@dataclass(eq=False)
class Resource:
    urn: str
    type: str
    custom: bool = False
    delete: bool = False
    id: str = ""
    inputs: Properties = field(default_factory=dict)
    outputs: Properties = field(default_factory=dict)
    parent: str = ""
    protect: bool = False
    external: bool = False
    dependencies: list[str] = field(default_factory=list)
    init_errors: list[str] = field(default_factory=list)
    provider: str = ""
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    pending_replacement: bool = False
    additional_secret_outputs: list[str] = field(default_factory=list)
    custom_timeouts: dict[str, float] = field(default_factory=dict)
    import_id: str = ""
    retain_on_delete: bool = False
    deleted_with: str = ""
    replace_with: list[str] = field(default_factory=list)
    created: str = ""
    modified: str = ""
    source_position: str = ""
    ignore_changes: list[str] = field(default_factory=list)
    hide_diffs: list[str] = field(default_factory=list)
    replace_on_changes: list[str] = field(default_factory=list)
    replacement_trigger: Any = None
    refresh_before_update: bool = False
    resource_hooks: dict[str, list[str]] = field(default_factory=dict)
    rest: dict[str, Any] = field(default_factory=dict)  # keys of other engine versions, kept as they are

    @property
    def name(self) -> str:
        return name_of(self.urn)

    @property
    def is_stack(self) -> bool:
        return self.type == STACK_TYPE

    @property
    def is_provider(self) -> bool:
        return is_provider(self.type)

    @property
    def reference(self) -> str:
        """How others name this provider."""
        return f"{self.urn}::{self.id}"

    def copy(self, **changes: Any) -> "Resource":
        return replace(self, **changes)

    def needs(self) -> set[str]:
        """URNs that must outlive this resource."""
        found = {self.parent, self.deleted_with, self.provider.rpartition("::")[0], *self.dependencies}
        found.update(urn for urns in self.property_dependencies.values() for urn in urns)
        found.discard("")
        return found

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Resource":
        known = {_ATTRIBUTES[key]: value for key, value in data.items() if key in _ATTRIBUTES}
        known.setdefault("type", type_of(data["urn"]))
        for item in _COLLECTIONS & known.keys():
            if known[item] is None:
                del known[item]
        return cls(**known, rest={key: value for key, value in data.items() if key not in _ATTRIBUTES})

    def to_json(self, *, inputs: Properties, outputs: Properties) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for attribute, key in _KEYS.items():
            value = {"inputs": inputs, "outputs": outputs}.get(attribute, getattr(self, attribute))
            if value or attribute in _ALWAYS:
                data[key] = value
        return {**data, **self.rest}


_COLLECTIONS = {item.name for item in fields(Resource) if item.type in ("list", "dict") or "[" in str(item.type)}


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(eq=False)
class PendingOperation:
    resource: Resource
    type: str  # creating, updating, deleting, reading, importing
