"""How a rule becomes a job: a plain function of the gateways and one row id, run in a thread."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from arq import Retry, cron
from arq.cron import CronJob
from arq.worker import Function, func

from controlplane.core.errors import TryLater
from controlplane.core.telemetry import JOB_SECONDS, JOBS, continued
from controlplane.gateways import Gateways

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Job:
    """`failed` writes an error down on the row; it decides about another attempt, not the queue."""

    name: str
    run: Callable[[Gateways, str], None]
    failed: Callable[[Gateways, str, Exception], None] | None = None
    seconds: int = 60


@dataclass(frozen=True)
class Tick:
    """Looks for due rows and wakes their jobs. `every` divides 60."""

    name: str
    run: Callable[[Gateways], None]
    every: int = 10  # seconds
    hour: int | None = None  # instead: once a day at this hour (UTC)


def as_arq_function(job: Job) -> Function:
    async def wrapped(context: dict[str, Any], *, row_id: str, trace: dict[str, str]) -> None:
        await asyncio.to_thread(_run, context["gateways"], job, str(row_id), trace)

    coroutine: Any = wrapped
    return func(coroutine, name=job.name, timeout=job.seconds, keep_result=0)


def _run(gateways: Gateways, job: Job, row_id: str, trace: dict[str, str]) -> None:
    started, outcome = time.perf_counter(), "done"
    with continued(job.name, trace):
        try:
            job.run(gateways, row_id)
        except TryLater as error:
            outcome = "later"
            log.info("job.later", job=job.name, row=row_id, reason=error.reason, after=error.after.total_seconds())
            raise Retry(defer=error.after) from None
        except Exception as error:
            outcome = "failed"
            _record(gateways, job, row_id, error)
        finally:
            JOBS.labels(job.name, outcome).inc()
            JOB_SECONDS.labels(job.name).observe(time.perf_counter() - started)


def _record(gateways: Gateways, job: Job, row_id: str, error: Exception) -> None:
    log.error("job.failed", job=job.name, row=row_id, exc_info=error)
    if job.failed:
        try:
            job.failed(gateways, row_id, error)
        except Exception as second:  # the row's sweep will find it again
            log.error("job.failure_not_recorded", job=job.name, row=row_id, exc_info=second)


def as_arq_cron(tick: Tick) -> CronJob:
    async def wrapped(context: dict[str, Any]) -> None:
        await asyncio.to_thread(_tick, context["gateways"], tick)

    when: dict[str, Any] = {"hour": tick.hour, "minute": 0, "second": 0}
    if tick.hour is None:
        when = {"second": set(range(0, 60, tick.every))}
    coroutine: Any = wrapped
    # unique: each tick runs in one worker only; what it wakes is claimed in the database anyway
    return cron(coroutine, name=f"tick:{tick.name}", unique=True, timeout=60, keep_result=0, **when)


def _tick(gateways: Gateways, tick: Tick) -> None:
    try:
        tick.run(gateways)
    except Exception as error:
        log.error("tick.failed", tick=tick.name, exc_info=error)
