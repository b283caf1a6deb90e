"""The AWS stand-in in one process on one port.

    python -m sandbox.aws --folder DIR --port PORT [--parent PID]

Port 0 takes a free one; the ready line on standard output says which.
"""

import argparse
import asyncio
import logging
import os
import socket

from sandbox.aws.assembly import assemble
from sandbox.aws.faults import Cut
from sandbox.control.process import attended, listen, parser, quiet_server
from sandbox.control.requests import open_log

KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "VIRTUAL_ENV", "PYTHONPATH", "SSL_CERT_FILE")


def main() -> None:
    options = parser("python -m sandbox.aws").parse_args()
    # Handlers run in child processes: they are to see nothing of the environment this was started in.
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    os.environ.clear()
    os.environ.update(kept)
    open_log(options.folder / "aws.log")
    listener = listen(options.port)
    asyncio.run(serve(options, listener))


async def serve(options: argparse.Namespace, listener: socket.socket) -> None:
    assembly = assemble(options.folder, port=listener.getsockname()[1])
    server = quiet_server(assembly.edge, ws="websockets-sansio", silent=NoInjectedFault())
    async with assembly.running(), attended(server, parent=options.parent, ready={"ready": assembly.cloud.url}):
        await server.serve(sockets=[listener])


class NoInjectedFault(logging.Filter):
    """The server reports a connection that a fault cut as a crash of the application: it is none."""

    def filter(self, record: logging.LogRecord) -> bool:
        kind = record.exc_info[0] if record.exc_info else None
        return not (kind and issubclass(kind, Cut))


if __name__ == "__main__":
    main()
