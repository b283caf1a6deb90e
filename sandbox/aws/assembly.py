"""Puts the parts together: state, backend, edge, background work."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sandbox.aws import organization, patches, services, sts, work
from sandbox.aws.app import Edge
from sandbox.aws.backend import Backend
from sandbox.aws.cloud import Cloud
from sandbox.aws.control import build_control
from sandbox.aws.fronts import Fronts
from sandbox.aws.keeper import Keeper
from sandbox.aws.levers import levers
from sandbox.aws.notices import open_notary
from sandbox.aws.services.timeline import Timeline
from sandbox.control.home import open_home
from sandbox.kit import Store

KEYS = ("aws_access_key_id", "aws_secret_access_key")  # of the management account
SERVICES = (organization, services, sts)  # imported for the operations that they register


@dataclass(frozen=True)
class Assembly:
    cloud: Cloud
    edge: Edge

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        started, stop = asyncio.Event(), asyncio.Event()
        backend = asyncio.create_task(self.cloud.backend.lifespan(started, stop))
        await started.wait()
        tasks = [asyncio.create_task(task) for task in self._work()]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self.cloud.keeper.sweep_all()
            stop.set()
            await backend

    async def _archive(self) -> None:
        """What no request has announced: deliveries and pollers of the backend."""
        self.cloud.keeper.sweep_all()

    def _work(self) -> list[Coroutine[None, None, None]]:
        repeat = work.repeat
        return [
            repeat("organisation", partial(work.organise, self.cloud), seconds=0.1),
            repeat("schedules", partial(work.fire, self.cloud), seconds=1),
            repeat("dns", partial(work.look_at_dns, self.cloud), seconds=1),
            repeat("expiry", partial(work.expire, self.cloud), seconds=1),
            repeat("workers", partial(work.rest, self.cloud), seconds=2),
            repeat("keeper", partial(work.sweep, self.cloud), seconds=1),
            repeat("archive", self._archive, seconds=30),
        ]


def assemble(folder: Path, *, port: int) -> Assembly:
    home = open_home(folder, url=f"http://127.0.0.1:{port}")
    missing = [name for name in KEYS if not home.secrets.get(name)]
    if missing:
        raise ValueError(f"secrets.json has no {' and no '.join(missing)}")
    own = folder / "aws"
    backend = Backend(own, port)
    backend.load()
    keeper = Keeper(backend, own / "backend.sqlite")
    cloud = Cloud(home, port, Store(own / "state.sqlite"), backend, Timeline(own / "timeline.sqlite"), keeper)
    notary = open_notary(own, cloud.url)
    patches.apply(cloud, notary)
    keeper.restore()
    organization.seed(cloud)
    fronts = Fronts(cloud, notary, build_control(cloud, levers(cloud)))
    return Assembly(cloud, Edge(cloud, fronts))
