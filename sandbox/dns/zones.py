"""Which names exist, which zone they belong to, and who is authoritative for it.

A zone begins where the table has NS or SOA records, else at the registrable domain. A zone without NS records of its
own is served by NAMESERVERS. A name that serves a zone and has no address in the table is at 127.0.0.1, as all here.
"""

import time
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

from sandbox.dns.table import DnsTable, Record

NAMESERVERS = ("ns1.registrar.test", "ns2.registrar.test")
LOOPBACK = "127.0.0.1"


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def registrable(name: str) -> str:
    """The part of a name that somebody registers; the name itself when it is a public suffix."""
    return str(_suffixes().privatesuffix(name) or name)


class Zones:
    """One question's view of the table; it reads all records at most once."""

    def __init__(self, table: DnsTable) -> None:
        self._table = table
        self._everything: list[Record] | None = None

    def records_of(self, name: str) -> list[Record]:
        found = self._table.records(name=name) or self._from_wildcard(name)
        return found + self._implied(name, {record.type for record in found})

    def has_name(self, name: str) -> bool:
        """Also a name that only has names below it exists."""
        return any(_is_within(record.name, name) for record in self._all()) or bool(self._implied(name, set()))

    def zone_of(self, name: str) -> str | None:
        cuts = {record.name for record in self._all() if record.type in {"NS", "SOA"}}
        found = [ancestor for ancestor in _ancestors(name) if ancestor in cuts]
        if found:
            return found[0]
        apex = _suffixes().privatesuffix(name)
        return str(apex) if apex and any(_is_within(record.name, apex) for record in self._all()) else None

    def authority(self, zone: str) -> Record:
        soa = next((r for r in self._table.records(name=zone) if r.type == "SOA"), None)
        first = next((r.value for r in self._table.records(name=zone) if r.type == "NS"), NAMESERVERS[0])
        return soa or Record(zone, "SOA", f"{first} hostmaster.{zone} {int(time.time())} 7200 900 1209600 60", ttl=60)

    def _from_wildcard(self, name: str) -> list[Record]:
        """Only the closest existing ancestor may have the wildcard; a name that exists needs none."""
        if any(_is_within(record.name, name) for record in self._all()):
            return []
        for ancestor in _ancestors(name)[1:]:
            wild = self._table.records(name=f"*.{ancestor}")
            if wild or any(_is_within(record.name, ancestor) for record in self._all()):
                return wild
        return []

    def _implied(self, name: str, present: set[str]) -> list[Record]:
        if self.zone_of(name) == name:
            servers = [] if "NS" in present else [Record(name, "NS", server) for server in NAMESERVERS]
            return servers + ([] if "SOA" in present else [self.authority(name)])
        if "A" in present or "CNAME" in present or not (self._serves_a_zone(name) or _is_within(name, "localhost")):
            return []
        return [Record(name, "A", LOOPBACK)]

    def _serves_a_zone(self, name: str) -> bool:
        return name in NAMESERVERS or any(r.type == "NS" and r.value.lower().rstrip(".") == name for r in self._all())

    def _all(self) -> list[Record]:
        if self._everything is None:
            self._everything = self._table.records()
        return self._everything


def _ancestors(name: str) -> list[str]:
    """The name itself and everything above it, longest first."""
    labels = name.split(".")
    return [".".join(labels[cut:]) for cut in range(len(labels))]


def _is_within(name: str, ancestor: str) -> bool:
    return name == ancestor or name.endswith(f".{ancestor}")
