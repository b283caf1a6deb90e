"""What happens without being asked: accounts that become ready, rules that fire, state that is written down."""

import asyncio
import importlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.aws.cloud import Cloud
from sandbox.aws.organization import closing, creation
from sandbox.aws.services import certificates, dns_zones, identities, timeline

log = logging.getLogger("sandbox.aws")


async def organise(cloud: Cloud) -> None:
    for request in creation.due(cloud):
        await creation.settle(cloud, request)
    for account in closing.due(cloud):
        closing.settle(cloud, account)


async def fire(cloud: Cloud) -> None:
    """EventBridge rules whose time has come by the emulated clock."""
    if cloud.setting("schedules") and cloud.backend.module("eventbridge")._rules._data:
        await asyncio.to_thread(cloud.backend.module("eventbridge")._tick_scheduled_rules)


async def look_at_dns(cloud: Cloud) -> None:
    """Zones that were delegated meanwhile, certificates and mail domains whose records came or went."""
    if cloud.backend.has("route53"):
        dns_zones.publish(cloud)
    for account in certificates.settle(cloud) if cloud.backend.has("acm") else ():
        cloud.keeper.save("acm", account)
    for account in identities.settle(cloud) if cloud.backend.has("ses_v2") else ():
        cloud.keeper.save("sesv2", account)


async def expire(cloud: Cloud) -> None:
    for account in timeline.expire(cloud) if cloud.backend.has("dynamodb") else ():
        cloud.keeper.save("dynamodb", account)


async def rest(cloud: Cloud) -> None:
    """End the workers of functions that nobody has called for a while; the backend keeps one of each for ever."""
    runtime: Any = importlib.import_module("ministack.core.lambda_runtime")
    oldest, idle = time.time() - float(cloud.setting("warm_seconds")), []
    with runtime._lock:
        for key, workers in list(runtime._workers.items()):
            tired = [worker for worker in workers if not worker.in_use and worker.last_used < oldest]
            runtime._workers[key] = [worker for worker in workers if worker not in tired]
            idle += tired
    await asyncio.to_thread(runtime.kill_workers, idle)


async def repeat(name: str, task: Callable[[], Awaitable[None]], *, seconds: float) -> None:
    while True:
        try:
            await task()
        except Exception:
            log.exception("%s failed", name)
        await asyncio.sleep(seconds)


async def sweep(cloud: Cloud) -> None:
    """One module after the other, so that no request waits for all of them."""
    for module in cloud.keeper.stirred():
        cloud.keeper.sweep(module)
        await asyncio.sleep(0)
