"""All emulators of vendors in one process on one port.

    python -m sandbox.vendors --folder DIR --port PORT [--dns-port PORT] [--parent PID] [--only NAME ...]

Port 0 takes a free one; the ready line on standard output says which.
"""

import argparse
import asyncio
import importlib
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from sandbox.control.app import build_control
from sandbox.control.home import open_home
from sandbox.control.index import index_page
from sandbox.control.requests import OnlyCrashes, RequestLog, open_log
from sandbox.control.workers import Worker
from sandbox.dns.server import DnsServer
from sandbox.kit.home import Emulator, Home

EMULATORS = ("stripe", "resend", "cloudflare", "dns")
HOST = "127.0.0.1"
LAST_REQUESTS = 1  # seconds that open requests get when the process is told to stop


def main() -> None:
    options = parse()
    log = open_log(options.folder / "vendors.log")
    listener = listen(options.port)
    home = open_home(options.folder, url=f"http://{HOST}:{listener.getsockname()[1]}")
    asyncio.run(serve(home, listener, options, log))


def listen(port: int) -> socket.socket:
    # asyncio switches Nagle's algorithm off only for sockets that name their protocol: 40 ms on every answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    listener.listen(512)
    return listener


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox.vendors")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dns-port", type=int, default=0)
    parser.add_argument("--only", nargs="+", choices=EMULATORS, default=EMULATORS, metavar="NAME")
    parser.add_argument("--parent", type=int, help="end when this process is no longer the parent")
    return parser.parse_args()


async def serve(home: Home, listener: socket.socket, options: argparse.Namespace, log: logging.Logger) -> None:
    dns = DnsServer(home.dns, home.faults, port=options.dns_port)
    emulators, special = load(home, options.only)
    await dns.start()
    workers = [Worker(emulator.name, emulator.work) for emulator in emulators if emulator.work]
    app = build_app(home, emulators, workers, special, log)
    server = quiet_server(app)
    running = [asyncio.create_task(worker.run(log)) for worker in workers]
    running += [asyncio.create_task(announce(server, home, dns)), asyncio.create_task(watch(server, options.parent))]
    for stop in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(stop, end, server)
    await server.serve(sockets=[listener])
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    dns.close()


def load(home: Home, names: Sequence[str]) -> tuple[list[Emulator], dict[str, dict[str, str]]]:
    """Every emulator, and the special faults that its module declares in FAULTS."""
    emulators: list[Emulator] = []
    special: dict[str, dict[str, str]] = {}
    for name in names:
        module = importlib.import_module(f"sandbox.{name}.app")
        emulators.append(module.build(home))
        special[name] = getattr(module, "FAULTS", {})
    return emulators, special


def build_app(
    home: Home,
    emulators: list[Emulator],
    workers: list[Worker],
    special: dict[str, dict[str, str]],
    log: logging.Logger,
) -> Starlette:
    async def index(_: Request) -> Response:
        return index_page(home, [emulator.name for emulator in emulators])

    routes: list[BaseRoute] = [Route("/", index)]
    routes += [Mount(f"/{emulator.name}", emulator.app) for emulator in emulators]
    routes += [Mount("/control", build_control(home, workers, special))]
    # A page elsewhere that rebinds its name to loopback must not reach the emulators.
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost", "*.localhost"], www_redirect=False)
    return Starlette(routes=routes, middleware=[Middleware(RequestLog, log=log), hosts])


def quiet_server(app: Starlette) -> uvicorn.Server:
    logging.getLogger("uvicorn.error").addFilter(OnlyCrashes())
    return uvicorn.Server(
        uvicorn.Config(
            app, log_level="error", log_config=None, access_log=False, timeout_graceful_shutdown=LAST_REQUESTS,
            lifespan="off", timeout_keep_alive=30, server_header=False, ws="none",
        )
    )  # fmt: skip


async def announce(server: uvicorn.Server, home: Home, dns: DnsServer) -> None:
    while not server.started:
        await asyncio.sleep(0.005)
    sys.stdout.write(json.dumps({"ready": home.url, "dns_port": dns.port, "pid": os.getpid()}) + "\n")
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
