"""A store whose writes stay in memory: previews do the real thing on it and forget it."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sandbox.kit.store import Doc, Store


class Rehearsal(Store):
    def __init__(self, base: Store) -> None:
        self._base = base
        self._written: dict[tuple[str, str], Doc | None] = {}
        self._count = 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        yield

    def next(self, counter: str) -> int:
        del counter
        self._count += 1
        return self._count

    def put(self, kind: str, id: str, doc: Doc) -> Doc:
        self._written[kind, id] = copy.deepcopy(doc)
        return doc

    def get(self, kind: str, id: str) -> Doc | None:
        if (kind, id) in self._written:
            return copy.deepcopy(self._written[kind, id])
        return self._base.get(kind, id)

    def delete(self, kind: str, id: str) -> bool:
        known = self.get(kind, id) is not None
        self._written[kind, id] = None
        return known

    def all(self, kind: str, **equal: Any) -> list[Doc]:
        known = {doc["id"]: doc for doc in self._base.all(kind)}
        for (written, id), doc in self._written.items():
            if written == kind:
                known.pop(id, None) if doc is None else known.update({id: copy.deepcopy(doc)})
        return [doc for doc in known.values() if all(doc.get(name) == value for name, value in equal.items())]
