"""Brings the store's state to the edge.

Two ways: the *configuration* (scripts, bindings, stores) replaces workerd, so changes are collected for a moment; the
*table* (names, routes, custom hostnames) is one KV value that the front reads ten times a second.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.cloudflare.buckets import key_of
from sandbox.cloudflare.cipher import Cipher
from sandbox.cloudflare.operation import Doc
from sandbox.cloudflare.places import Place, own_store, shelved
from sandbox.cloudflare.render import edge_config
from sandbox.cloudflare.table import front_table
from sandbox.cloudflare.visible import DnsView
from sandbox.edge import ConfigRefused, Edge, EdgeConfig, EdgeDown
from sandbox.edge.client import StoreGone
from sandbox.kit import Store
from sandbox.kit.home import Home

TOGETHER = 0.05  # seconds in which changes share one restart of workerd
TABLE_TOGETHER = 0.01
PATIENCE = 0.5  # between two attempts while the edge is down


class Deployer:
    def __init__(self, home: Home, store: Store, edge: Edge, cipher: Cipher, dns: DnsView) -> None:
        self._home, self._store, self._edge, self._cipher = home, store, edge, cipher
        self._dns = dns
        self._next: asyncio.Task[None] | None = None
        self._one_by_one = asyncio.Lock()
        self._deployed: EdgeConfig | None = None
        self._published: dict[str, Any] | None = None
        self._table_dirty = asyncio.Event()
        self.last_error: str | None = None
        self.count = 0

    def config(self) -> EdgeConfig:
        return edge_config(self._store, self._cipher)

    def first_config(self) -> EdgeConfig:
        """What the edge is started with, so that it need not be applied once more."""
        self._deployed = self._deployed or self.config()
        return self._deployed

    async def deploy(self) -> None:
        """Returns when workerd runs with what the store holds now; raises ConfigRefused when it does not start."""
        if self._next is None:
            self._next = asyncio.create_task(self._deploy_soon())
        await asyncio.shield(self._next)

    def table_changed(self) -> None:
        self._table_dirty.set()

    async def namespace_store(self, id: str) -> str:
        """A namespace comes into the configuration with its first use, by a value or by a script."""
        if self._deployed is None or id not in self._deployed.namespaces:
            await self.deploy()
        return f"KV:{id}"

    async def bucket_place(self, bucket: Doc) -> Place:
        if bucket["bound"] and not bucket["moved"]:
            await self.deploy()
        return own_store(bucket) if bucket["bound"] else shelved(bucket)

    async def settle(self, bucket: Doc, written_to: Place) -> None:
        """After a write: the bucket may have left the shelf meanwhile, and this object was too late to go along."""
        now = self._store.get("bucket", key_of(bucket))
        if now is not None and now["bound"] and written_to != own_store(now):
            async with self._one_by_one:  # a move that is going on would set it back
                self._store.update("bucket", key_of(bucket), lambda doc: doc.update(moved=False))
            await self.deploy()

    async def run(self) -> None:
        """Until cancelled: first everything once, then the table whenever it is dirty."""
        await self._insist(self.deploy)
        while True:
            await self._insist(self._publish_table)
            await self._table_dirty.wait()
            await asyncio.sleep(TABLE_TOGETHER)

    async def _insist(self, attempt: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                return await attempt()
            except (EdgeDown, StoreGone):
                await asyncio.sleep(PATIENCE)

    async def _deploy_soon(self) -> None:
        await asyncio.sleep(TOGETHER)
        async with self._one_by_one:
            self._next = None  # whoever comes from here on needs another deployment
            config = self.config()
            try:
                if config != self._deployed:
                    await self._edge.apply(config)
            except ConfigRefused as error:
                self.last_error = str(error)
                raise
            self._deployed, self.last_error = config, None
            self.count += 1
            await self._move_objects()

    async def _move_objects(self) -> None:
        """Objects of a bucket that has just got its first binding leave the shelf."""
        for bucket in self._store.all("bucket"):
            if bucket["bound"] and not bucket["moved"]:
                await self._move(bucket)
                self._store.update("bucket", key_of(bucket), lambda doc: doc.update(moved=True))
                self.table_changed()

    async def _move(self, bucket: Doc) -> None:
        stores, source = await self._edge.stores(), shelved(bucket)
        query = {"store": source.store, "prefix": source.prefix, "to": own_store(bucket).store}
        while (await stores.call("POST", "/r2/move", query=query)).json()["moved"]:
            pass

    async def _publish_table(self) -> None:
        self._table_dirty.clear()
        table = await asyncio.to_thread(lambda: front_table(self._home, self._store, self._dns.now()))
        if table == self._published:
            return
        stores = await self._edge.stores()
        await stores.call("PUT", "/kv", query={"store": "KV:__edge", "key": "table"}, body=json.dumps(table))
        self._published = table


def bind(store: Store, bucket: Doc) -> None:
    """From now on this bucket has a store of its own, also when the binding goes."""
    if not bucket["bound"]:
        store.put("bucket", key_of(bucket), {**bucket, "bound": True})
