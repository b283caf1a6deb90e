"""The state while it changes: what is there now, what is under way, and its copy on disk.

Every change before and after a step is on disk before the step goes on. Steps that change at the same time share one
write: a writer takes all changes made so far, writes, and releases everybody who waited for them.
"""

import asyncio
import json
from collections.abc import Callable

from .checkpoint import new_manifest, seal_resource
from .resource import PendingOperation, Resource
from .secrets import SecretsManager

Write = Callable[[bytes], None]


class Snapshot:
    def __init__(
        self,
        *,
        stack: str,
        secrets: SecretsManager,
        base: list[Resource],
        pending: list[PendingOperation],
        write: Write | None,
    ) -> None:
        self.stack, self.secrets, self.base = stack, secrets, base
        self.added: list[Resource] = []
        self.carried = [
            item for item in pending if item.type == "creating"
        ]  # only a person can tell what became of these
        self.pending: list[PendingOperation] = []
        self._write = write
        self._gone: set[int] = set()
        self._texts: dict[int, tuple[Resource, str]] = {}
        self._waiting: list[asyncio.Future[None]] = []
        self._writer: asyncio.Task[None] | None = None
        self.dirty = False

    def resources(self) -> list[Resource]:
        return self.added + [item for item in self.base if id(item) not in self._gone]

    def remaining(self) -> list[Resource]:
        """Of the state before, what nothing has touched."""
        return [item for item in self.base if id(item) not in self._gone]

    # --- changes --------------------------------------------------------------------------------------------------

    async def begin(self, kind: str, resource: Resource) -> PendingOperation:
        operation = PendingOperation(resource, kind)
        self.pending.append(operation)
        await self.save()
        return operation

    async def end(self, operation: PendingOperation) -> None:
        self.pending.remove(operation)
        self._texts.pop(id(operation.resource), None)
        await self.save()

    def add(self, new: Resource, *, instead_of: Resource | None = None) -> None:
        self.added.append(new)
        if instead_of is not None:
            self._gone.add(id(instead_of))
        self.dirty = True

    def drop(self, resource: Resource) -> None:
        if any(item is resource for item in self.added):
            self.added = [item for item in self.added if item is not resource]
        else:
            self._gone.add(id(resource))
        self.dirty = True

    def replace(self, old: Resource, new: Resource) -> None:
        """In the same place: the order of the state must not change."""
        self.base = [new if item is old else item for item in self.base]
        self.dirty = True

    def touch(self, resource: Resource) -> None:
        """Its contents changed."""
        self._texts.pop(id(resource), None)
        self.dirty = True

    def rename(self, old: str, new: str) -> None:
        """References of untouched resources to one that has a new URN."""
        for item in self.remaining():
            if old in item.needs():
                _rename(item, old, new)
                self.touch(item)

    def freeze(self) -> None:
        """What is on disk now stays: it tells the truth about an update that was broken off."""
        self._write = None

    # --- disk -----------------------------------------------------------------------------------------------------

    async def save(self) -> None:
        """Returns when everything up to now is on disk."""
        if self._write is None:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all())
        await future

    async def _write_all(self) -> None:
        assert self._write
        while self._waiting:
            released, self._waiting = self._waiting, []
            self.dirty = False
            content = self.encode()
            try:
                await asyncio.to_thread(self._write, content)
            except OSError as error:
                for future in released:
                    if not future.done():
                        future.set_exception(error)
                continue
            for future in released:
                if not future.done():
                    future.set_result(None)

    def encode(self) -> bytes:
        """One line per resource; texts (and ciphertexts) of unchanged ones are used again."""
        parts = [
            f'{{"version":3,"checkpoint":{{"stack":{json.dumps(self.stack)},"latest":{{"manifest":{json.dumps(new_manifest())}'
        ]
        parts.append(f',"secrets_providers":{{"type":"passphrase","state":{{"salt":{json.dumps(self.secrets.salt)}}}}}')
        if resources := self.resources():
            parts.append(',"resources":[\n' + ",\n".join(map(self._text, resources)) + "\n]")
        if operations := self.carried + self.pending:
            lines = [f'{{"resource":{self._text(item.resource)},"type":"{item.type}"}}' for item in operations]
            parts.append(',"pending_operations":[\n' + ",\n".join(lines) + "\n]")
        return "".join([*parts, ',"metadata":{}}}}\n']).encode()

    def _text(self, resource: Resource) -> str:
        known = self._texts.get(id(resource))
        if known is None:
            data = seal_resource(resource, self.secrets)
            known = (resource, json.dumps(data, ensure_ascii=False, separators=(",", ":")))
            self._texts[id(resource)] = known
        return known[1]


def _rename(item: Resource, old: str, new: str) -> None:
    def other(urn: str) -> str:
        return new if urn == old else urn

    item.parent, item.deleted_with = other(item.parent), other(item.deleted_with)
    item.dependencies = [other(urn) for urn in item.dependencies]
    item.property_dependencies = {key: [other(urn) for urn in urns] for key, urns in item.property_dependencies.items()}
    urn, separator, identity = item.provider.rpartition("::")
    item.provider = other(urn) + separator + identity
