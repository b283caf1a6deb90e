"""The store as the edge's configuration: every script with exactly its bindings."""

from typing import Any

from sandbox.cloudflare.cipher import Cipher
from sandbox.cloudflare.operation import Doc
from sandbox.cloudflare.places import SHELF
from sandbox.edge import EdgeConfig
from sandbox.kit import Store

GONE = "__gone"  # what a binding reaches whose target was deleted by force
_GONE_SOURCE = "export default { fetch() { throw new Error('the bound Worker was deleted'); } };"


def edge_config(store: Store, cipher: Cipher) -> EdgeConfig:
    scripts = store.all("script")
    names = {str(script["name"]) for script in scripts}
    return EdgeConfig(
        workers=[worker(store, cipher, script, names) for script in scripts] + [_gone()],
        namespaces=[namespace["id"] for namespace in store.all("kv_namespace")],
        buckets=[SHELF, *(bucket["uid"] for bucket in store.all("bucket") if bucket["bound"])],
    )


def worker(store: Store, cipher: Cipher, script: Doc, names: set[str]) -> dict[str, Any]:
    return {
        "name": script["name"],
        "main": script["main_module"],
        "modules": script["modules"],
        "compatibility_date": script["compatibility_date"],
        "compatibility_flags": script["compatibility_flags"],
        "bindings": [_bound(store, cipher, script, binding, names) for binding in script["bindings"]],
    }


def _bound(store: Store, cipher: Cipher, script: Doc, binding: Doc, names: set[str]) -> Doc:
    kind = binding["type"]
    if kind == "secret_text":
        return {**binding, "text": cipher.open(binding["text"])}
    if kind == "r2_bucket":
        bucket = store.get("bucket", f"{binding['jurisdiction']}/{binding['bucket_name']}")
        return {**binding, "bucket": bucket["uid"] if bucket else "gone"}
    if kind == "service" and binding["service"] not in names:
        return {"type": "service", "name": binding["name"], "service": GONE}
    if kind == "version_metadata":
        return {**binding, "version": {"id": script["version_id"], "tag": "", "timestamp": script["modified_on"]}}
    return binding


def _gone() -> dict[str, Any]:
    source = {"name": "gone.mjs", "type": "ESModule", "text": _GONE_SOURCE}
    return {
        "name": GONE, "main": "gone.mjs", "modules": [source], "compatibility_date": "2026-07-01",
        "compatibility_flags": [], "bindings": [],
    }  # fmt: skip
