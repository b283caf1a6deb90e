"""Workers KV is eventually consistent: a held write is acknowledged and kept, but Workers see it only later."""

import base64
import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sandbox.cloudflare.cloud import Cloud, moment, stamp


@dataclass(frozen=True)
class Write:
    store: str
    key: str
    content: bytes = b""
    remove: bool = False
    options: dict[str, Any] = field(default_factory=dict)

    def entry(self) -> dict[str, Any]:
        if self.remove:
            return {"key": self.key, "remove": True}
        value = base64.b64encode(self.content).decode()
        return {"key": self.key, "value": value, "base64": True, "options": self.options}


class Lag:
    def __init__(self, cloud: Cloud) -> None:
        self._cloud, self._store = cloud, cloud.store

    def hold(self, writes: list[Write], seconds: float) -> None:
        due = stamp(self._cloud.clock.now() + timedelta(seconds=seconds))
        with self._store.transaction():
            for write in writes:
                self._store.put("kv_held", _id(write), {"store": write.store, "due": due, **write.entry()})

    def waiting(self, store: str, key: str) -> Write | None:
        """What the API itself answers: it reads its own writes."""
        doc = self._store.get("kv_held", f"{store}/{key}")
        return None if doc is None else _write(doc)

    def forget(self, writes: list[Write]) -> None:
        if self._store.first("kv_held"):
            for write in writes:
                self._store.delete("kv_held", _id(write))

    async def release(self) -> None:
        """Write what has come due; a write is forgotten only after it is done."""
        now = self._cloud.clock.now()
        due = [_write(doc) for doc in self._store.all("kv_held") if moment(doc["due"]) <= now]
        for store, body in self.by_store(due).items():
            await (await self._cloud.stores()).call("POST", "/kv/bulk", query={"store": store}, body=body)
        self.forget(due)

    @staticmethod
    def by_store(writes: list[Write]) -> dict[str, str]:
        batches = defaultdict(list)
        for write in writes:
            batches[write.store].append(write.entry())
        return {store: json.dumps(entries) for store, entries in batches.items()}


def _id(write: Write) -> str:
    return f"{write.store}/{write.key}"


def _write(doc: dict[str, Any]) -> Write:
    content = base64.b64decode(doc.get("value", ""))
    return Write(doc["store"], doc["key"], content, doc.get("remove", False), doc.get("options", {}))
