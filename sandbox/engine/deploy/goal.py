"""What a program asks for: the registration of one resource."""

import os
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from ..properties import Properties, resolve_outputs
from ..rpc.wire import to_properties, to_value
from ..state.resource import Resource
from ..urns import is_provider
from .assets import with_hashes

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


class Refused(Exception):
    """The program asks for something that this engine does not have."""


@dataclass
class Goal:
    type: str
    name: str
    parent: str = ""
    custom: bool = False
    inputs: Properties = field(default_factory=dict)
    protect: bool | None = None
    dependencies: list[str] = field(default_factory=list)
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    provider: str = ""
    version: str = ""
    download_url: str = ""
    delete_before_replace: bool | None = None
    ignore_changes: list[str] = field(default_factory=list)
    replace_on_changes: list[str] = field(default_factory=list)
    hide_diffs: list[str] = field(default_factory=list)
    additional_secret_outputs: list[str] = field(default_factory=list)
    aliases: list[Any] = field(default_factory=list)
    import_id: str = ""
    timeouts: dict[str, float] = field(default_factory=dict)
    retain_on_delete: bool = False
    deleted_with: str = ""
    replace_with: list[str] = field(default_factory=list)
    replacement_trigger: Any = None
    source_position: str = ""
    hooks: dict[str, list[str]] = field(default_factory=dict)
    reports_results: bool = False

    @property
    def is_provider(self) -> bool:
        return is_provider(self.type)


_UNSUPPORTED = {
    "remote": "remote components (the provider's Construct)",
    "packageRef": "parameterized packages",
    "envVarMappings": "environment variable mappings of a provider",
    "snippetId": "snippets",
    "state_migrations": "state migrations",
    "pluginChecksums": "plugin checksums",
}


def goal_of(request: Any, *, root: str, folder: str) -> Goal:
    """`root` and `folder`: where source positions and where assets are counted from."""
    for name, words in _UNSUPPORTED.items():
        if getattr(request, name, None):
            raise Refused(f"{request.type} '{request.name}': {words} are not supported by this engine")
    return Goal(
        type=request.type,
        name=request.name,
        parent=request.parent,
        custom=request.custom,
        inputs=with_hashes(resolve_outputs(to_properties(request.object)), folder),
        protect=request.protect if request.HasField("protect") else None,
        dependencies=list(request.dependencies),
        property_dependencies={key: list(item.urns) for key, item in sorted(request.propertyDependencies.items())},
        provider=request.provider,
        version=request.version,
        download_url=request.pluginDownloadURL,
        delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        ignore_changes=list(request.ignoreChanges),
        replace_on_changes=list(request.replaceOnChanges),
        hide_diffs=list(request.hideDiffs),
        additional_secret_outputs=list(request.additionalSecretOutputs),
        aliases=[*request.aliasURNs, *request.aliases],
        import_id=request.importId,
        timeouts=_timeouts(request.customTimeouts),
        retain_on_delete=request.retainOnDelete,
        deleted_with=request.deletedWith,
        replace_with=list(request.replace_with),
        replacement_trigger=to_value(request.replacement_trigger) if request.HasField("replacement_trigger") else None,
        source_position=source_position(request, root),
        hooks={field.name: list(names) for field, names in request.hooks.ListFields()},
        reports_results=request.supportsResultReporting,
    )


def resource_of(goal: Goal, urn: str, provider: str) -> Resource:
    return Resource(
        urn=urn,
        type=goal.type,
        custom=goal.custom,
        inputs=goal.inputs,
        parent=goal.parent,
        protect=bool(goal.protect),
        dependencies=goal.dependencies,
        provider=provider,
        property_dependencies=goal.property_dependencies,
        additional_secret_outputs=goal.additional_secret_outputs,
        custom_timeouts=goal.timeouts,
        import_id=goal.import_id,
        retain_on_delete=goal.retain_on_delete,
        deleted_with=goal.deleted_with,
        replace_with=goal.replace_with,
        source_position=goal.source_position,
        ignore_changes=goal.ignore_changes,
        hide_diffs=goal.hide_diffs,
        replace_on_changes=goal.replace_on_changes,
        replacement_trigger=goal.replacement_trigger,
        resource_hooks=goal.hooks,
    )


def _timeouts(message: Any) -> dict[str, float]:
    texts = {name: getattr(message, name) for name in ("create", "update", "delete", "read")}
    return {name: _seconds(text) for name, text in texts.items() if text}


def _seconds(text: str) -> float:
    """A Go duration: `1h30m`, `5m`, `0.5s`."""
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise Refused(f"unable to parse customTimeout value {text!r}")
    seconds = float(sum(float(number) * _UNITS[unit] for number, unit in parts))
    return int(seconds) if seconds.is_integer() else seconds


def source_position(request: Any, root: str) -> str:
    """Relative to the project, as the state keeps it."""
    if not request.HasField("sourcePosition") or not request.sourcePosition.uri:
        return ""
    position = request.sourcePosition
    path = os.path.relpath(unquote(urlsplit(position.uri).path), root)
    column = f",{position.column}" if position.column else ""
    return f"project:///{path}#{position.line}{column}"
