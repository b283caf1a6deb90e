"""stack history."""

import json
from datetime import UTC, datetime
from typing import Any

from ..session import Session
from ..state.secrets import SecretsManager, passphrase
from .arguments import Arguments


def history(arguments: Arguments) -> None:
    session = Session(arguments)
    session.backend.require(session.stack)
    paths = session.backend.history(session.stack)
    size, page = int(arguments.text("page-size", "0")), int(arguments.text("page", "1"))
    if size > 0:
        paths = paths[(page - 1) * size : page * size]
    entries = [json.loads(path.read_text()) for path in paths]
    reveal = _revealer(session, entries) if arguments.on("show-secrets") else None
    rows = [_row(entry, reveal) for entry in entries]
    if arguments.on("json"):
        print(json.dumps(rows, indent=4, ensure_ascii=False))
        return
    for row in rows:
        print(f"{row['kind']:10} {row['result']:10} {row['startTime']}  {row['resourceChanges']}")


def _revealer(session: Session, entries: list[dict[str, Any]]) -> SecretsManager | None:
    """The key is derived only when a shown entry has a secret: that is most of what this command costs."""
    if any(value["secret"] for entry in entries for value in entry["config"].values()):
        salt = session.settings.salt or session.checkpoint().salt
        return SecretsManager.open(salt, passphrase(session.environment))
    return None


def _row(entry: dict[str, Any], secrets: SecretsManager | None) -> dict[str, Any]:
    return {
        "version": entry["version"],
        "kind": entry["kind"],
        "startTime": _iso(entry["startTime"]),
        "message": entry["message"],
        "environment": entry["environment"],
        "config": {key: _value(value, secrets) for key, value in entry["config"].items()},
        "result": entry["result"],
        "endTime": _iso(entry["endTime"]),
        "resourceChanges": entry["resourceChanges"],
    }


def _value(value: dict[str, Any], secrets: SecretsManager | None) -> dict[str, Any]:
    if not value["secret"]:
        return value
    text = secrets.crypter.decrypt(value["value"]) if secrets else None
    return {"secret": True} if text is None else {"value": text, "secret": True}


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
