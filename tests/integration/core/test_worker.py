"""A worker that lives says so, whoever looks after containers can ask, and what comes is taken up at once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from arq.constants import job_key_prefix

from controlplane import worker
from controlplane.core.queue import SLOW, Wakeup
from controlplane.gateways import Gateways
from controlplane.provisioning.service import RUN

pytestmark = pytest.mark.filterwarnings("ignore:Call to deprecated close")  # arq closes as redis did before


def test_is_heard_of_while_it_runs_and_not_afterwards(gateways: Gateways, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "Settings", lambda: gateways.settings)
    assert not worker.is_alive(SLOW)
    asyncio.run(_live_until_heard_of(gateways))
    assert not worker.is_alive(SLOW)


def test_what_comes_is_taken_up_without_waiting_for_the_next_look(
    gateways: Gateways, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "Settings", lambda: gateways.settings)
    monkeypatch.setattr(worker, "LOOK", 3600)
    asyncio.run(_take_one_up(gateways, Wakeup(RUN, "nobody", queue=SLOW)))


async def _live_until_heard_of(gateways: Gateways) -> None:
    async with _running(gateways):
        await _until(lambda: worker.is_alive(SLOW))


async def _take_one_up(gateways: Gateways, wakeup: Wakeup) -> None:
    async with _running(gateways):
        await _until(lambda: worker.is_alive(SLOW))  # it has looked, and found nothing
        gateways.queue.push([wakeup])
        await _until(lambda: not gateways.queue.has(job_key_prefix + wakeup.id))


@asynccontextmanager
async def _running(gateways: Gateways) -> AsyncIterator[None]:
    running = worker.PromptWorker(**worker.worker_options(gateways, SLOW), handle_signals=False)
    task = asyncio.create_task(running.async_run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await running.close()


async def _until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not await asyncio.to_thread(happened):
            await asyncio.sleep(0.02)
