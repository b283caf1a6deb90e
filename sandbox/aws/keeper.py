"""Keeps the backend's state in SQLite, entry by entry, before a write is acknowledged.

ministack saves itself only when it is stopped properly. Its stores are dictionaries keyed by account (and region), so
after a changing call the keeper compares the entries of that account in that service with what it last wrote and
commits the difference; everything else that changed meanwhile (queues, logs, counters) follows within a second.
"""

import ast
import copy
import hashlib
import importlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.aws.backend import Backend

# module of the backend per service of ours; the rest carry the same name
MODULES = {
    "lambda": "lambda_svc", "apigatewayv2": "apigateway", "cognito-idp": "cognito", "logs": "cloudwatch_logs",
    "events": "eventbridge", "sesv2": "ses_v2", "resourcegroupstaggingapi": "tagging", "s3control": "s3",
    "stepfunctions": "stepfunctions",
}  # fmt: skip
FOLLOWERS = {
    "appsync": ("appsync_events",),
    "backup": ("dynamodb",),
    "sesv2": ("ses",),
    "ses": ("ses_v2",),
    "sns": ("sqs",),
}  # written along
KEPT = (
    "acm", "apigateway", "appsync", "appsync_events", "backup", "budgets", "cloudfront", "cloudtrail", "cloudwatch",
    "cloudwatch_logs", "cognito", "dynamodb", "eventbridge", "firehose", "iam", "kinesis", "kms", "lambda_svc",
    "resource_groups", "route53", "s3", "scheduler", "secretsmanager", "ses", "ses_v2", "sns", "sqs", "ssm",
)  # fmt: skip
EVERYBODY = ""
COPIED = {"lambda_svc", "acm"}  # their get_state() edits what it copied, three levels deep
SIDE_EFFECTS = ("cloudwatch", "cloudwatch_logs", "dynamodb", "s3", "sns", "sqs")

Change = tuple[str, str, str, str, str | None]  # module, store, account, key, value (None: gone)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    module TEXT NOT NULL, store TEXT NOT NULL, account TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (module, store, account, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shapes (
    module TEXT NOT NULL, store TEXT NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (module, store)
) WITHOUT ROWID;
"""


class Keeper:
    def __init__(self, backend: Backend, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._backend = backend
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)
        self._written: dict[tuple[str, str, str], dict[str, bytes]] = {}
        self._shapes: set[tuple[str, str]] = set()
        self._stirred: set[str] = set()
        self._format = importlib.import_module("ministack.core.persistence")
        copy.deepcopy = _copy_or_not  # type: ignore[assignment]

    def restore(self) -> None:
        """Give every module back what was written of it."""
        modules = [row[0] for row in self._db.execute("SELECT DISTINCT module FROM shapes")]
        for module in modules:
            self._backend.module(module).load_persisted_state(self._state(module))

    def save(self, service: str, account: str) -> None:
        """Called after a changing call, before it is answered."""
        names = [MODULES.get(service, service), *FOLLOWERS.get(service, ())]
        self._write([name for name in names if name in KEPT], account)

    def stir(self) -> None:
        """Something ran that may have changed other services behind the scenes."""
        self._stirred.update(SIDE_EFFECTS)

    def stirred(self) -> list[str]:
        """The modules to look through, once."""
        found = [module for module in self._stirred if self._backend.has(module)]
        self._stirred.clear()
        return found

    def sweep(self, module: str) -> None:
        """Everything of one module, whoever changed it."""
        self._write([module], None)

    def sweep_all(self) -> None:
        for module in KEPT:
            if self._backend.has(module):
                self.sweep(module)

    def _write(self, modules: list[str], account: str | None) -> None:
        changes = [change for module in modules for change in self._settled(module, account)]
        if not changes:
            return
        self._db.execute("BEGIN IMMEDIATE")
        for module, store, owner, key, value in changes:
            place = (module, store, owner, key)
            if value is None:
                self._db.execute("DELETE FROM entries WHERE module=? AND store=? AND account=? AND key=?", place)
            else:
                self._db.execute("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?)", (*place, value))
        self._db.execute("COMMIT")

    def _settled(self, module: str, account: str | None) -> list[Change]:
        """A thread of the backend (a delivery, a reaper) may change a store while it is read: read it again."""
        for _ in range(20):
            try:
                return list(self._changes(module, account))
            except RuntimeError:
                self._forget(module)
        raise RuntimeError(f"the state of {module} never stands still")

    def _forget(self, module: str) -> None:
        for place in [place for place in self._written if place[0] == module]:
            del self._written[place]

    def _changes(self, module: str, account: str | None) -> Iterator[Change]:
        with _copying(levels=3 if module in COPIED else 0):
            state = self._backend.module(module).get_state() or {}
        for store, content in state.items():
            self._note_shape(module, store, content)
            for owner, entries in self._owners(module, store, content, account).items():
                yield from self._compare(module, store, owner, entries)

    def _owners(self, module: str, store: str, content: Any, account: str | None) -> dict[str, dict[str, str]]:
        """Entries per account, as JSON; whatever has no accounts belongs to everybody."""
        if not hasattr(content, "_data"):
            return {EVERYBODY: {"": self._text(content)}}
        known = {place[2] for place in self._written if place[:2] == (module, store)} if account is None else {account}
        found: dict[str, dict[str, str]] = {owner: {} for owner in known}
        for key, value in list(content._data.items()):
            if account is None or key[0] == account:
                found.setdefault(key[0], {})[repr(key)] = self._text(value)
        return found

    def _compare(self, module: str, store: str, owner: str, entries: dict[str, str]) -> Iterator[Change]:
        last = self._last(module, store, owner)
        for key, text in entries.items():
            digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
            if last.get(key) != digest:
                last[key] = digest
                yield module, store, owner, key, text
        for key in [key for key in last if key not in entries]:
            del last[key]
            yield module, store, owner, key, None

    def _last(self, module: str, store: str, owner: str) -> dict[str, bytes]:
        place = (module, store, owner)
        if place not in self._written:
            query = "SELECT key, value FROM entries WHERE module=? AND store=? AND account=?"
            rows = self._db.execute(query, place).fetchall()
            self._written[place] = {
                key: hashlib.blake2b(value.encode(), digest_size=16).digest() for key, value in rows
            }
        return self._written[place]

    def _text(self, value: Any) -> str:
        return json.dumps(value, default=self._format._json_default)

    def _note_shape(self, module: str, store: str, content: Any) -> None:
        if (module, store) not in self._shapes:
            kind = type(content).__name__ if hasattr(content, "_data") else "plain"
            self._db.execute("INSERT OR REPLACE INTO shapes VALUES (?, ?, ?)", (module, store, kind))
            self._shapes.add((module, store))

    def _state(self, module: str) -> dict[str, Any]:
        responses = importlib.import_module("ministack.core.responses")
        state: dict[str, Any] = {}
        for store, kind in self._db.execute("SELECT store, kind FROM shapes WHERE module=?", (module,)).fetchall():
            rows = self._db.execute(
                "SELECT key, value FROM entries WHERE module=? AND store=?", (module, store)
            ).fetchall()
            if kind == "plain":
                state.update({store: self._value(rows[0][1])} if rows else {})
                continue
            state[store] = getattr(responses, kind)()
            state[store]._data.update({ast.literal_eval(key): self._value(value) for key, value in rows})
        return state

    def _value(self, text: str) -> Any:
        return json.loads(text, object_hook=self._format._json_object_hook)


_quiet = threading.local()
_deepcopy = copy.deepcopy


def _copy_or_not(value: Any, memo: Any = None, _nil: Any = []) -> Any:  # noqa: B006 -- the signature it replaces
    levels = getattr(_quiet, "levels", None)
    return _deepcopy(value, memo) if levels is None else _copy(value, levels)


def _copy(value: Any, levels: int) -> Any:
    if levels and hasattr(value, "_data"):
        made = type(value)()
        made._data = _copy(value._data, levels)
        return made
    if levels and isinstance(value, dict):
        return {key: _copy(inner, levels - 1) for key, inner in value.items()}
    return value


@contextmanager
def _copying(*, levels: int) -> Iterator[None]:
    """`get_state()` copies every account's state only to be safe; here it is read and written down at once."""
    _quiet.levels = levels
    try:
        yield
    finally:
        _quiet.levels = None
