"""What the edge's front needs: proxied names and routes by zone, custom hostnames and whether they are served."""

from typing import Any

from sandbox.cloudflare.dns_publish import EDGE_ADDRESS
from sandbox.cloudflare.operation import Doc
from sandbox.cloudflare.patterns import Pattern
from sandbox.cloudflare.places import own_store, shelved
from sandbox.cloudflare.visible import VisibleDns
from sandbox.kit import Fault, Faults, Store
from sandbox.kit.home import Home

NO_DNS, NOT_OURS, NO_CERTIFICATE = 1016, 1014, 525


def front_table(home: Home, store: Store, dns: VisibleDns) -> dict[str, Any]:
    return {
        "zones": {zone["name"]: _zone(store, zone) for zone in store.all("zone")},
        "outages": [fault.operation for fault in outages(home.faults)],
        "customs": {host["hostname"]: _custom(home, store, host, dns) for host in store.all("custom_hostname")},
    }


def outages(faults: Faults) -> list[Fault]:
    return [fault for fault in faults.active() if (fault.vendor, fault.kind) == ("edge", "outage")]


def _zone(store: Store, zone: Doc) -> dict[str, Any]:
    records, names = store.all("dns_record", zone_id=zone["id"]), dict[str, bool]()
    for record in records:
        names[record["name"]] = record["proxied"] or names.get(record["name"], False)
    patterns = [(Pattern.parse(route["pattern"]), route) for route in store.all("route", zone_id=zone["id"])]
    patterns.sort(key=lambda pair: pair[0].rank)
    routes = [{"host": pattern.host, "path": pattern.path, "script": route["script"]} for pattern, route in patterns]
    attached = {doc["hostname"]: _attached(store, doc) for doc in store.all("attached_domain", zone_id=zone["id"])}
    return {"names": names, "routes": routes, "attached": attached}


def _attached(store: Store, doc: Doc) -> dict[str, str]:
    """A script, or the place of a public bucket."""
    if doc["origin"] == "worker":
        return {"script": doc["target"]}
    bucket = store.get("bucket", doc["target"])
    if bucket is None or not doc["enabled"]:
        return {}
    place = own_store(bucket) if bucket["moved"] else shelved(bucket)
    return {"store": place.store, "prefix": place.prefix}


def _custom(home: Home, store: Store, host: Doc, dns: VisibleDns) -> dict[str, Any]:
    """`error`: what a visitor gets instead of the site."""
    zone = store.get("zone", host["zone_id"])
    assert zone is not None
    return {"zone": zone["name"], "error": _obstacle(home, host, dns)}


def _obstacle(home: Home, host: Doc, dns: VisibleDns) -> int | None:
    if EDGE_ADDRESS not in dns.addresses(host["hostname"]):
        return NO_DNS  # in the world outside, such a visitor would not have come here
    if host["status"] != "active":
        return NOT_OURS
    # Plain HTTP stands in for HTTPS here, so a missing certificate is told by the status a proxy would use.
    broken = "tls_error" in host["faults"] and home.faults.is_active(host["faults"]["tls_error"])
    return None if host["ssl"]["status"] == "active" and not broken else NO_CERTIFICATE
