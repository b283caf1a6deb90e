"""Which names we answer to, and where a request comes from."""

import ipaddress
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from controlplane.api.problems import problem
from controlplane.settings import Settings

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_FOR_PROBES = ("/health/", "/metrics")  # asked by address, not by name


class Hosts:
    """421 for any other name: links, cookies and caches must never follow a name that somebody made up."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._allowed = allowed_hosts(settings.public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_FOR_PROBES) or self._ours(scope):
            await self._app(scope, receive, send)
            return
        answer = problem(421, "This is not the address of this service", code="wrong_host")
        await answer(scope, receive, send)

    def _ours(self, scope: Scope) -> bool:
        given = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        return len(given) == 1 and _name(given[0]) in self._allowed


def allowed_hosts(public_url: str) -> frozenset[str]:
    """Plain http only ever means this machine, where loopback has several names."""
    url = urlsplit(public_url)
    own = frozenset({(url.hostname or "").lower()})
    return own | LOOPBACK if url.scheme == "http" else own


def origin(public_url: str) -> str:
    url = urlsplit(public_url)
    return f"{url.scheme}://{url.netloc}".lower()


def client_address(scope: Scope, trusted: tuple[str, ...]) -> str:
    """The right-most hop that is not a proxy of ours; what stands further left anybody can write."""
    peer = scope["client"][0] if scope.get("client") else ""
    if not trusted or not _trusted(peer, trusted):
        return peer
    given = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    hops = [hop.strip() for line in given for hop in line.split(",") if hop.strip()]
    return next((hop for hop in reversed(hops) if not _trusted(hop, trusted)), peer)


@lru_cache(maxsize=1024)
def network_of(address: str) -> str:
    """What limits count by, and what the trail keeps: a person moves within it."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network(f"{found}/{24 if found.version == 4 else 48}", strict=False))


@lru_cache(maxsize=1024)
def counted_as(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(found) if found.version == 4 else str(ipaddress.ip_network(f"{found}/64", strict=False))


def _name(host: str) -> str:
    return host.rpartition(":")[0].lower() if host.rpartition(":")[2].isdecimal() else host.lower()


@lru_cache(maxsize=1024)
def _trusted(address: str, trusted: tuple[str, ...]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in ipaddress.ip_network(network, strict=False) for network in trusted)
