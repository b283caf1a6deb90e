"""Free ports on loopback."""

import socket


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def first_free(start: int, *, tries: int = 50) -> int:
    """The first port from `start` on that nobody listens on: addresses stay recognisable."""
    for port in range(start, start + tries):
        if is_free(port):
            return port
    raise RuntimeError(f"no free port from {start} on")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
