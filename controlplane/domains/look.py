"""Our own look at the DNS: at the servers that are responsible, bounded in time, steps and size."""

import time

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rdatatype
import dns.resolver

from controlplane.domains.resolver import CouldNotAsk, Seen
from controlplane.settings import Resolver as ResolverSettings

SECONDS = 3.0
QUERIES = 10
LONGEST = 8 * 1024


class Look:
    """One check: its queries are counted and all of them together have a deadline."""

    def __init__(self, settings: ResolverSettings) -> None:
        self._resolver = dns.resolver.Resolver(configure=not settings.nameservers)
        if settings.nameservers:
            self._resolver.nameservers = list(settings.nameservers)
            self._resolver.port = settings.port
        self._port = settings.port if settings.nameservers else 53
        self._deadline = time.monotonic() + SECONDS
        self._left = QUERIES

    def at(self, name: str, kind: str) -> Seen:
        """From the authoritative servers of the zone; from the resolver where they cannot be found."""
        servers = self._authorities(name)
        values, ttl = self._ask_each(servers, name, kind) if servers else (self._resolve(name, kind), None)
        return Seen(name, kind, tuple(value[:LONGEST] for value in values), ttl)

    def _authorities(self, name: str) -> list[str]:
        labels = name.rstrip(".").split(".")
        for cut in range(len(labels) - 1):
            zone = ".".join(labels[cut:])
            names = self._resolve(zone, "NS")
            if names:
                return [address for server in names[:2] for address in self._resolve(server, "A")][:2]
        return []

    def _ask_each(self, servers: list[str], name: str, kind: str) -> tuple[list[str], int | None]:
        question = dns.message.make_query(name, kind)
        question.flags &= ~dns.flags.RD
        for server in servers:
            try:
                answer, _ = dns.query.udp_with_fallback(question, server, timeout=self._spend(), port=self._port)
            except (dns.exception.DNSException, OSError):
                continue
            found = [rrset for rrset in answer.answer if rrset.rdtype == _type(kind)]
            return [text for rrset in found for text in _texts(rrset)], max((one.ttl for one in found), default=None)
        raise CouldNotAsk(f"none of the servers of {name} answers")

    def _resolve(self, name: str, kind: str) -> list[str]:
        try:
            answer = self._resolver.resolve(name, kind, lifetime=self._spend(), raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN:
            return []
        except dns.exception.DNSException as error:
            raise CouldNotAsk(f"{name} {kind}: {type(error).__name__}") from error
        return _texts(answer.rrset) if answer.rrset else []

    def _spend(self) -> float:
        left = self._deadline - time.monotonic()
        self._left -= 1
        if self._left < 0 or left <= 0:
            raise CouldNotAsk("this look-up takes too long")
        return left


def _type(kind: str) -> int:
    return int(dns.rdatatype.from_text(kind))


def _texts(rrset: object) -> list[str]:
    return [_text(rdata) for rdata in rrset]  # type: ignore[attr-defined]


def _text(rdata: object) -> str:
    strings = getattr(rdata, "strings", None)
    if strings is not None:
        return b"".join(strings).decode("utf-8", "replace")
    return str(rdata).rstrip(".")
