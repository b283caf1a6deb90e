"""A record as a person or a test typed it, checked as strictly as a registrar would."""

import re
from typing import Any

import dns.exception
import dns.name

from sandbox.dns.rdata import rdata
from sandbox.dns.table import Record

TYPES = ("A", "AAAA", "CNAME", "TXT", "MX", "NS", "CAA", "SOA")
_FIELDS = {"name", "type", "value", "ttl", "priority"}
_LABEL = re.compile(r"^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$")
LONGEST_TEXT = 4096


class InvalidRecord(Exception):
    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field} {problem}")
        self.field = field


def parse_record(entry: Any) -> Record:
    if not isinstance(entry, dict) or not all(isinstance(key, str) for key in entry):
        raise InvalidRecord("body", "is no record")
    for field in entry.keys() - _FIELDS:
        raise InvalidRecord(field, "is unknown")
    type = _text(entry, "type").upper()
    if type not in TYPES:
        raise InvalidRecord("type", f"must be one of {', '.join(TYPES)}")
    record = Record(
        name=_name(_text(entry, "name")),
        type=type,
        value=_text(entry, "value"),
        ttl=_number(entry.get("ttl"), "ttl", default=300, highest=86400 * 7),
        priority=_number(entry.get("priority"), "priority", default=10, highest=65535) if type == "MX" else None,
    )
    return _checked(record)


def _text(entry: dict[str, Any], field: str) -> str:
    value = entry.get(field)
    if not isinstance(value, str) or not value.strip():
        raise InvalidRecord(field, "is missing")
    if len(value) > LONGEST_TEXT or any(ord(c) < 32 for c in value):
        raise InvalidRecord(field, "is too long or has control characters")
    return value.strip()


def _number(value: Any, field: str, *, default: int, highest: int) -> int:
    if value is None or value == "":
        return default
    if not re.fullmatch(r"\d{1,7}", str(value)) or int(value) > highest:
        raise InvalidRecord(field, f"must be a whole number up to {highest}")
    return int(value)


def _name(typed: str) -> str:
    name = typed.rstrip(".").lower()
    wild, rest = ("*.", name[2:]) if name.startswith("*.") else ("", name)
    try:
        ascii = rest if rest.isascii() else _encoded(rest)
    except dns.exception.DNSException:
        raise InvalidRecord("name", "is no domain name") from None
    if "." not in ascii or len(ascii) > 251 or not all(_LABEL.match(label) for label in ascii.split(".")):
        raise InvalidRecord("name", "is no domain name")
    return wild + ascii


def _encoded(name: str) -> str:
    return dns.name.from_unicode(name, idna_codec=dns.name.IDNA_2008_UTS_46).to_text(omit_final_dot=True)


def _checked(record: Record) -> Record:
    try:
        rdata(record)
    except (dns.exception.DNSException, ValueError):
        raise InvalidRecord("value", f"is no {record.type} value") from None
    target = record.value.rstrip(".")
    if record.type in {"CNAME", "NS", "MX"} and not all(_LABEL.match(part) for part in target.lower().split(".")):
        raise InvalidRecord("value", "is no domain name")
    return record
