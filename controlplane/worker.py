"""The worker's way in, and the only registry of jobs and ticks.

quick: inbox, e-mail, sweeps, checks: seconds. slow: operations: minutes. Each has a queue and processes of its own,
because arq finds a dead worker's job again only after the longest timeout on that queue.
"""

import asyncio
from contextlib import suppress
from signal import Signals
from typing import Any

from arq.connections import RedisSettings
from arq.worker import Worker
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import BusyLoadingError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from controlplane.accounts import costs, pool, reconciliation
from controlplane.accounts import tasks as accounts
from controlplane.audit import tasks as audit
from controlplane.billing import margins
from controlplane.billing import tasks as billing
from controlplane.core import log, telemetry
from controlplane.core.queue import QUICK, SLOW, Queue, dumps, loads
from controlplane.delivery import retention as delivery_retention
from controlplane.delivery import sending
from controlplane.delivery import service as delivery
from controlplane.fleet import tasks as fleet
from controlplane.gateways import Gateways
from controlplane.identity import oauth
from controlplane.identity import tasks as identity
from controlplane.inbox import reconciliation as inbox_reconciliation
from controlplane.inbox import service as inbox_service
from controlplane.inbox import tasks as inbox
from controlplane.jobs import Job, Tick, as_arq_cron, as_arq_function
from controlplane.provisioning import drills, execution, generations, hostnames, mailproof
from controlplane.provisioning import tasks as operations
from controlplane.provisioning.runner import PATIENCE
from controlplane.provisioning.service import RUN
from controlplane.publishing import exports
from controlplane.settings import Settings

LOOK = 0.25  # seconds
HAND_OVER = int(PATIENCE) + 10  # seconds that a worker which was told to stop waits for its jobs

JOBS: dict[str, tuple[Job, ...]] = {
    QUICK: (
        Job(inbox_service.HANDLE, inbox.handle, failed=inbox.failed),
        Job(inbox_reconciliation.COMPARE, inbox_reconciliation.go_on, seconds=180),
        Job(delivery.SEND, sending.run, failed=sending.failed),
        Job(oauth.TELL_EDGE, identity.tell_edge),
        Job(billing.CHECK, billing.check),
        Job(billing.STEER, billing.steer),
        Job(billing.TELL_EDGE, billing.tell_edge),
        Job(billing.CARRY_OUT, billing.carry_out, failed=billing.decision_failed),
        Job(billing.PUSH, billing.push, failed=billing.usage_failed),
        Job(billing.ERASE, billing.erase),
        Job(billing.REWARD, billing.reward),
        Job(hostnames.CHECK, operations.check_domain),
        Job(mailproof.CHECK, operations.check_mail_domain),
        Job(exports.MAKE, exports.make, failed=exports.failed, seconds=180),
        Job(pool.ADVANCE, accounts.advance, seconds=180),
        Job(reconciliation.RECONCILE, accounts.reconcile_now),
        Job(costs.COUNT, margins.check),
    ),
    SLOW: (Job(RUN, operations.run, seconds=7_200),),
}
TICKS: tuple[Tick, ...] = (
    Tick("operations", operations.sweep, every=5),
    Tick("inbox", inbox.sweep, every=5),
    Tick("billing", billing.sweep, every=5),
    Tick("audit", audit.seal, every=2),
    Tick("anchors", audit.anchor, every=60),
    Tick("identity", identity.sweep, hour=3),
    Tick("edge_sessions", identity.sweep_edge, every=10),
    Tick("emails", sending.sweep, every=10),
    Tick("promises", billing.promises_sweep, every=30),
    Tick("slow_money", billing.slow_sweep, every=30),
    Tick("reconciliation", inbox_reconciliation.tick, hour=3),
    Tick("old_events", inbox.forget_old, hour=2),
    Tick("old_letters", delivery_retention.tick, hour=2),
    Tick("old_quotes", billing.forget, hour=2),
    Tick("domains", operations.sweep_domains, every=5),
    Tick("mail_domains", operations.sweep_mail_domains, every=15),
    Tick("site_exports", exports.sweep, every=30),
    Tick("drift", operations.sweep_drift, every=60),
    Tick("waves", fleet.advance_waves, every=5),
    Tick("accounts", accounts.sweep, every=5),
    Tick("organization", accounts.reconcile, hour=4),
    Tick("costs", margins.daily, hour=6),
    Tick("old_generations", generations.sweep, hour=3),
    Tick("drill", drills.monthly, hour=5),
)


class PromptWorker(Worker):
    """Looks into its queue when something came or a place got free, and four times a second anyway.

    Told to stop, it takes no more jobs; operations end what is in flight, save, and wait for another worker.
    """

    _called: asyncio.Event
    _listener: asyncio.Task[None] | None = None

    async def main(self) -> None:
        self._called = asyncio.Event()
        self.poll_delay_s = 0.0  # it waits below
        try:
            await super().main()
        finally:
            if self._listener:
                self._listener.cancel()

    async def _poll_iteration(self) -> None:
        self._listener = self._listener or asyncio.create_task(self._listen())
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK):
                await self._called.wait()
        self._called.clear()
        before = self._jobs_started()
        await super()._poll_iteration()
        if self._jobs_started() > before:
            self._called.set()  # there may be more

    def _release_sem_dec_counter_on_complete(self) -> None:
        super()._release_sem_dec_counter_on_complete()
        if self.max_jobs - self.job_counter == max(1, self.max_jobs // 4):
            self._called.set()  # it was full: whoever waits gets a place now, a few at a time

    async def _listen(self) -> None:
        while True:
            with suppress(RedisError, OSError):
                async with self.pool.pubsub() as calls:
                    await calls.subscribe(self.queue_name)
                    async for _call in calls.listen():
                        self._called.set()
            await asyncio.sleep(1)

    def handle_sig_wait_for_completion(self, signum: Signals) -> None:
        execution.stopping.set()
        super().handle_sig_wait_for_completion(signum)


def run(queue: str) -> None:
    settings = Settings()
    log.start(settings)
    telemetry.start(settings, service=f"controlplane-{queue}")
    gateways = Gateways.build(settings)
    try:
        with telemetry.shown(settings):
            PromptWorker(**worker_options(gateways, queue)).run()
    finally:
        gateways.close()


def is_alive(queue: str) -> bool:
    """A worker of this queue has said so in the last half minute."""
    settings = Settings()
    kept = Queue(settings.redis.url.get_secret_value(), prefix=settings.redis.prefix)
    try:
        return kept.has(_health_key(kept.name(queue)))
    except RedisError:
        return False
    finally:
        kept.close()


def _health_key(name: str) -> str:
    return f"{name}:health"


def worker_options(gateways: Gateways, queue: str) -> dict[str, Any]:
    settings = gateways.settings
    name = gateways.queue.name(queue)
    return {
        "ctx": {"gateways": gateways},
        "queue_name": name,
        "functions": [as_arq_function(job) for job in JOBS[queue]],
        "cron_jobs": [as_arq_cron(tick) for tick in TICKS] if queue == QUICK else [],
        "redis_settings": redis_settings(settings),
        "job_serializer": dumps,
        "job_deserializer": loads,
        "keep_result": 0,
        "max_jobs": 20 if queue == QUICK else settings.limits.operations_running,
        "max_tries": 1_000_000,  # attempts are counted on the row, where they survive Redis
        "poll_delay": LOOK,
        "health_check_interval": 30,
        "health_check_key": _health_key(name),
        "job_completion_wait": HAND_OVER,
    }


def redis_settings(settings: Settings) -> RedisSettings:
    """OSError is the one that matters: without it a worker ends when Redis restarts."""
    found = RedisSettings.from_dsn(settings.redis.url.get_secret_value())
    found.retry = Retry(ExponentialBackoff(cap=1, base=0.1), 60)
    found.retry_on_timeout = True
    found.retry_on_error = [OSError, RedisConnectionError, RedisTimeoutError, BusyLoadingError]
    found.conn_retries, found.conn_retry_delay = 60, 1
    return found
