"""What the table answers to a question: records, CNAME chains, wildcards (RFC 4592), NXDOMAIN and NODATA."""

from dataclasses import dataclass, field

import dns.rcode
import dns.rrset

from sandbox.dns.rdata import rrset
from sandbox.dns.table import DnsTable, Record
from sandbox.dns.zones import Zones

LONGEST_CHAIN = 16


@dataclass
class Answer:
    rcode: dns.rcode.Rcode = dns.rcode.NOERROR
    records: list[dns.rrset.RRset] = field(default_factory=list)
    authority: list[dns.rrset.RRset] = field(default_factory=list)


def resolve(table: DnsTable, name: str, type: str) -> Answer:
    """Like a resolver that asked the authoritative servers: a CNAME is followed to its end."""
    zones, answer, seen = Zones(table), Answer(), {name}
    while True:
        found = zones.records_of(name)
        records = _of_type(found, type)
        if records:
            answer.records.append(rrset(name, records))
            return answer
        alias = next((record for record in found if record.type == "CNAME"), None)
        if alias is None:
            return _nothing(zones, answer, name, exists=bool(found) or zones.has_name(name))
        answer.records.append(rrset(name, [alias]))
        name = alias.value.lower().rstrip(".")
        if name in seen or len(seen) > LONGEST_CHAIN:
            return Answer(dns.rcode.SERVFAIL)
        seen.add(name)


def everything(table: DnsTable, name: str) -> Answer:
    zones, answer = Zones(table), Answer()
    found = zones.records_of(name)
    for type in sorted({record.type for record in found}):
        answer.records.append(rrset(name, _of_type(found, type)))
    return answer if found else _nothing(zones, answer, name, exists=zones.has_name(name))


def _of_type(records: list[Record], type: str) -> list[Record]:
    return [record for record in records if record.type == type]


def _nothing(zones: Zones, answer: Answer, name: str, *, exists: bool) -> Answer:
    if not exists:
        answer.rcode = dns.rcode.NXDOMAIN
    zone = zones.zone_of(name)
    if zone:
        answer.authority.append(rrset(zone, [zones.authority(zone)]))
    return answer
