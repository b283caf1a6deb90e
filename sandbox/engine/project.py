"""Pulumi.yaml and Pulumi.<stack>.yaml."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import CommandFailed

_PLAIN_LINE = re.compile(r"([A-Za-z][\w.-]*): ([A-Za-z0-9/_.+=@-][^#'\"{}\[\]&*!|>%`,]*)$")
_NOT_TEXT = re.compile(r"(?i)(true|false|yes|no|on|off|null|~|[-+.\d][\d_.eExXa-f:+-]*)$")


def read_yaml(path: Path) -> dict[str, Any]:
    """Flat files of plain words, which is what the SDK writes, need no YAML parser: it costs more than the command."""
    text = path.read_text()
    flat: dict[str, Any] = {}
    for line in filter(None, text.splitlines()):
        match = _PLAIN_LINE.match(line)
        if match is None or _NOT_TEXT.match(match[2]) or ": " in match[2]:
            return _parse_yaml(text, path)
        flat[match[1]] = match[2].rstrip()
    return flat


def _parse_yaml(text: str, path: Path) -> dict[str, Any]:
    import yaml  # type: ignore[import-untyped]

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        found = yaml.load(text, Loader=loader) or {}  # noqa: S506 - both are safe loaders
    except yaml.YAMLError as error:
        raise CommandFailed(f"could not load {path.name}: {error}") from error
    if not isinstance(found, dict):
        raise CommandFailed(f"could not load {path.name}: not a mapping")
    return found


@dataclass(frozen=True)
class Project:
    name: str
    root: Path  # where Pulumi.yaml is
    main: str
    backend: str
    config: Mapping[str, Any]
    plugins: Mapping[str, Any]
    stack_config_dir: str = ""

    @property
    def program_directory(self) -> str:
        return os.path.join(self.root, self.main) if self.main else str(self.root)


def find_project(start: Path) -> Project:
    for folder in (start, *start.parents):
        for name in ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json"):
            if (folder / name).is_file():
                return _load_project(folder / name)
    raise CommandFailed(f"no Pulumi.yaml project file found (searching upwards from {start})")


def _load_project(path: Path) -> Project:
    data = read_yaml(path)
    if not data.get("name"):
        raise CommandFailed(f"could not load project {path}: project is missing a 'name' attribute")
    return Project(
        name=str(data["name"]),
        root=path.parent,
        main=str(data.get("main") or ""),
        backend=str((data.get("backend") or {}).get("url") or ""),
        config=data.get("config") or {},
        plugins=data.get("plugins") or {},
        stack_config_dir=str(data.get("stackConfigDir") or ""),
    )


@dataclass
class StackSettings:
    """Pulumi.<stack>.yaml. Config values are plain scalars or structures, or `{"secure": ciphertext}`."""

    path: Path
    salt: str = ""
    secrets_provider: str = ""
    config: dict[str, Any] = field(default_factory=dict)
    rest: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> "StackSettings":
        data = read_yaml(path) if path.exists() else {}
        known = {"encryptionsalt", "secretsprovider", "config"}
        return cls(
            path=path,
            salt=str(data.get("encryptionsalt") or ""),
            secrets_provider=str(data.get("secretsprovider") or ""),
            config=dict(data.get("config") or {}),
            rest={key: value for key, value in data.items() if key not in known},
        )

    def save(self) -> None:
        lines = [f"{key}: {_scalar(value)}" for key, value in (("secretsprovider", self.secrets_provider),) if value]
        if self.salt:
            lines.append(f"encryptionsalt: {self.salt}")
        for key, value in self.rest.items():
            lines += _emit(key, value, indent="")
        if self.config:
            lines.append("config:")
            for key in sorted(self.config):
                lines += _emit(key, self.config[key], indent="  ")
        temporary = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        temporary.write_text("".join(line + "\n" for line in lines))
        temporary.replace(self.path)


def _emit(key: str, value: Any, *, indent: str) -> list[str]:
    if isinstance(value, dict) and value:
        lines = [f"{indent}{_scalar(key)}:"]
        for name, item in value.items():
            lines += _emit(str(name), item, indent=indent + "  ")
        return lines
    return [f"{indent}{_scalar(key)}: {_scalar(value)}"]


def _scalar(value: Any) -> str:
    """Plain where YAML reads it back as the same text, else JSON (which is YAML too)."""
    import json

    if (
        isinstance(value, str)
        and re.fullmatch(r"[A-Za-z/][\w/.@+=-]*(:[\w/.@+=-]+)*", value)
        and not _NOT_TEXT.match(value)
    ):
        return value
    return json.dumps(value)
