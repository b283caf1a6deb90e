"""The cloud of the tests: one JSON file, locked while it is used, and the rules that make it misbehave."""

import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Cloud:
    """Objects by `type/id`, and a counter that never goes back."""

    folder: Path
    _mutex: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def open(self) -> Iterator[dict[str, Any]]:
        with self._mutex, (self.folder / "cloud.json").open("a+") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            stream.seek(0)
            text = stream.read()
            content = json.loads(text) if text else {"count": 0, "objects": {}}
            yield content
            stream.seek(0)
            stream.truncate()
            json.dump(content, stream)

    def objects(self) -> dict[str, Any]:
        with self.open() as content:
            found: dict[str, Any] = content["objects"]
            return found

    def replace(self, objects: dict[str, Any]) -> None:
        with self.open() as content:
            content["objects"] = objects


@dataclass(frozen=True)
class Rule:
    """When `op` meets a URN (or token) that contains `match`: wait, fail, half succeed, or die."""

    op: str
    match: str = ""
    delay: float = 0
    cancellable: bool = False
    code: str = ""
    message: str = "simulated failure"
    reasons: tuple[str, ...] = ()
    exit: int | None = None


def write_rules(folder: Path, rules: tuple[Rule, ...]) -> None:
    temporary = folder / f".rules.{os.getpid()}"
    temporary.write_text(json.dumps([vars(rule) for rule in rules]))
    temporary.replace(folder / "rules.json")


def read_rules(folder: Path) -> list[Rule]:
    try:
        return [
            Rule(**{**item, "reasons": tuple(item["reasons"])})
            for item in json.loads((folder / "rules.json").read_text())
        ]
    except FileNotFoundError:
        return []


class CallLog:
    """Appended by every plugin process, one JSON line per event."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, kind: str, **facts: Any) -> None:
        line = json.dumps({"at": time.time(), "pid": os.getpid(), "kind": kind, **facts}) + "\n"
        with self.path.open("a") as stream:
            stream.write(line)

    def read(self) -> list[dict[str, Any]]:
        try:
            return [json.loads(line) for line in self.path.read_text().splitlines()]
        except FileNotFoundError:
            return []

    def clear(self) -> None:
        self.path.unlink(missing_ok=True)
