"""What Cloudflare accepts as a DNS record."""

import ipaddress
import re

from sandbox.cloudflare.envelope import ApiError
from sandbox.cloudflare.operation import Doc

PROXIABLE = frozenset({"A", "AAAA", "CNAME"})
TYPES = PROXIABLE | {"TXT", "MX", "NS", "CAA", "SRV"}
STRUCTURED = frozenset({"CAA", "SRV"})  # content is made of `data`
AUTOMATIC = 1
SHORTEST, LONGEST = 60, 86400
_LABEL = re.compile(r"^(\*|[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)$")


def checked(record: Doc, zone: Doc) -> Doc:
    """The record as it is stored: canonical name, automatic TTL when proxied."""
    if record["type"] not in TYPES:
        raise ApiError(400, 1004, f"DNS Validation Error: invalid type {record['type']}")
    record = {**record, "name": full_name(record["name"], zone["name"])}
    if record["type"] in STRUCTURED:
        record["content"] = _structured(record)
    _check_content(record)
    _check_delivery(record)
    settings = {name: value for name, value in record["settings"].items() if value is not None}
    return {**record, "settings": settings, "ttl": AUTOMATIC if record["proxied"] else record["ttl"]}


def full_name(name: str, zone: str) -> str:
    """Only names that say their zone: a short name would come back longer and look like drift for ever."""
    name = zone if name == "@" else name.lower().rstrip(".")
    inside = name == zone or name.endswith(f".{zone}")
    if not inside or len(name) > 253 or not all(_LABEL.match(label) for label in name.split(".")):
        raise ApiError(400, 9000, f"DNS name is invalid: {name} is not a fully qualified name in {zone}")
    if "*" in name[1:]:
        raise ApiError(400, 9000, "DNS name is invalid: a wildcard must be the first label")
    return name


def check_conflicts(record: Doc, others: list[Doc]) -> None:
    """`others`: records of the same name."""
    kinds = {other["type"] for other in others}
    if record["type"] == "CNAME" and kinds & PROXIABLE:
        raise ApiError(400, 81053, "An A, AAAA, or CNAME record with that host already exists.")
    if record["type"] in {"A", "AAAA"} and "CNAME" in kinds:
        raise ApiError(400, 81054, "A CNAME record with that host already exists.")
    if any(_same(record, other) for other in others):
        raise ApiError(400, 81058, "An identical record already exists.")


def _same(one: Doc, other: Doc) -> bool:
    return all(one[field] == other[field] for field in ("type", "content", "priority"))


def _check_content(record: Doc) -> None:
    kind, content = record["type"], record["content"]
    if not content:
        raise ApiError(400, 9101, "content is a required field.")
    if kind == "A" and not _is_address(content, 4):
        raise ApiError(400, 9005, "Content for A record must be a valid IPv4 address.")
    if kind == "AAAA" and not _is_address(content, 6):
        raise ApiError(400, 9006, "Content for AAAA record must be a valid IPv6 address.")
    if kind in {"CNAME", "MX", "NS"} and not is_host(content):
        raise ApiError(400, {"CNAME": 9007, "MX": 9009, "NS": 9008}[kind], f"Content for {kind} record is invalid.")
    if kind == "TXT" and len(content) > 4096:
        raise ApiError(400, 9102, "Content for TXT record is too long.")
    if kind == "CNAME" and content.lower().rstrip(".") == record["name"]:
        raise ApiError(400, 9039, "CNAME content cannot reference itself.")


def _check_delivery(record: Doc) -> None:
    ttl, kind = record["ttl"], record["type"]
    if ttl != AUTOMATIC and not SHORTEST <= ttl <= LONGEST:
        raise ApiError(400, 9021, f"TTL must be between {SHORTEST} and {LONGEST} seconds, or 1 for Automatic.")
    if record["proxied"] and kind not in PROXIABLE:
        raise ApiError(400, 9004, "This record type cannot be proxied.")
    if kind == "MX" and record["priority"] is None:
        raise ApiError(400, 9102, "priority is a required field.")
    if kind not in {"MX", "SRV"} and record["priority"] is not None:
        raise ApiError(400, 9102, f"priority does not belong to a {kind} record.")


def _structured(record: Doc) -> str:
    data = record["data"] or {}
    wanted = ("flags", "tag", "value") if record["type"] == "CAA" else ("priority", "weight", "port", "target")
    if set(data) != set(wanted):
        raise ApiError(400, 9101, f"data needs exactly {', '.join(wanted)}.")
    if record["type"] == "CAA":
        return f'{data["flags"]} {data["tag"]} "{data["value"]}"'
    return f"{data['weight']} {data['port']} {data['target']}"


def _is_address(content: str, version: int) -> bool:
    try:
        return ipaddress.ip_address(content).version == version
    except ValueError:
        return False


def is_host(name: str) -> bool:
    name = name.lower().rstrip(".")
    return 0 < len(name) <= 253 and all(_LABEL.match(label) and label != "*" for label in name.split("."))
