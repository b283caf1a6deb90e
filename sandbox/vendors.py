"""All emulators of vendors in one process on one port.

    python -m sandbox.vendors --folder DIR --port PORT [--dns-port PORT] [--parent PID] [--only NAME ...]

Port 0 takes a free one; the ready line on standard output says which.
"""

import argparse
import asyncio
import importlib
import logging
import socket
from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from sandbox.control.app import build_control
from sandbox.control.home import open_home
from sandbox.control.index import index_page
from sandbox.control.process import HOST, attended, listen, parser, quiet_server
from sandbox.control.requests import OnlyCrashes, RequestLog, open_log
from sandbox.control.workers import Worker
from sandbox.dns.server import DnsServer
from sandbox.kit.home import Emulator, Home

EMULATORS = ("stripe", "resend", "cloudflare", "dns")
ELSEWHERE = {"aws": "sandbox.aws.special_faults", "edge": "sandbox.edge.special_faults"}  # processes of their own


def main() -> None:
    options = parse()
    log = open_log(options.folder / "vendors.log")
    listener = listen(options.port)
    home = open_home(options.folder, url=f"http://{HOST}:{listener.getsockname()[1]}")
    asyncio.run(serve(home, listener, options, log))


def parse() -> argparse.Namespace:
    options = parser("python -m sandbox.vendors")
    options.add_argument("--dns-port", type=int, default=0)
    options.add_argument("--only", nargs="+", choices=EMULATORS, default=EMULATORS, metavar="NAME")
    return options.parse_args()


async def serve(home: Home, listener: socket.socket, options: argparse.Namespace, log: logging.Logger) -> None:
    dns = DnsServer(home.dns, home.faults, port=options.dns_port)
    emulators, special = load(home, options.only)
    await dns.start()
    workers = [Worker(emulator.name, emulator.work) for emulator in emulators if emulator.work]
    server = quiet_server(build_app(home, emulators, workers, special, log), ws="none", silent=OnlyCrashes())
    working = [asyncio.create_task(worker.run(log)) for worker in workers]
    async with attended(server, parent=options.parent, ready={"ready": home.url, "dns_port": dns.port}):
        await server.serve(sockets=[listener])
    for task in working:
        task.cancel()
    await asyncio.gather(*working, return_exceptions=True)
    dns.close()


def load(home: Home, names: Sequence[str]) -> tuple[list[Emulator], dict[str, dict[str, str]]]:
    """Every emulator, and the special faults that its module declares in FAULTS."""
    emulators: list[Emulator] = []
    special = {name: importlib.import_module(module).FAULTS for name, module in ELSEWHERE.items()}
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


if __name__ == "__main__":
    main()
