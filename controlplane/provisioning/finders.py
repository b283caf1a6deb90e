"""Where an object that a killed create may have left is looked for: by the name that the program gave it.

A write that replaces itself (KV values, lifecycle rules, scripts) needs no look-up: doing it again is the same.
"""

from collections.abc import Callable
from typing import Any

from controlplane.gateways import Gateways

Inputs = dict[str, Any]
Finder = Callable[[Gateways, Inputs], str | None]


def _bucket(gateways: Gateways, inputs: Inputs) -> str | None:
    name = str(inputs["name"])
    return name if gateways.cloudflare.bucket_exists(name, jurisdiction=inputs.get("jurisdiction", "default")) else None


def _hostname(gateways: Gateways, inputs: Inputs) -> str | None:
    found = gateways.cloudflare.custom_hostname(inputs["zoneId"], inputs["hostname"])
    return found.id if found else None


def _record(gateways: Gateways, inputs: Inputs) -> str | None:
    wanted = {"name": inputs["name"], "type": inputs["type"], "content": inputs["content"]}
    return gateways.cloudflare.record_id(inputs["zoneId"], **wanted)


def _namespace(gateways: Gateways, inputs: Inputs) -> str | None:
    return gateways.cloudflare.namespace_id(inputs["title"])


def _route(gateways: Gateways, inputs: Inputs) -> str | None:
    return gateways.cloudflare.route_id(inputs["zoneId"], inputs["pattern"])


def _repeatable(_gateways: Gateways, _inputs: Inputs) -> None:
    return None


FINDERS: dict[str, Finder] = {
    "cloudflare:index/r2Bucket:R2Bucket": _bucket,
    "cloudflare:index/customHostname:CustomHostname": _hostname,
    "cloudflare:index/dnsRecord:DnsRecord": _record,
    "cloudflare:index/workersKvNamespace:WorkersKvNamespace": _namespace,
    "cloudflare:index/workersRoute:WorkersRoute": _route,
    "cloudflare:index/workersKv:WorkersKv": _repeatable,
    "cloudflare:index/r2BucketLifecycle:R2BucketLifecycle": _repeatable,
    "cloudflare:index/workersScript:WorkersScript": _repeatable,
    "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain": _repeatable,
    "cloudflare:index/customHostnameFallbackOrigin:CustomHostnameFallbackOrigin": _repeatable,
}
