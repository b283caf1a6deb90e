"""What happens without being asked: accounts that become ready, rules that fire, state that is written down."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from sandbox.aws.cloud import Cloud
from sandbox.aws.keeper import KEPT, Keeper
from sandbox.aws.organization import closing, creation

log = logging.getLogger("sandbox.aws")


async def organise(cloud: Cloud) -> None:
    for request in creation.due(cloud):
        await creation.settle(cloud, request)
    for account in closing.due(cloud):
        closing.settle(cloud, account)


async def fire(cloud: Cloud) -> None:
    """EventBridge rules whose time has come by the emulated clock."""
    if cloud.setting("schedules"):
        await asyncio.to_thread(cloud.backend.module("eventbridge")._tick_scheduled_rules)


async def repeat(name: str, task: Callable[[], Awaitable[None]], *, seconds: float) -> None:
    while True:
        try:
            await task()
        except Exception:
            log.exception("%s failed", name)
        await asyncio.sleep(seconds)


async def sweep(keeper: Keeper) -> None:
    """One module after the other, so that no request waits for all of them."""
    for module in KEPT:
        keeper.sweep(module)
        await asyncio.sleep(0)
