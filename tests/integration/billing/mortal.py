"""The inbox's job in a process of its own that is killed with -9 at a chosen moment: before or after its nth commit."""

import multiprocessing
import os
import signal
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import event
from sqlmodel import Session

from controlplane.core.clock import system_now
from controlplane.gateways import Gateways
from controlplane.inbox import tasks as inbox
from controlplane.settings import Settings
from tests.fixtures.shop import Shop

MOMENTS = 10  # a purchase's event is handled with about five commits; each has a moment before and one after
ALWAYS_REACHED = 4  # the claim, and the look for the order
SECONDS = 180
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.integration.billing.mortal", "stripe"])


def handle(shop: Shop, event_id: str, moment: int) -> bool:
    """True when it died on the way."""
    given = (shop.gateways.settings, shop.clock.offset, event_id, moment)
    worker = _processes.Process(target=_handle, args=given)
    worker.start()
    worker.join(SECONDS)
    code = worker.exitcode
    worker.close()
    assert code in {0, -signal.SIGKILL}, f"neither done nor killed: {code}"
    return code == -signal.SIGKILL


def _handle(settings: Settings, offset: timedelta, event_id: str, moment: int) -> None:
    gateways = replace(Gateways.build(settings), now=lambda: system_now() + offset)
    left = moment

    def step(*_arguments: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Session, "before_commit", step)
    event.listen(Session, "after_commit", step)
    inbox.handle(gateways, event_id)
    gateways.close()
