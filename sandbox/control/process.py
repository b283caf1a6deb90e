"""What the emulators' processes have in common: how they listen, say that they are ready, and end."""

import argparse
import asyncio
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import uvicorn
from starlette.types import ASGIApp

HOST = "127.0.0.1"
LAST_REQUESTS = 1  # seconds that open requests get when the process is told to stop


def parser(program: str) -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(prog=program)
    common.add_argument("--folder", type=Path, required=True)
    common.add_argument("--port", type=int, required=True)
    common.add_argument("--parent", type=int, help="end when this process is no longer the parent")
    return common


def listen(port: int) -> socket.socket:
    # asyncio switches Nagle's algorithm off only for sockets that name their protocol: 40 ms on every answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    listener.listen(512)
    return listener


def quiet_server(app: ASGIApp, *, ws: Literal["none", "websockets-sansio"], silent: logging.Filter) -> uvicorn.Server:
    """`silent` drops what an injected fault makes the server take for a crash."""
    logging.getLogger("uvicorn.error").addFilter(silent)
    return uvicorn.Server(
        uvicorn.Config(
            app, log_level="error", log_config=None, access_log=False, timeout_graceful_shutdown=LAST_REQUESTS,
            lifespan="off", timeout_keep_alive=30, server_header=False, ws=ws,
        )
    )  # fmt: skip


@asynccontextmanager
async def attended(server: uvicorn.Server, *, parent: int | None, ready: dict[str, object]) -> AsyncIterator[None]:
    """Says `ready` on standard output once it is; ends the server on a signal or when the parent is gone."""
    for stop in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(stop, _end, server)
    attendants = [asyncio.create_task(_announce(server, ready)), asyncio.create_task(_watch(server, parent))]
    try:
        yield
    finally:
        for task in attendants:
            task.cancel()
        await asyncio.gather(*attendants, return_exceptions=True)


async def _announce(server: uvicorn.Server, ready: dict[str, object]) -> None:
    while not server.started:
        await asyncio.sleep(0.005)
    sys.stdout.write(json.dumps({**ready, "pid": os.getpid()}) + "\n")
    sys.stdout.flush()


async def _watch(server: uvicorn.Server, parent: int | None) -> None:
    while parent is not None and os.getppid() == parent:
        await asyncio.sleep(0.25)
    if parent is not None:
        _end(server)


def _end(server: uvicorn.Server) -> None:
    server.should_exit = True
