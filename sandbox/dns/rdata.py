"""From a record of the table to what goes on the wire."""

import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from sandbox.dns.table import Record

LONGEST_STRING = 255  # bytes in one character-string of a TXT record


def rrset(name: str, records: list[Record]) -> dns.rrset.RRset:
    owner = dns.name.from_text(name)
    ttl = min(record.ttl for record in records)
    return dns.rrset.from_rdata_list(owner, ttl, [rdata(record) for record in records])


def rdata(record: Record) -> dns.rdata.Rdata:
    type = dns.rdatatype.from_text(record.type)
    text = presentation(record)
    return dns.rdata.from_text(dns.rdataclass.IN, type, text, origin=dns.name.root, relativize=False)


def presentation(record: Record) -> str:
    if record.type == "TXT":
        return _quoted(record.value)
    if record.type == "MX" and len(record.value.split()) == 1:
        return f"{10 if record.priority is None else record.priority} {record.value}"
    return record.value


def _quoted(value: str) -> str:
    """Vendors publish TXT either bare or, like Route 53, as quoted strings."""
    if len(value) > 1 and value.startswith('"') and value.endswith('"'):
        return value
    raw = value.encode()
    parts = [raw[at : at + LONGEST_STRING] for at in range(0, len(raw), LONGEST_STRING)] or [b""]
    return " ".join(f'"{_escaped(part)}"' for part in parts)


def _escaped(part: bytes) -> str:
    return "".join(chr(b) if 32 <= b < 127 and b not in b'"\\' else f"\\{b:03d}" for b in part)
