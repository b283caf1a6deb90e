"""Looks at the DNS for every custom hostname and moves its states."""

from datetime import datetime

from sandbox.cloudflare.cloud import Cloud
from sandbox.cloudflare.dns_publish import EDGE_ADDRESS
from sandbox.cloudflare.hostname_states import Seen, advance
from sandbox.cloudflare.operation import Doc
from sandbox.cloudflare.visible import VisibleDns

ISSUERS = {
    "google": "pki.goog", "lets_encrypt": "letsencrypt.org", "ssl_com": "ssl.com", "digicert": "digicert.com",
}  # fmt: skip


LIFTABLE = frozenset({"stuck", "zone_hold", "on_cloudflare"})
MOVING = frozenset({"initializing", "pending_issuance", "pending_deployment"})


def check_hostnames(cloud: Cloud, dns: VisibleDns, *, everyone: bool) -> bool:
    """Whether any of them changed. Most wait for the DNS or for days; those in motion are looked at each time."""
    if everyone:
        hosts = cloud.store.all("custom_hostname")
    else:
        hosts = [host for id in cloud.in_motion if (host := cloud.store.get("custom_hostname", id))]
    cloud.in_motion.clear()
    changed = [check_hostname(cloud, host, dns, cloud.clock.now()) for host in hosts]
    return any(changed)


def check_hostname(cloud: Cloud, host: Doc, dns: VisibleDns, now: datetime) -> bool:
    faults = {kind for kind, id in host["faults"].items() if cloud.faults.is_active(id)}
    if faults & LIFTABLE:
        cloud.in_motion.add(host["id"])  # so that the end of the fault is noticed at once
    if "stuck" in faults:
        return False
    further = advance(host, seen(host, dns, faults), now, cloud.delays)
    if further is not None and further["ssl"]["status"] in MOVING:
        cloud.in_motion.add(host["id"])
    if further == host:
        return False
    with cloud.store.transaction():
        if further is None:
            cloud.store.delete("custom_hostname", host["id"])
        else:
            cloud.store.put("custom_hostname", host["id"], further)
    return True


def seen(host: Doc, dns: VisibleDns, faults: set[str]) -> Seen:
    name = host["hostname"]
    return Seen(
        held="zone_hold" in faults,
        on_cloudflare="on_cloudflare" in faults,
        points_here=EDGE_ADDRESS in dns.addresses(name),
        ownership=host["ownership_value"] in dns.texts(f"_cf-custom-hostname.{name}"),
        challenge=host["challenge"] in dns.texts(f"_acme-challenge.{name}"),
        certificate_allowed=_allows(dns, name, ISSUERS[host["ssl"]["certificate_authority"]]),
    )


def _allows(dns: VisibleDns, name: str, issuer: str) -> bool:
    """CAA of the name or of its closest parent that has any; none at all allows everybody."""
    labels = name.split(".")
    for cut in range(len(labels)):
        found = dns.lookup(".".join(labels[cut:]), "CAA")
        values = [record.value.split(None, 2) for record in found]
        issuers = [
            value[2].strip('"').split(";")[0].strip() for value in values if len(value) == 3 and value[1] == "issue"
        ]
        if issuers:
            return issuer in issuers
    return True
