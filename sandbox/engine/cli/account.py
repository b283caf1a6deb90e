"""whoami and plugin ls."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..session import Session, pulumi_home
from .arguments import Arguments


def whoami(arguments: Arguments) -> None:
    import getpass

    session = Session(arguments)
    if arguments.on("json"):
        print(json.dumps({"user": getpass.getuser(), "url": session.backend.url}, indent=2))
    else:
        print(getpass.getuser())


def plugins(arguments: Arguments) -> None:
    rows = [_row(folder) for folder in sorted((pulumi_home() / "plugins").glob("*-*-v*")) if folder.is_dir()]
    if arguments.on("json"):
        print(json.dumps(rows, indent=2))
        return
    for row in rows:
        print(f"{row['name']:24} {row['kind']:10} {row['version']:12} {row['size']}")


def _row(folder: Path) -> dict[str, Any]:
    kind, _, rest = folder.name.partition("-")
    name, _, version = rest.rpartition("-v")
    changed = _iso(folder.stat().st_mtime)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return {
        "name": name,
        "kind": kind,
        "version": version,
        "size": size,
        "installTime": changed,
        "lastUsedTime": changed,
    }


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
