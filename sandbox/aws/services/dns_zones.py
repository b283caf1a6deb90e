"""Route 53 zones: own name servers, and records in the shared DNS table once a registrar delegates to them."""

import hashlib
import re

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud
from sandbox.aws.consequences import follows
from sandbox.aws.errors import Answer
from sandbox.dns.table import Record

DEFAULTS = ("ns-1.awsdns-1.com", "ns-2.awsdns-2.net", "ns-3.awsdns-3.org", "ns-4.awsdns-4.co.uk")
LOOPBACK = {"A": "127.0.0.1", "AAAA": "::1"}  # where an alias to CloudFront ends here
PUBLISHED = {"A", "AAAA", "CNAME", "MX", "TXT", "CAA", "NS", "SRV"}


def name_servers(zone: str) -> tuple[str, ...]:
    """Every zone has four of its own, as on AWS: a delegation names one zone, not a domain."""
    number = int.from_bytes(hashlib.sha256(zone.encode()).digest()[:4], "big")
    suffixes = ("com", "net", "org", "co.uk")
    return tuple(
        f"ns-{(number >> (8 * n)) % 512 + 512 * n}.awsdns-{(number >> (4 * n)) % 64:02d}.{s}"
        for n, s in enumerate(suffixes)
    )


@follows("route53:CreateHostedZone", "route53:GetHostedZone")
async def own_name_servers(cloud: Cloud, call: Call, answer: Answer) -> Answer:
    text = answer.body.decode()
    found = re.search(r"<Id>/hostedzone/([A-Z0-9]+)</Id>", text)
    if found is None:
        return answer
    zone = found.group(1)
    if call.operation == "CreateHostedZone":
        records = cloud.backend.module("route53")._records.get_scoped(call.account, None, zone)
        for record in records:
            record["ResourceRecords"] = [_renamed(value, zone) for value in record.get("ResourceRecords", [])]
    return answer.with_body(_renamed(text, zone).encode())


def _renamed(text: str, zone: str) -> str:
    for old, new in zip(DEFAULTS, name_servers(zone), strict=True):
        text = text.replace(f"{old}.", f"{new}.").replace(old, new)
    return text


@follows("route53:ChangeResourceRecordSets", "route53:DeleteHostedZone")
async def changed(cloud: Cloud, call: Call, answer: Answer) -> Answer:
    del call
    publish(cloud)
    return answer


def publish(cloud: Cloud) -> None:
    """Bring the table in line with the zones: records of delegated zones are there, all others are not."""
    wanted: dict[str, Record] = {}
    for (_, zone), info in list(cloud.backend.module("route53")._zones._data.items()):
        if not info.get("private") and _delegated(cloud, zone, info["name"]):
            wanted.update((record.id, record) for record in _records(cloud, zone, info["name"]))
    present = {record.id: record for record in cloud.home.dns.records() if record.owner.startswith("route53:")}
    for id in present.keys() - wanted.keys():
        cloud.home.dns.withdraw(present[id])
    for id, record in wanted.items():
        if present.get(id) != record:
            cloud.home.dns.publish(record)


def _delegated(cloud: Cloud, zone: str, name: str) -> bool:
    own = set(name_servers(zone))
    found = cloud.home.dns.records(name=name.rstrip(".").lower(), type="NS")
    return any(record.value.rstrip(".").lower() in own for record in found if record.owner != f"route53:{zone}")


def _records(cloud: Cloud, zone: str, apex: str) -> list[Record]:
    found = []
    for (_, id), sets in list(cloud.backend.module("route53")._records._data.items()):
        for record in sets if id == zone else []:
            if record["Type"] in PUBLISHED and not (record["Type"] == "NS" and record["Name"] == apex):
                found += _set(record, f"route53:{zone}")
    return found


def _set(record: dict[str, object], owner: str) -> list[Record]:
    name = str(record["Name"]).rstrip(".").lower().replace("\\052", "*")
    kind, ttl = str(record["Type"]), int(str(record.get("TTL") or 60))
    if record.get("AliasTarget"):
        return [Record(name, kind, LOOPBACK[kind], ttl, owner=owner)] if kind in LOOPBACK else []
    values = record.get("ResourceRecords")
    return [_record(name, kind, str(value), ttl, owner) for value in (values if isinstance(values, list) else [])]


def _record(name: str, kind: str, value: str, ttl: int, owner: str) -> Record:
    if kind == "MX":
        priority, _, host = value.partition(" ")
        return Record(name, kind, host.rstrip("."), ttl, int(priority), owner)
    return Record(name, kind, value.rstrip(".") if kind in {"CNAME", "NS"} else value, ttl, owner=owner)
