"""config get, set, set-all, rm, rm-all, refresh and the listing."""

import json
from typing import Any

from ..configuration import Configuration, full_key
from ..errors import CommandFailed
from ..paths import get_at, parse_path
from ..session import Session
from .arguments import Arguments


def show_all(arguments: Arguments) -> None:
    session = Session(arguments)
    session.backend.require(session.stack)
    configuration = Configuration.of(session)
    reveal = arguments.on("show-secrets")
    rows = {key: _row(configuration, key, reveal=reveal) for key in configuration.names()}
    if arguments.on("json"):
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for key, row in rows.items():
        print(f"{key:32}  {row.get('value', '[secret]')}")


def _row(configuration: Configuration, key: str, *, reveal: bool) -> dict[str, Any]:
    is_secret = configuration.is_secret(key)
    row: dict[str, Any] = {}
    if reveal or not is_secret:
        value = configuration.value(key)
        row["value"] = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        if not isinstance(value, str):
            row["objectValue"] = value
    return {**row, "secret": is_secret}


def get(arguments: Arguments) -> None:
    session = Session(arguments)
    configuration = Configuration.of(session)
    name, rest = _target(arguments, _word(arguments), session)
    if name not in configuration.names():
        raise CommandFailed(f"configuration key '{_word(arguments)}' not found for stack '{session.stack.stack}'")
    value = get_at(configuration.value(name), rest)
    if rest and value is None:
        raise CommandFailed(f"configuration key '{_word(arguments)}' not found for stack '{session.stack.stack}'")
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    if not arguments.on("json"):
        print(text)
        return
    row = {"value": text, "secret": configuration.is_secret(name)}
    print(json.dumps(row if isinstance(value, str) else {**row, "objectValue": value}, indent=2, ensure_ascii=False))


def set_(arguments: Arguments) -> None:
    session = Session(arguments)
    session.backend.require(session.stack)
    key, value = _key_and_value(arguments.words)
    configuration = Configuration.of(session)
    name, rest = _target(arguments, key, session)
    configuration.set(name, rest, value, secret=arguments.on("secret"))
    session.settings.save()


def _key_and_value(words: list[str]) -> tuple[str, str]:
    if len(words) != 2:
        raise CommandFailed("config set needs a key and a value")
    return words[0], words[1]


def set_all(arguments: Arguments) -> None:
    session = Session(arguments)
    session.backend.require(session.stack)
    configuration = Configuration.of(session)
    for flag, pair in arguments.flags:
        if flag in ("plaintext", "secret"):
            key, equals, value = pair.partition("=")
            if not equals:
                raise CommandFailed(f"config set-all: expected key=value for --{flag}")
            name, rest = _target(arguments, key, session)
            configuration.set(name, rest, value, secret=flag == "secret")
    for key, entry in json.loads(arguments.text("json", "{}")).items():
        value = entry.get("objectValue", entry.get("value"))
        configuration.set(full_key(key, session.project.name), [], value, secret=bool(entry.get("secret")))
    session.settings.save()


def rm(arguments: Arguments) -> None:
    _remove(arguments, [_word(arguments)])


def rm_all(arguments: Arguments) -> None:
    _remove(arguments, arguments.words)


def _remove(arguments: Arguments, keys: list[str]) -> None:
    session = Session(arguments)
    session.backend.require(session.stack)
    configuration = Configuration.of(session)
    for key in keys:
        name, rest = _target(arguments, key, session)
        configuration.remove(name, rest)
    session.settings.save()


def refresh(arguments: Arguments) -> None:
    """Writes the configuration of the last update into the settings file."""
    session = Session(arguments)
    history = session.backend.history(session.stack)
    if not history:
        raise CommandFailed("could not find a previous update to take the configuration from")
    entry = json.loads(history[0].read_text())
    values = {
        key: {"secure": item["value"]} if item["secret"] else item["value"] for key, item in entry["config"].items()
    }
    if session.settings.config not in ({}, values) and not arguments.on("force"):
        raise CommandFailed(f"config file '{session.settings_path}' would be overwritten: rerun with --force")
    session.settings.config = values
    session.settings.salt = session.settings.salt or session.checkpoint().salt
    session.settings.save()
    print(f"refreshed configuration for stack '{session.stack.stack}'")


def _word(arguments: Arguments) -> str:
    if not arguments.words:
        raise CommandFailed("missing configuration key")
    return arguments.words[0]


def _target(arguments: Arguments, key: str, session: Session) -> tuple[str, list[str | int]]:
    if not arguments.on("path"):
        return full_key(key, session.project.name), []
    namespace, colon, rest = key.partition(":")
    try:
        first, *inner = parse_path(rest if colon else key)
    except ValueError as error:
        raise CommandFailed(str(error)) from error
    return full_key(f"{namespace}:{first}" if colon else str(first), session.project.name), inner
