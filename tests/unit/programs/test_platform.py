"""The platform program: what it makes, what the Workers are bound to, and what is secret."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from programs import bindings, platform
from programs.specs import PlatformSpec

SPEC = PlatformSpec(
    env="test",
    account_id="a" * 32,
    sites_zone="sites.example",
    sites_zone_id="z" * 32,
    portal_zone="portal.example",
    portal_zone_id="y" * 32,
    control_url="https://control.portal.example",
    ops_jwks='{"keys":[]}',
    platform_from="Sites <post@portal.example>",
    base_url="http://127.0.0.1:1/client/v4",
)
SECRETS = {name: f"secret {name}" for name in bindings.secret_names()}


@pytest.fixture
def made(run: Any) -> Any:
    return run(platform.build, SPEC, SECRETS)


def bound(made: Any, worker: str) -> dict[str, Mapping[str, Any]]:
    return {one["name"]: one for one in made.named(f"w-{worker}")["bindings"]}


def test_makes_exactly_these_resources(made: Any) -> None:
    workers = {f"w-{name}": "WorkersScript" for name in ("customer", "billing", "mailer", "domain", "core")}
    assert made.kinds() == {
        "cf": "cloudflare",
        **{f"kv-{name}": "WorkersKvNamespace" for name in ("routing", "sessions", "mail")},
        **{f"r2-{name}": "R2Bucket" for name in ("sites", "inbox")},
        **{f"r2-{name}-lc": "R2BucketLifecycle" for name in ("sites", "inbox")},
        **workers,
        **{f"{name}-dev": "WorkersScriptSubdomain" for name in workers},
        **{f"dns-{name}": "DnsRecord" for name in ("wild", "fallback", "customers", "app", "ops")},
        **{f"rt-{name}": "WorkersRoute" for name in ("sites", "app", "ops")},
        "fallback": "CustomHostnameFallbackOrigin",
    }


def test_keeps_no_credential_in_the_provider(made: Any) -> None:
    assert made.named("cf") == {"baseUrl": SPEC.base_url}
    providers = {one.provider for name, one in made.resources.items() if name != "cf"}
    assert len(providers) == 1
    assert "::cf::" in providers.pop()


def test_binds_each_worker_as_declared(made: Any) -> None:
    for worker in bindings.workers():
        found = bound(made, worker.name)
        assert list(found) == sorted(one.name for one in worker.bindings)
        assert {name: one["type"] for name, one in found.items()} == {one.name: one.type for one in worker.bindings}


def test_gives_domain_nothing_but_the_form_entrypoint(made: Any) -> None:
    services = [one for one in bound(made, "domain").values() if one["type"] == "service"]
    assert services == [
        {"name": "FORMS", "type": "service", "service": "sp-test-mailer", "entrypoint": "FormsEntrypoint"}
    ]
    secrets = {
        worker.name: {b.ref for b in worker.bindings if b.type == "secret_text"} for worker in bindings.workers()
    }
    assert secrets["domain"] == {"preview_key"}
    assert secrets["customer"] == set()


def test_binds_the_buckets_where_they_lie(made: Any) -> None:
    assert bound(made, "customer")["SITES"]["bucketName"] == "sp-test-sites"
    assert bound(made, "customer")["SITES"]["jurisdiction"] == "eu"
    assert made.named("r2-sites-lc")["jurisdiction"] == "eu"
    assert bound(made, "core")["ROUTING"]["namespaceId"] == "kv-routing-id"
    assert bound(made, "domain")["RL_FORM_IP"]["simple"] == {"limit": 5, "period": 60}


def test_gives_scripts_by_file_and_hash(made: Any) -> None:
    core = made.named("w-core")
    assert core["contentFile"].endswith("programs/edge/built/core.mjs")
    assert core["contentSha256"] == next(one.sha256 for one in bindings.workers() if one.name == "core")
    assert core["compatibilityDate"] == bindings.compatibility_date()
    assert made.named("w-core-dev")["enabled"] is False
    assert made.named("w-core-dev")["previewsEnabled"] is False


def test_keeps_bindings_with_secrets_secret(made: Any) -> None:
    sealed = {worker.name for worker in bindings.workers() if "bindings" in made.sealed(f"w-{worker.name}")}
    assert sealed == {"core", "domain", "mailer", "billing"}
    assert bound(made, "billing")["STRIPE_KEY"]["text"] == SECRETS["stripe_key"]


def test_refuses_to_run_without_a_secret(run: Any) -> None:
    with pytest.raises(ValueError, match="needs the secret stripe_key"):
        run(platform.build, SPEC, {**SECRETS, "stripe_key": ""})


def test_routes_both_zones_and_nothing_more(made: Any) -> None:
    routes = {name: made.named(name) for name in ("rt-sites", "rt-app", "rt-ops")}
    assert routes["rt-sites"] == {"zoneId": SPEC.sites_zone_id, "pattern": "*/*", "script": "sp-test-domain"}
    assert routes["rt-app"]["pattern"] == "app.portal.example/*"
    assert routes["rt-ops"]["script"] == "sp-test-core"
    assert made.named("dns-customers")["content"] == "fallback.sites.example"


def test_tells_the_workers_where_they_are(run: Any) -> None:
    spec = replace(SPEC, public_scheme="http", public_port="8730")
    made = run(platform.build, spec, SECRETS)
    assert json.loads(bound(made, "core")["PORTAL_ORIGINS"]["text"]) == ["http://app.portal.example:8730"]
    assert bound(made, "domain")["PUBLIC_PORT"]["text"] == "8730"
    assert made.outputs["ops_url"] == "http://ops.portal.example:8730/ops/v1"


def test_hands_out_what_tenant_stacks_need(made: Any) -> None:
    assert made.outputs["kv_routing_id"] == "kv-routing-id"
    assert made.outputs["cname_target"] == "customers.sites.example"
    assert set(made.outputs["script_sha"]) == {"customer", "billing", "mailer", "domain", "core"}
    assert not any(secret in str(made.outputs) for secret in SECRETS.values())
