"""Every Cloudflare resource type from preview to deletion, on the emulator."""

import hashlib
from collections.abc import Iterator

import httpx
import pytest

from sandbox.plugins.providers import provider
from tests.contract.cloudflare.harness import Emulator
from tests.contract.plugins.client import Doc, Plugin, lifecycle, secret
from tests.contract.plugins.world import Example, World

NEEDS: dict[str, tuple[str, Doc]] = {
    "bucket": ("index/r2Bucket:R2Bucket", {"accountId": "<account>", "name": "needed", "jurisdiction": "eu"}),
    "space": ("index/workersKvNamespace:WorkersKvNamespace", {"accountId": "<account>", "title": "needed"}),
    "script": (
        "index/workersScript:WorkersScript",
        {"accountId": "<account>", "scriptName": "needed", "mainModule": "index.mjs", "content": "<module>"},
    ),
    "origin": (
        "index/dnsRecord:DnsRecord",
        {
            "zoneId": "<zone>",
            "name": "fallback.localhost",
            "type": "AAAA",
            "content": "100::",
            "ttl": 1,
            "proxied": True,
        },
    ),
}
SCRIPT = {
    "accountId": "<account>",
    "scriptName": "sp-test-core",
    "mainModule": "index.mjs",
    "contentFile": "<file>",
    "contentSha256": "<sha>",
    "compatibilityDate": "2026-07-01",
    "bindings": [
        {"name": "KEY", "type": "secret_text", "text": secret("hush")},
        {"name": "ROUTING", "type": "kv_namespace", "namespaceId": "<space>"},
        {"name": "SITES", "type": "r2_bucket", "bucketName": "<bucket>", "jurisdiction": "eu"},
        {"name": "SITES_ZONE", "type": "plain_text", "text": "localhost"},
    ],
    "observability": {"enabled": True, "headSamplingRate": 1},
    "bindingsInherit": "strict",
}
RULES = {"accountId": "<account>", "bucketName": "<bucket>", "jurisdiction": "eu"}
ABORT = {
    "id": "abort",
    "enabled": True,
    "conditions": {"prefix": ""},
    "abortMultipartUploadsTransition": {"condition": {"type": "Age", "maxAge": 86400}},
}
EXPIRE = {
    "id": "expire",
    "enabled": True,
    "conditions": {"prefix": "exports/"},
    "deleteObjectsTransition": {"condition": {"type": "Age", "maxAge": 2592000}},
}
SSL = {
    "method": "txt",
    "type": "dv",
    "certificateAuthority": "google",
    "bundleMethod": "ubiquitous",
    "wildcard": False,
    "settings": {"minTlsVersion": "1.2", "http2": "on", "tls13": "on"},
}
HOSTNAME = {"zoneId": "<zone>", "hostname": "www.shop-of-the-test.com", "ssl": SSL}
RECORD = {"zoneId": "<zone>", "name": "app.localhost", "type": "AAAA", "content": "100::", "ttl": 1, "proxied": True}

EXAMPLES = [
    Example(
        "index/r2Bucket:R2Bucket",
        {"accountId": "<account>", "name": "vault-of-anna", "jurisdiction": "eu", "location": "weur"},
        {
            "accountId": "<account>",
            "name": "vault-of-anna",
            "jurisdiction": "eu",
            "location": "weur",
            "storageClass": "InfrequentAccess",
        },
    ),
    Example(
        "index/r2BucketLifecycle:R2BucketLifecycle",
        {**RULES, "rules": [ABORT]},
        {**RULES, "rules": [ABORT, EXPIRE]},
        stays=True,
    ),
    Example(
        "index/r2BucketLock:R2BucketLock",
        {
            **RULES,
            "rules": [
                {"id": "hold", "enabled": True, "prefix": "a/", "condition": {"type": "Age", "maxAgeSeconds": 60}}
            ],
        },
        {**RULES, "rules": []},
        stays=True,
    ),
    Example(
        "index/r2BucketCors:R2BucketCors",
        {**RULES, "rules": [{"allowed": {"methods": ["PUT"], "origins": ["https://a.example"]}}]},
        {
            **RULES,
            "rules": [{"allowed": {"methods": ["GET"], "origins": ["*"], "headers": ["etag"]}, "maxAgeSeconds": 60}],
        },
    ),
    Example(
        "index/workersKvNamespace:WorkersKvNamespace",
        {"accountId": "<account>", "title": "sp-test-routing"},
        {"accountId": "<account>", "title": "sp-test-routes"},
    ),
    Example(
        "index/workersKv:WorkersKv",
        {"accountId": "<account>", "namespaceId": "<space>", "keyName": "h:anna.localhost", "value": '{"t":"1"}'},
        {"accountId": "<account>", "namespaceId": "<space>", "keyName": "h:anna.localhost", "value": '{"t":"2"}'},
    ),
    Example(
        "index/workersScript:WorkersScript",
        SCRIPT,
        {**SCRIPT, "observability": {"enabled": False}, "bindings": SCRIPT["bindings"][:3]},
        unreadable=frozenset(
            {"bindings", "bindingsInherit", "content", "contentFile", "contentSha256", "mainModule", "observability"}
        ),
        lacks=("placementStatus", "migrationTag", "placementMode", "lastDeployedFrom"),
    ),
    Example(
        "index/workersScriptSubdomain:WorkersScriptSubdomain",
        {"accountId": "<account>", "scriptName": "<script>", "enabled": False, "previewsEnabled": False},
        {"accountId": "<account>", "scriptName": "<script>", "enabled": True, "previewsEnabled": False},
        stays=True,
    ),
    Example(
        "index/workersRoute:WorkersRoute",
        {"zoneId": "<zone>", "pattern": "app.localhost/*", "script": "<script>"},
        {"zoneId": "<zone>", "pattern": "ops.localhost/*", "script": "<script>"},
    ),
    Example(
        "index/dnsRecord:DnsRecord",
        RECORD,
        {**RECORD, "content": "100::1", "comment": "changed"},
        lacks=("commentModifiedOn", "tagsModifiedOn"),
    ),
    Example("index/customHostname:CustomHostname", HOSTNAME, {**HOSTNAME, "ssl": {**SSL, "method": "http"}}),
    Example(
        "index/customHostnameFallbackOrigin:CustomHostnameFallbackOrigin",
        {"zoneId": "<zone>", "origin": "<origin.name>"},
    ),
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("cloudflare")
    emulator = Emulator(folder / "home").start()
    plugin = Plugin(
        "cloudflare",
        {"apiToken": secret(emulator.secrets["cloudflare_api_token"]), "baseUrl": f"{emulator.url}/client/v4"},
    )
    module = folder / "index.mjs"
    module.write_text("export default { fetch() { return new Response('hello') } }")
    sha = hashlib.sha256(module.read_bytes()).hexdigest()
    given = {
        "account": first(emulator, "accounts"),
        "zone": first(emulator, "zones?name=localhost"),
        "file": str(module),
        "sha": sha,
        "module": module.read_text(),
    }
    yield World(plugin, "cloudflare", NEEDS, given)
    plugin.close()
    emulator.stop()
    emulator.process = None


def first(emulator: Emulator, path: str) -> str:
    found = httpx.get(f"{emulator.url}/client/v4/{path}", headers=emulator.headers(), trust_env=False).json()
    return str(found["result"][0]["id"])


def test_every_type_has_an_example() -> None:
    assert {example.token("cloudflare") for example in EXAMPLES} == {
        each.token for each in provider("cloudflare").resources()
    }


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.type)
def test_lifecycle(world: World, example: Example) -> None:
    first, second = world.fill(example.first), world.fill(example.second)
    ended = lifecycle(
        world.plugin, example.token("cloudflare"), first, second, stays=example.stays, unreadable=example.unreadable
    )
    assert set(provider("cloudflare").resource(ended.type).outputs) - set(ended.plain) <= set(example.lacks)
