"""The DNS records that Resend asks for, and whether they are published."""

import base64
import secrets
from typing import Any

from sandbox.dns.ask import CannotAsk, ask
from sandbox.dns.zones import registrable
from sandbox.kit.home import Home
from sandbox.kit.store import Doc

SENDING = frozenset({"SPF", "DKIM"})  # what a domain needs to send
_SPKI = bytes.fromhex("30819f300d06092a864886f70d010101050003818d0030818902818100")  # up to the modulus of 1024 bits
_EXPONENT = bytes.fromhex("0203010001")
_SHOWN = ("record", "name", "type", "ttl", "status", "value", "priority")


def new_records(domain: Doc) -> list[Doc]:
    name, region = domain["name"], domain["region"]
    bounces = f"{domain['custom_return_path']}.{name}"
    records = [
        _record("SPF", bounces, "MX", f"feedback-smtp.{region}.amazonses.com", name, priority=10),
        _record("SPF", bounces, "TXT", '"v=spf1 include:amazonses.com ~all"', name),
        _record("DKIM", f"resend._domainkey.{name}", "TXT", f"p={_public_key()}", name),
    ]
    if domain["capabilities"]["receiving"] == "enabled":
        records.append(_record("Receiving", name, "MX", f"inbound-smtp.{region}.amazonaws.com", name, priority=10))
    if domain["tracking_subdomain"]:
        records.append(tracking_record(domain))
    return records


def tracking_record(domain: Doc) -> Doc:
    host = f"{domain['tracking_subdomain']}.{domain['name']}"
    return _record("Tracking", host, "CNAME", "links1.resend-dns.com", domain["name"])


def shown(record: Doc) -> dict[str, Any]:
    return {field: record[field] for field in _SHOWN if field in record}


async def is_published(home: Home, record: Doc) -> bool:
    """Raises CannotAsk when the DNS does not say."""
    found = await ask(home.dns, home.faults, record["host"], record["type"])
    value = record["value"].strip('"')
    if record["type"] == "MX":
        return found == [f"{record['priority']} {value}"] or value in {entry.partition(" ")[2] for entry in found}
    if record["record"] == "SPF":
        return any(entry.startswith("v=spf1") and "include:amazonses.com" in entry.split() for entry in found)
    return any("".join(entry.split()) == "".join(value.split()) for entry in found)


def _record(purpose: str, host: str, type: str, value: str, domain: str, *, priority: int | None = None) -> Doc:
    """`name` is relative to the registrable domain, as registrars ask for it; `host` is the whole name."""
    root = registrable(domain)
    name = host.removesuffix(root).rstrip(".") or "@"
    record: Doc = {
        "record": purpose,
        "name": name,
        "type": type,
        "ttl": "Auto",
        "status": "not_started",
        "value": value,
    }
    if priority is not None:
        record["priority"] = priority
    return {**record, "host": host, "since": None}


def _public_key() -> str:
    """The form of a DKIM key; nobody holds the private half, because no mail leaves the sandbox."""
    modulus = bytes([secrets.randbelow(128) | 128]) + secrets.token_bytes(127)
    return base64.b64encode(_SPKI + modulus + _EXPONENT).decode()


__all__ = ["SENDING", "CannotAsk", "is_published", "new_records", "shown", "tracking_record"]
