"""What happens by itself as time passes: hostname states, DNS seen by the front, held KV writes, object lifecycles."""

import asyncio
import contextlib
import time

from sandbox.cloudflare.ages import Ages
from sandbox.cloudflare.cloud import Cloud
from sandbox.cloudflare.hostname_checks import check_hostnames
from sandbox.cloudflare.kv_lag import Lag
from sandbox.cloudflare.lifecycle import Lifecycle
from sandbox.cloudflare.table import outages
from sandbox.cloudflare.visible import VisibleDns
from sandbox.edge import EdgeDown
from sandbox.edge.client import StoreGone

TICK = 0.25
ROUND = 5.0  # seconds between two looks at all hostnames when nothing seems to change
SWEEP = 60.0  # the same for the lifecycles


class Ticker:
    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._ages = Ages(cloud.clock, cloud.store)
        self._dns: VisibleDns | None = None
        self._outages: set[str] = set()
        self._looked = self._swept = time.monotonic()

    async def run(self) -> None:
        while True:
            with contextlib.suppress(EdgeDown, StoreGone):  # the next tick does what this one could not
                await self.tick()
            await asyncio.sleep(TICK)

    async def tick(self) -> None:
        advanced = self._ages.note_shift()
        self._notice_outages()
        await self._look(advanced)
        await Lag(self._cloud).release()
        if advanced or time.monotonic() - self._swept > SWEEP:
            self._swept = time.monotonic()
            await Lifecycle(self._cloud).sweep()

    def _notice_outages(self) -> None:
        faults = self._cloud.faults
        now = {fault.id: fault for fault in outages(faults)}
        for id in now.keys() - self._outages:
            faults.take("edge", now[id].operation, ["outage"])  # counted and logged once
        if now.keys() != self._outages:
            self._outages = set(now)
            self._cloud.deployer.table_changed()

    async def _look(self, advanced: bool) -> None:
        dns = await asyncio.to_thread(self._cloud.dns.now)
        everyone = dns is not self._dns or advanced or time.monotonic() - self._looked > ROUND
        if everyone:
            self._dns, self._looked = dns, time.monotonic()
        if check_hostnames(self._cloud, dns, everyone=everyone) or everyone:
            self._cloud.deployer.table_changed()
