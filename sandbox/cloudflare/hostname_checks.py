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


def check_hostnames(cloud: Cloud, dns: VisibleDns) -> bool:
    """Whether any of them changed."""
    now, changed = cloud.clock.now(), False
    for host in cloud.store.all("custom_hostname"):
        changed = check_hostname(cloud, host, dns, now) or changed
    return changed


def check_hostname(cloud: Cloud, host: Doc, dns: VisibleDns, now: datetime) -> bool:
    if host["stuck"] and cloud.faults.is_active(host["stuck"]):
        return False
    further = advance(host, seen(host, dns), now, cloud.delays)
    if further == host:
        return False
    with cloud.store.transaction():
        if cloud.store.get("custom_hostname", host["id"]) != host:
            return True  # somebody patched it meanwhile: the next round looks again
        if further is None:
            cloud.store.delete("custom_hostname", host["id"])
        else:
            cloud.store.put("custom_hostname", host["id"], further)
    return True


def seen(host: Doc, dns: VisibleDns) -> Seen:
    name = host["hostname"]
    return Seen(
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
