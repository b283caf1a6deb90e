"""The AWS stand-in in one process on one port.

    python -m sandbox.aws --folder DIR --port PORT [--parent PID]

Port 0 takes a free one; the ready line on standard output says which.
"""

import argparse
import asyncio
import json
import logging
import os
import signal
import socket
import sys
from pathlib import Path

import uvicorn

from sandbox.aws.assembly import Assembly, assemble
from sandbox.aws.faults import Cut
from sandbox.control.requests import open_log

HOST = "127.0.0.1"
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "VIRTUAL_ENV", "PYTHONPATH", "SSL_CERT_FILE")


def main() -> None:
    options = parse()
    # Handlers run in child processes: they are to see nothing of the environment this was started in.
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    os.environ.clear()
    os.environ.update(kept)
    open_log(options.folder / "aws.log")
    listener = listen(options.port)
    asyncio.run(serve(options, listener))


def listen(port: int) -> socket.socket:
    # asyncio turns Nagle's algorithm off only for sockets that name the protocol: 40 ms per answer otherwise.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    listener.listen(512)
    return listener


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox.aws")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--parent", type=int, help="end when this process is no longer the parent")
    return parser.parse_args()


async def serve(options: argparse.Namespace, listener: socket.socket) -> None:
    assembly = assemble(options.folder, port=listener.getsockname()[1])
    server = quiet_server(assembly)
    for stop in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(stop, end, server)
    async with assembly.running():
        watching = [asyncio.create_task(announce(server, assembly)), asyncio.create_task(watch(server, options.parent))]
        await server.serve(sockets=[listener])
        for task in watching:
            task.cancel()


def quiet_server(assembly: Assembly) -> uvicorn.Server:
    logging.getLogger("uvicorn.error").addFilter(no_injected_fault)
    config = uvicorn.Config(
        assembly.edge, log_level="error", log_config=None, access_log=False, timeout_graceful_shutdown=1,
        lifespan="off", timeout_keep_alive=30, server_header=False, ws="websockets-sansio",
    )  # fmt: skip
    return uvicorn.Server(config)


def no_injected_fault(record: logging.LogRecord) -> bool:
    """The server reports a connection that a fault cut as a crash of the application: it is none."""
    kind = record.exc_info[0] if record.exc_info else None
    return not (kind and issubclass(kind, Cut))


async def announce(server: uvicorn.Server, assembly: Assembly) -> None:
    while not server.started:
        await asyncio.sleep(0.005)
    sys.stdout.write(json.dumps({"ready": assembly.cloud.url, "pid": os.getpid()}) + "\n")
    sys.stdout.flush()


async def watch(server: uvicorn.Server, parent: int | None) -> None:
    while parent is not None and os.getppid() == parent:
        await asyncio.sleep(0.25)
    if parent is not None:
        end(server)


def end(server: uvicorn.Server) -> None:
    server.should_exit = True


if __name__ == "__main__":
    main()
