"""The public port stays the same from start to start; the others are new each time."""

import contextlib
import json
import os
import socket
from pathlib import Path

HOST = "127.0.0.1"
USUAL = range(8787, 8807)


class NoPort(Exception):
    """Somebody else listens where this edge has to."""


def public_port(file: Path, wanted: int | None) -> int:
    """`wanted` 0: any free one; None: the first free usual one. Either is kept for later starts."""
    if wanted:
        return wanted
    with contextlib.suppress(FileNotFoundError, ValueError, KeyError):
        return int(json.loads(file.read_text())["port"])
    if wanted == 0:
        return free_port()
    for port in USUAL:
        if is_free(port):
            return port
    raise NoPort(f"no free port from {USUAL.start} to {USUAL.stop - 1}")


def publish(file: Path, port: int) -> None:
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps({"url": f"http://{HOST}:{port}", "port": port}))
    os.replace(draft, file)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
