"""A name with nothing in front of it: no CNAME can stand there, beside SOA and NS. What its name servers offer instead.

Which provider can do what is general knowledge, not asked: who is not known gets the way that works everywhere.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from controlplane.domains.resolver import CouldNotAsk, look
from controlplane.domains.suffixes import registrable
from controlplane.gateways import Gateways


class Way(StrEnum):
    FLATTEN = "flatten"  # a CNAME is taken there and answered as addresses
    ALIAS = "alias"  # a record of its own kind, to any name
    REDIRECT = "redirect"  # only addresses or the provider's own: `www` carries the site, the bare name leads to it


WAYS = {
    "cloudflare.com": Way.FLATTEN,
    "dnsimple.com": Way.ALIAS,
    "gandi.net": Way.ALIAS,
    "registrar-servers.com": Way.ALIAS,
    "nsone.net": Way.ALIAS,
    "dnsmadeeasy.com": Way.ALIAS,
    "porkbun.com": Way.ALIAS,
    "name.com": Way.ALIAS,
}


@dataclass(frozen=True)
class Advice:
    way: Way
    provider: str  # of the name servers; empty when nobody could be asked
    lines: tuple[str, ...]  # as they stand in a zone file
    redirect: tuple[str, str] | None  # from, to: set at the registrar

    def shown(self) -> dict[str, Any]:
        leads = {"from": self.redirect[0], "to": self.redirect[1]} if self.redirect else None
        return {"way": self.way, "provider": self.provider, "lines": list(self.lines), "redirect": leads}


def is_apex(host: str) -> bool:
    return registrable(host) == host


def advise(gateways: Gateways, host: str, target: str) -> Advice | None:
    """None for a name that can have a CNAME. `target`: where the CNAME would lead."""
    if not is_apex(host):
        return None
    provider = provider_of(gateways, host)
    target = f"{target}."
    way = WAYS.get(provider, Way.REDIRECT)
    if way is Way.REDIRECT:
        return Advice(way, provider, (f"www.{host}. 300 IN CNAME {target}",), (f"http://{host}", f"https://www.{host}"))
    kind = "CNAME" if way is Way.FLATTEN else "ALIAS"
    return Advice(way, provider, (f"{host}. 300 IN {kind} {target}",), None)


def reaches(gateways: Gateways, host: str, target: str) -> tuple[tuple[str, ...], bool]:
    """What the bare name answers, and whether that is where the target is: an ALIAS shows only its addresses."""
    ours = {address for kind in ("A", "AAAA") for address in look(gateways.settings.resolver).at(target, kind).values}
    seen = [address for kind in ("A", "AAAA") for address in look(gateways.settings.resolver).at(host, kind).values]
    return tuple(seen), bool(ours.intersection(seen))


def provider_of(gateways: Gateways, host: str) -> str:
    """By the name servers of the zone; empty when nobody could be asked."""
    try:
        servers = look(gateways.settings.resolver).at(registrable(host) or host, "NS").values
    except CouldNotAsk:
        return ""
    return next((owner for server in servers if (owner := registrable(server.rstrip(".").lower()))), "")
