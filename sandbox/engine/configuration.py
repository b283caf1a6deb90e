"""The configuration of a stack: project defaults, then the settings file, secrets encrypted."""

import json
from typing import Any

from .errors import CommandFailed
from .session import Session
from .state.secrets import SecretsManager


def full_key(key: str, project: str) -> str:
    return key if ":" in key else f"{project}:{key}"


class Configuration:
    def __init__(self, session: Session, secrets: SecretsManager | None = None) -> None:
        self.session, self._secrets = session, secrets
        self.values = session.settings.config
        self.defaults = _project_defaults(session)

    @classmethod
    def of(cls, session: Session) -> "Configuration":
        return cls(session)

    @property
    def secrets(self) -> SecretsManager:
        if self._secrets is None:
            state = self.session.checkpoint()
            self._secrets = self.session.secrets(state_salt=state.salt)
        return self._secrets

    def names(self) -> list[str]:
        return sorted({*self.defaults, *self.values})

    def raw(self, key: str) -> Any:
        return self.values[key] if key in self.values else self.defaults[key]

    def is_secret(self, key: str) -> bool:
        return _is_secure(self.raw(key)) or _has_secure(self.raw(key))

    def value(self, key: str) -> Any:
        """Decrypted; scalars as text, structures as they are."""
        value = self._open(self.raw(key))
        return value if isinstance(value, dict | list) else _text(value)

    def _open(self, value: Any) -> Any:
        if _is_secure(value):
            return self.secrets.crypter.decrypt(value["secure"])
        if isinstance(value, dict):
            return {key: self._open(item) for key, item in value.items()}
        return [self._open(item) for item in value] if isinstance(value, list) else value

    def plain_texts(self) -> dict[str, str]:
        """As programs receive it."""
        found = {}
        for key in self.names():
            value = self.value(key)
            found[key] = (
                value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
            )
        return found

    def set(self, key: str, path: list[str | int], value: Any, *, secret: bool) -> None:
        stored = {"secure": self.secrets.crypter.encrypt(_text(value))} if secret else value
        self.values[key] = _with(self.values.get(key), path, stored if secret or not path else _typed(value))

    def remove(self, key: str, path: list[str | int]) -> None:
        if not path:
            self.values.pop(key, None)
        elif key in self.values:
            self.values[key] = _without(self.values[key], path)


def _project_defaults(session: Session) -> dict[str, Any]:
    found = {}
    for key, entry in session.project.config.items():
        described = isinstance(entry, dict) and ({"value", "default", "type", "description", "secret"} & entry.keys())
        if not described:
            found[full_key(key, session.project.name)] = entry
        elif "value" in entry or "default" in entry:
            found[full_key(key, session.project.name)] = entry.get("value", entry.get("default"))
    return found


def _is_secure(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"secure"}


def _has_secure(value: Any) -> bool:
    if isinstance(value, dict):
        return _is_secure(value) or any(_has_secure(item) for item in value.values())
    return isinstance(value, list) and any(_has_secure(item) for item in value)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _typed(value: Any) -> Any:
    """With --path, `true`, `false` and whole numbers are not text."""
    if value in ("true", "false"):
        return value == "true"
    if isinstance(value, str) and value.lstrip("-").isdigit() and str(int(value)) == value:
        return int(value)
    return value


def _with(value: Any, path: list[str | int], new: Any) -> Any:
    if not path:
        return new
    part, rest = path[0], path[1:]
    if isinstance(part, int):
        items = list(value) if isinstance(value, list) else []
        if part > len(items):
            raise CommandFailed(f"cannot set configuration: index {part} is beyond the end of the list")
        inner = items[part] if part < len(items) else None
        items[part : part + 1] = [_with(inner, rest, new)]
        return items
    known = value if isinstance(value, dict) else {}
    return {**known, part: _with(known.get(part), rest, new)}


def _without(value: Any, path: list[str | int]) -> Any:
    part, rest = path[0], path[1:]
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        kept = [] if not rest else [_without(value[part], rest)]
        return [*value[:part], *kept, *value[part + 1 :]]
    if isinstance(value, dict) and part in value:
        kept_items = {key: item for key, item in value.items() if key != part}
        return {**kept_items, str(part): _without(value[str(part)], rest)} if rest else kept_items
    return value
