"""Documents by kind and id in one SQLite file: an acknowledged write survives kill -9."""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Doc = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    kind TEXT NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS documents_by_age ON documents (kind, seq);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""


class Store:
    """Thread-safe. Outside `transaction()` each call commits on its own; inside, all or nothing."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._lock:
            if self._depth:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            else:
                self._db.execute("COMMIT")
            finally:
                self._depth -= 1

    def next(self, counter: str) -> int:
        with self._lock:
            row = self._db.execute(
                "INSERT INTO counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
                (counter,),
            ).fetchone()
            return int(row[0])

    def put(self, kind: str, id: str, doc: Doc) -> Doc:
        """Insert or replace; a replaced document keeps its age."""
        with self.transaction():
            self._db.execute(
                "INSERT INTO documents VALUES (?, ?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
                (kind, id, self.next("seq"), json.dumps(doc, separators=(",", ":"))),
            )
        return doc

    def get(self, kind: str, id: str) -> Doc | None:
        with self._lock:
            row = self._db.execute("SELECT body FROM documents WHERE kind = ? AND id = ?", (kind, id)).fetchone()
        return json.loads(row[0]) if row else None

    def update(self, kind: str, id: str, change: Callable[[Doc], None]) -> Doc | None:
        with self.transaction():
            doc = self.get(kind, id)
            if doc is None:
                return None
            change(doc)
            return self.put(kind, id, doc)

    def delete(self, kind: str, id: str) -> bool:
        with self._lock:
            return self._db.execute("DELETE FROM documents WHERE kind = ? AND id = ?", (kind, id)).rowcount > 0

    def all(self, kind: str, **equal: Any) -> list[Doc]:
        """Oldest first; keyword arguments filter on top-level fields."""
        where = "".join(f" AND json_extract(body, '$.{field}') = ?" for field in equal)
        query = f"SELECT body FROM documents WHERE kind = ?{where} ORDER BY seq"  # noqa: S608 -- names are keywords in our code
        with self._lock:
            rows = self._db.execute(query, (kind, *equal.values())).fetchall()
        return [json.loads(row[0]) for row in rows]

    def first(self, kind: str, **equal: Any) -> Doc | None:
        found = self.all(kind, **equal)
        return found[0] if found else None

    def version(self) -> tuple[int, int]:
        """Differs from an earlier one when this or another process has written in between."""
        with self._lock:
            row = self._db.execute("PRAGMA data_version").fetchone()
            return int(row[0]), self._db.total_changes

    def clear(self) -> None:
        with self.transaction():
            self._db.execute("DELETE FROM documents")
            self._db.execute("DELETE FROM counters")
