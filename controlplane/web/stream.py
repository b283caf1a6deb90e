"""Streams of rendered state: each message is the whole truth, so that a lost or doubled one changes nothing."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from fastapi import Request
from starlette.concurrency import run_in_threadpool

Look = Callable[[], tuple[str, bool]]  # what the page shows now, and whether it will stay so
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
LIVE_FOR = 10 * 60.0  # seconds; the browser comes back and its rights are checked again
EVERY = 1.0
PING = 15.0
MOST = 200


@dataclass
class Seats:
    taken: int = 0


SEATS = Seats()


async def follow(request: Request, look: Look) -> AsyncIterator[str]:
    """Says what changed until nothing will, the browser leaves or its time is over."""
    if SEATS.taken >= MOST:
        yield f"{FULL}\n\n"
        return
    SEATS.taken += 1
    try:
        async for text in _changes(request, look):
            yield text
    finally:
        SEATS.taken -= 1


async def _changes(request: Request, look: Look) -> AsyncIterator[str]:
    said = request.headers.get("last-event-id", "")
    until, spoken = time.monotonic() + LIVE_FOR, time.monotonic()
    while time.monotonic() < until and not await request.is_disconnected():
        text, ended = await run_in_threadpool(look)
        mark = hashlib.sha256(text.encode()).hexdigest()[:16]
        if mark != said:
            said, spoken = mark, time.monotonic()
            yield message(text, mark)
        if ended:
            yield END
            return
        if time.monotonic() - spoken > PING:
            spoken = time.monotonic()
            yield ": still here\n\n"
        await asyncio.sleep(EVERY)


def message(text: str, mark: str = "") -> str:
    lines = "".join(f"data: {line}\n" for line in text.splitlines() if line.strip())
    return f"id: {mark}\n{lines}\n" if mark else f"{lines}\n"


END = "event: done\ndata: end\n\n"
# no seat is free: without a connection the page asks for itself now and then
FULL = ": full"
