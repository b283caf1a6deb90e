"""What happens by itself as time passes: hostname states, DNS seen by the front, held KV writes, object lifecycles."""

import asyncio
import time

from sandbox.cloudflare.ages import Ages
from sandbox.cloudflare.cloud import Cloud
from sandbox.cloudflare.hostname_checks import check_hostnames
from sandbox.cloudflare.kv_lag import Lag
from sandbox.cloudflare.lifecycle import Lifecycle
from sandbox.cloudflare.visible import VisibleDns
from sandbox.dns.table import Record

TICK = 0.25
SWEEP = 60.0  # seconds between two looks at the lifecycles; an advanced clock looks at once


class Ticker:
    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._ages = Ages(cloud.clock, cloud.store)
        self._dns: frozenset[Record] = frozenset()
        self._swept = time.monotonic()

    async def run(self) -> None:
        while True:
            await self.tick()
            await asyncio.sleep(TICK)

    async def tick(self) -> None:
        records = await asyncio.to_thread(self._cloud.home.dns.records)
        dns = frozenset(records)
        if check_hostnames(self._cloud, VisibleDns(records)) or dns != self._dns:
            self._cloud.deployer.table_changed()
        self._dns = dns
        await Lag(self._cloud).release()
        await self._sweep()

    async def _sweep(self) -> None:
        if self._ages.note_shift() or time.monotonic() - self._swept > SWEEP:
            self._swept = time.monotonic()
            await Lifecycle(self._cloud).sweep()
