"""The shared edge platform of one environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_cloudflare as cloudflare

from programs import bindings
from programs.base import Outputs, comment, secret
from programs.bindings import Binding, Worker
from programs.specs import PlatformSpec
from programs.storage import lifecycle_rule

KV = ("routing", "sessions", "mail")
RULES: dict[str, tuple[tuple[str, str, int], ...]] = {  # bucket → (kind, prefix, age in days)
    "sites": (("abort", "", 1), ("delete", "trash/", 7)),
    "inbox": (("abort", "", 1), ("delete", "t/", 90)),
}


@dataclass(frozen=True)
class Stores:
    namespaces: dict[str, cloudflare.WorkersKvNamespace]
    buckets: dict[str, cloudflare.R2Bucket]


def build(spec: PlatformSpec, secrets: Mapping[str, str]) -> Outputs:
    # The token comes from the plugin's environment, so that none is kept in the state.
    provider = cloudflare.Provider("cf", base_url=spec.base_url)
    options = pulumi.ResourceOptions(provider=provider)
    stores = _stores(spec, options)
    scripts = _scripts(spec, secrets, stores, options)
    fallback = _names(spec, options)
    routes = _routes(spec, scripts, options)
    cloudflare.CustomHostnameFallbackOrigin(
        "fallback",
        zone_id=spec.sites_zone_id,
        origin=f"fallback.{spec.sites_zone}",
        opts=_with(options, depends_on=[fallback, routes["rt-sites"]]),
    )
    return _outputs(spec, stores)


def _with(options: pulumi.ResourceOptions, **more: Any) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(**more))


def _stores(spec: PlatformSpec, options: pulumi.ResourceOptions) -> Stores:
    kept = _with(options, protect=spec.protect)
    namespaces = {
        name: cloudflare.WorkersKvNamespace(
            f"kv-{name}", account_id=spec.account_id, title=f"sp-{spec.env}-{name}", opts=kept
        )
        for name in KV
    }
    return Stores(namespaces, {name: _bucket(spec, name, rules, options) for name, rules in RULES.items()})


def _bucket(
    spec: PlatformSpec, name: str, rules: tuple[tuple[str, str, int], ...], options: pulumi.ResourceOptions
) -> cloudflare.R2Bucket:
    bucket = cloudflare.R2Bucket(
        f"r2-{name}",
        account_id=spec.account_id,
        name=f"sp-{spec.env}-{name}",
        jurisdiction=spec.jurisdiction,
        location=spec.location,
        storage_class="Standard",
        opts=_with(options, protect=spec.protect, ignore_changes=["location"]),
    )
    cloudflare.R2BucketLifecycle(
        f"r2-{name}-lc",
        account_id=spec.account_id,
        bucket_name=bucket.name,
        jurisdiction=spec.jurisdiction,
        rules=[lifecycle_rule(*rule) for rule in rules],
        opts=options,
    )
    return bucket


def _scripts(
    spec: PlatformSpec, secrets: Mapping[str, str], stores: Stores, options: pulumi.ResourceOptions
) -> dict[str, cloudflare.WorkersScript]:
    """The order is in the outputs: a Worker takes the script names of those it is bound to."""
    scripts: dict[str, cloudflare.WorkersScript] = {}
    for worker in bindings.workers():
        bound = [_bound(one, spec, secrets, stores, scripts) for one in worker.bindings]
        scripts[worker.name] = _script(spec, worker, bound, options)
        cloudflare.WorkersScriptSubdomain(
            f"w-{worker.name}-dev",
            account_id=spec.account_id,
            script_name=scripts[worker.name].script_name,
            enabled=False,
            previews_enabled=False,
            opts=options,
        )
    return scripts


def _script(
    spec: PlatformSpec,
    worker: Worker,
    bound: list[cloudflare.WorkersScriptBindingArgs],
    options: pulumi.ResourceOptions,
) -> cloudflare.WorkersScript:
    return cloudflare.WorkersScript(
        f"w-{worker.name}",
        account_id=spec.account_id,
        script_name=f"sp-{spec.env}-{worker.name}",
        main_module="index.mjs",
        content_file=str(worker.file),
        content_sha256=worker.sha256,
        compatibility_date=bindings.compatibility_date(),
        compatibility_flags=[],
        bindings=bound,
        bindings_inherit="strict",
        observability=cloudflare.WorkersScriptObservabilityArgs(enabled=True, head_sampling_rate=1),
        limits=cloudflare.WorkersScriptLimitsArgs(cpu_ms=bindings.CPU_MS[worker.name]),
        opts=options,
    )


def _bound(
    one: Binding,
    spec: PlatformSpec,
    secrets: Mapping[str, str],
    stores: Stores,
    scripts: Mapping[str, cloudflare.WorkersScript],
) -> cloudflare.WorkersScriptBindingArgs:
    make = cloudflare.WorkersScriptBindingArgs
    if one.type == "r2_bucket":
        bucket = stores.buckets[one.ref]
        return make(name=one.name, type=one.type, bucket_name=bucket.name, jurisdiction=spec.jurisdiction)
    if one.type == "kv_namespace":
        return make(name=one.name, type=one.type, namespace_id=stores.namespaces[one.ref].id)
    if one.type == "service":
        service = scripts[one.ref].script_name
        return make(name=one.name, type=one.type, service=service, entrypoint=one.entrypoint)
    if one.type == "secret_text":
        return make(name=one.name, type=one.type, text=secret(secrets, one.ref))
    if one.type == "plain_text":
        return make(name=one.name, type=one.type, text=bindings.texts(spec)[one.ref])
    if one.type == "ratelimit":
        simple = cloudflare.WorkersScriptBindingSimpleArgs(limit=one.limit, period=one.period)
        return make(name=one.name, type=one.type, namespace_id=one.ref, simple=simple)
    return make(name=one.name, type=one.type)


def _names(spec: PlatformSpec, options: pulumi.ResourceOptions) -> cloudflare.DnsRecord:
    """Every name points at the edge: 100:: never answers, a Worker does. Returns the fallback origin's record."""
    zones = {
        "wild": (spec.sites_zone_id, f"*.{spec.sites_zone}"),
        "fallback": (spec.sites_zone_id, f"fallback.{spec.sites_zone}"),
        "app": (spec.portal_zone_id, spec.app_host),
        "ops": (spec.portal_zone_id, spec.ops_host),
    }
    found = {
        name: _record(spec, f"dns-{name}", zone, host, "AAAA", "100::", options) for name, (zone, host) in zones.items()
    }
    customers = f"customers.{spec.sites_zone}"
    _record(spec, "dns-customers", spec.sites_zone_id, customers, "CNAME", f"fallback.{spec.sites_zone}", options)
    return found["fallback"]


def _record(
    spec: PlatformSpec, name: str, zone: str, host: str, kind: str, content: str, options: pulumi.ResourceOptions
) -> cloudflare.DnsRecord:
    note = comment(env=spec.env, program="platform")
    return cloudflare.DnsRecord(
        name, zone_id=zone, name=host, type=kind, content=content, proxied=True, ttl=1, comment=note, opts=options
    )


def _routes(
    spec: PlatformSpec, scripts: Mapping[str, cloudflare.WorkersScript], options: pulumi.ResourceOptions
) -> dict[str, cloudflare.WorkersRoute]:
    wanted = {
        "rt-sites": (spec.sites_zone_id, "*/*", "domain"),
        "rt-app": (spec.portal_zone_id, f"{spec.app_host}/*", "core"),
        "rt-ops": (spec.portal_zone_id, f"{spec.ops_host}/*", "core"),
    }
    return {
        name: cloudflare.WorkersRoute(
            name, zone_id=zone, pattern=pattern, script=scripts[worker].script_name, opts=options
        )
        for name, (zone, pattern, worker) in wanted.items()
    }


def _outputs(spec: PlatformSpec, stores: Stores) -> Outputs:
    return {
        "account_id": spec.account_id,
        "sites_zone": spec.sites_zone,
        "sites_zone_id": spec.sites_zone_id,
        "portal_zone": spec.portal_zone,
        "app_url": spec.url(spec.app_host),
        "ops_url": f"{spec.url(spec.ops_host)}/ops/v1",
        "kv_routing_id": stores.namespaces["routing"].id,
        "sites_bucket": stores.buckets["sites"].name,
        "cname_target": f"customers.{spec.sites_zone}",
        "script_sha": {worker.name: worker.sha256 for worker in bindings.workers()},
        "compat_date": bindings.compatibility_date(),
    }
