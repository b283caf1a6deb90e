"""A worker that lives says so, and whoever looks after containers can ask."""

import asyncio

import pytest

from controlplane import worker
from controlplane.core.queue import SLOW
from controlplane.gateways import Gateways


@pytest.mark.filterwarnings("ignore:Call to deprecated close")  # arq closes as redis did before
def test_is_heard_of_while_it_runs_and_not_afterwards(gateways: Gateways, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "Settings", lambda: gateways.settings)
    assert not worker.is_alive(SLOW)
    asyncio.run(_live_until_heard_of(gateways))
    assert not worker.is_alive(SLOW)


async def _live_until_heard_of(gateways: Gateways) -> None:
    running = worker.HandingOver(**worker.worker_options(gateways, SLOW), handle_signals=False)
    task = asyncio.create_task(running.async_run())
    async with asyncio.timeout(60):
        while not await asyncio.to_thread(worker.is_alive, SLOW):
            await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await running.close()
