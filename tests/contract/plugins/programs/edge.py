"""A platform with one tenant on Cloudflare; the second version changes a little of everything that can change."""

import json
from typing import Any

import pulumi
import pulumi_cloudflare as cf


def program(settings: dict[str, Any], version: int) -> None:
    provider = cf.Provider("cf", api_token=pulumi.Output.secret(settings["token"]), base_url=settings["url"])
    own = pulumi.ResourceOptions(provider=provider)
    account, zone = settings["account"], settings["zone"]
    routing = cf.WorkersKvNamespace("routing", account_id=account, title=f"routing-{version}", opts=own)
    sites = cf.R2Bucket("sites", account_id=account, name="program-sites", jurisdiction="eu", location="weur", opts=own)
    cf.R2BucketLifecycle(
        "sites-lc", account_id=account, bucket_name=sites.name, jurisdiction="eu", rules=[lifecycle(version)], opts=own
    )
    worker = script(settings, version, routing, sites, own)
    cf.WorkersScriptSubdomain(
        "dev", account_id=account, script_name=worker.script_name, enabled=False, previews_enabled=False, opts=own
    )
    name = settings["zone_name"]
    fallback = cf.DnsRecord(
        "fallback", zone_id=zone, name=f"fallback.{name}", type="AAAA", content="100::", proxied=True, ttl=1, opts=own
    )
    route = cf.WorkersRoute("all", zone_id=zone, pattern="*/*", script=worker.script_name, opts=own)
    after = pulumi.ResourceOptions(provider=provider, depends_on=[fallback, route])
    cf.CustomHostnameFallbackOrigin("origin", zone_id=zone, origin=fallback.name, opts=after)
    hostname = cf.CustomHostname("own", zone_id=zone, hostname="www.program-of-the-test.com", ssl=ssl(), opts=after)
    value = json.dumps({"t": "1", "v": version}, sort_keys=True)
    cf.WorkersKv(
        "host", account_id=account, namespace_id=routing.id, key_name="h:anna", value=value,
        opts=pulumi.ResourceOptions(provider=provider, depends_on=[hostname]),
    )  # fmt: skip
    pulumi.export("status", hostname.status)
    pulumi.export("etag", worker.etag)


def lifecycle(version: int) -> cf.R2BucketLifecycleRuleArgs:
    age = cf.R2BucketLifecycleRuleDeleteObjectsTransitionConditionArgs(type="Age", max_age=86400 * version)
    return cf.R2BucketLifecycleRuleArgs(
        id="trash",
        enabled=True,
        conditions=cf.R2BucketLifecycleRuleConditionsArgs(prefix="trash/"),
        delete_objects_transition=cf.R2BucketLifecycleRuleDeleteObjectsTransitionArgs(condition=age),
    )


def script(
    settings: dict[str, Any], version: int, routing: Any, sites: Any, own: pulumi.ResourceOptions
) -> cf.WorkersScript:
    binding = cf.WorkersScriptBindingArgs
    return cf.WorkersScript(
        "worker",
        account_id=settings["account"],
        script_name="program-worker",
        main_module="index.mjs",
        content=f"export default {{ fetch: () => new Response('{version}') }}",
        compatibility_date="2026-07-01",
        bindings=[
            binding(name="KEY", type="secret_text", text=pulumi.Output.secret(settings["secret"])),
            binding(name="ROUTING", type="kv_namespace", namespace_id=routing.id),
            binding(name="SITES", type="r2_bucket", bucket_name=sites.name, jurisdiction="eu"),
        ],
        observability=cf.WorkersScriptObservabilityArgs(enabled=True, head_sampling_rate=1),
        opts=own,
    )


def ssl() -> cf.CustomHostnameSslArgs:
    settings = cf.CustomHostnameSslSettingsArgs(min_tls_version="1.2", http2="on", tls13="on")
    return cf.CustomHostnameSslArgs(
        method="txt",
        type="dv",
        certificate_authority="google",
        bundle_method="ubiquitous",
        wildcard=False,
        settings=settings,
    )
