"""One tenant of the site line: a private vault, the names that lead to it, and the records of its mail."""

from collections.abc import Mapping

import pulumi
import pulumi_cloudflare as cloudflare

from programs.base import Outputs, comment
from programs.site_plan import HostEntry, host_entries, mail_names, vault_name
from programs.specs import MailRecord, OwnHost, SiteSpec
from programs.storage import lifecycle_rule

VAULT_RULES = (("abort", "", 7), ("delete", "exports/", 30), ("delete", "backups/", 90))


def build(spec: SiteSpec, _secrets: Mapping[str, str]) -> Outputs:
    options = pulumi.ResourceOptions(provider=cloudflare.Provider("cf", base_url=spec.base_url))
    vault = _vault(spec, options)
    own = {host.host: _own_host(spec, host, options) for host in spec.own_hosts}
    entries = host_entries(spec)
    for entry in entries:
        _route(spec, entry, own.get(entry.host), options)
    for name, record in mail_names(spec.mail_records):
        _mail_record(spec, name, record, options)
    return {
        "bucket": vault.name,
        "hosts": [entry.host for entry in entries],
        "own": [_own_output(host, made) for host, made in own.items()],
    }


def _vault(spec: SiteSpec, options: pulumi.ResourceOptions) -> cloudflare.R2Bucket:
    vault = cloudflare.R2Bucket(
        "vault",
        account_id=spec.account_id,
        name=vault_name(spec),
        jurisdiction=spec.jurisdiction,
        storage_class="Standard",
        opts=options,
    )
    cloudflare.R2BucketLifecycle(
        "vault-lc",
        account_id=spec.account_id,
        bucket_name=vault.name,
        jurisdiction=spec.jurisdiction,
        rules=[lifecycle_rule(*rule) for rule in VAULT_RULES],
        opts=options,
    )
    return vault


def _own_host(spec: SiteSpec, host: OwnHost, options: pulumi.ResourceOptions) -> cloudflare.CustomHostname:
    settings = cloudflare.CustomHostnameSslSettingsArgs(min_tls_version="1.2", http2="on", tls13="on")
    return cloudflare.CustomHostname(
        f"own-{host.host}",
        zone_id=spec.sites_zone_id,
        hostname=host.host,
        ssl=cloudflare.CustomHostnameSslArgs(
            method="txt",
            type="dv",
            certificate_authority="google",
            bundle_method="ubiquitous",
            wildcard=False,
            settings=settings,
        ),
        opts=options,
    )


def _route(
    spec: SiteSpec, entry: HostEntry, own: cloudflare.CustomHostname | None, options: pulumi.ResourceOptions
) -> None:
    after = pulumi.ResourceOptions(depends_on=[own]) if own else None
    cloudflare.WorkersKv(
        entry.name,
        account_id=spec.account_id,
        namespace_id=spec.routing_namespace_id,
        key_name=f"h:{entry.host}",
        value=entry.value,
        opts=pulumi.ResourceOptions.merge(options, after),
    )


def _mail_record(spec: SiteSpec, name: str, record: MailRecord, options: pulumi.ResourceOptions) -> None:
    cloudflare.DnsRecord(
        name,
        zone_id=spec.sites_zone_id,
        name=record.name,
        type=record.type,
        content=record.content,
        priority=record.priority,
        proxied=False,
        ttl=300,
        comment=comment(env=spec.env, program="site", tenant_id=spec.tenant_id),
        opts=options,
    )


def _own_output(host: str, made: cloudflare.CustomHostname) -> dict[str, object]:
    """What was true at creation; the control plane reads the present state from the vendor."""
    return {
        "host": host,
        "id": made.id,
        "status": made.status,
        "ownership_verification": made.ownership_verification,
        "ownership_verification_http": made.ownership_verification_http,
    }
