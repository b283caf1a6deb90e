"""Workers scripts: an upload is accepted when workerd has started it and everything it is bound to exists."""

import hashlib
import json
import re
import uuid
from typing import Any

from starlette.routing import BaseRoute

from sandbox.cloudflare.bindings import check_targets, resolve
from sandbox.cloudflare.cloud import Cloud
from sandbox.cloudflare.deployer import bind
from sandbox.cloudflare.envelope import ApiError
from sandbox.cloudflare.operation import Api, Call, Doc
from sandbox.cloudflare.render import worker
from sandbox.cloudflare.script_upload import Upload, read_upload
from sandbox.edge import ConfigRefused

AREA = "Workers Scripts"
BASE = "/accounts/{account_id}/workers/scripts"
NAME = re.compile(r"^[a-z0-9][a-z0-9_-]{0,62}$")
MOST_SCRIPTS = 500
HANDLERS = frozenset({"fetch", "scheduled", "queue", "email", "tail", "trace", "test"})
NOT_FOUND = ApiError(404, 10007, "This Worker does not exist on your account.")
OLDEST_DATE = "2021-11-02"  # what Cloudflare takes when none is given


def routes(api: Api) -> list[BaseRoute]:
    return [
        api.route(BASE, AREA, GET=listing),
        api.route(f"{BASE}/{{name}}", AREA, PUT=upload, DELETE=delete),
    ]


async def listing(call: Call) -> Any:
    return [summary(script) for script in call.cloud.store.all("script")]


async def upload(call: Call) -> Any:
    name = call.params["name"]
    if not NAME.match(name):
        raise ApiError(400, 10016, f"Invalid Worker name: {name}")
    body = await read_upload(call)
    earlier = call.cloud.store.get("script", name)
    if earlier is None and len(call.cloud.store.all("script")) >= MOST_SCRIPTS:
        raise ApiError(403, 10037, f"You have exceeded the limit of {MOST_SCRIPTS} Workers on your account.")
    script = _draft(call, name, body, earlier)
    exports, started = await _inspected(call.cloud, script)
    script |= {"exports": exports, "startup_time_ms": started}
    check_targets(call.cloud.store, script["bindings"], script=name, exports=exports)
    _check_dependents(call.cloud, name, exports)
    await _install(call.cloud, script, earlier)
    return summary(script)


async def delete(call: Call) -> Any:
    script, store = script_of(call), call.cloud.store
    users = [other["name"] for other in store.all("script") if _uses(other, script["name"])]
    if users and call.query.get("force") != "true":
        raise ApiError(409, 10064, f"This Worker is referenced by service bindings of: {', '.join(users)}.")
    store.delete("script", script["name"])
    await call.cloud.deployer.deploy()
    return None


def script_of(call: Call) -> Doc:
    found = call.cloud.store.get("script", call.params["name"])
    if found is None:
        raise NOT_FOUND
    return found


def summary(script: Doc) -> Doc:
    entrypoints = [{"name": name, "handlers": known} for name, known in sorted(script["exports"].items())]
    default = script["exports"].get("default", [])
    return {
        "id": script["name"], "etag": script["etag"], "created_on": script["created_on"],
        "modified_on": script["modified_on"], "handlers": [name for name in default if name in HANDLERS],
        "named_handlers": [entry for entry in entrypoints if entry["name"] != "default"], "has_assets": False,
        "has_modules": True, "startup_time_ms": script["startup_time_ms"], "usage_model": script["usage_model"],
        "compatibility_date": script["compatibility_date"], "compatibility_flags": script["compatibility_flags"],
        "logpush": script["logpush"], "tags": script["tags"], "deployment_id": script["version_id"].replace("-", ""),
    }  # fmt: skip


def _draft(call: Call, name: str, body: Upload, earlier: Doc | None) -> Doc:
    cloud, metadata, now = call.cloud, body.metadata, call.cloud.now()
    strict = call.query.get("bindings_inherit") == "strict"
    known = earlier["bindings"] if earlier else []
    bindings = resolve(list(metadata.bindings), known, keep=metadata.keep_bindings, strict=strict, cipher=cloud.cipher)
    fields = metadata.model_dump(exclude={"bindings", "keep_bindings"}, exclude_none=True)
    fields.setdefault("compatibility_date", OLDEST_DATE)
    return {
        **fields, "name": name, "modules": body.modules, "bindings": bindings, "version_id": str(uuid.uuid4()),
        "etag": _etag(body.modules), "created_on": earlier["created_on"] if earlier else now, "modified_on": now,
        "subdomain": earlier["subdomain"] if earlier else {"enabled": False, "previews_enabled": False},
    }  # fmt: skip


def _etag(modules: list[Doc]) -> str:
    return hashlib.sha256(json.dumps(modules, sort_keys=True).encode()).hexdigest()


async def _inspected(cloud: Cloud, script: Doc) -> tuple[dict[str, list[str]], int]:
    try:
        found = await cloud.edge.inspect(worker(cloud.store, cloud.cipher, script, {script["name"]}))
    except ConfigRefused as error:
        raise ApiError(400, 10021, str(error)) from error
    exports = {export["name"]: export["handlers"] for export in found["exports"]}
    if not exports:
        raise ApiError(400, 10068, "The uploaded script has no registered event handlers.")
    return exports, int(found["startup_ms"])


def _check_dependents(cloud: Cloud, name: str, exports: dict[str, list[str]]) -> None:
    """workerd would not start at all with a binding to an entrypoint that has gone."""
    for other in cloud.store.all("script"):
        if other["name"] != name:
            for binding in other["bindings"]:
                wanted = binding.get("entrypoint", "default")
                if binding["type"] == "service" and binding["service"] == name and wanted not in exports:
                    message = f"Worker '{other['name']}' is bound to the entrypoint '{wanted}' of this Worker."
                    raise ApiError(400, 10021, message)


async def _install(cloud: Cloud, script: Doc, earlier: Doc | None) -> None:
    store = cloud.store
    with store.transaction():
        store.put("script", script["name"], script)
        for binding in script["bindings"]:
            if binding["type"] == "r2_bucket":
                bucket = store.get("bucket", f"{binding['jurisdiction']}/{binding['bucket_name']}")
                assert bucket is not None
                bind(store, bucket)
    try:
        await cloud.deployer.deploy()
    except ConfigRefused as error:
        _take_back(cloud, script, earlier)
        raise ApiError(400, 10021, str(error)) from error


def _take_back(cloud: Cloud, script: Doc, earlier: Doc | None) -> None:
    if earlier is None:
        cloud.store.delete("script", script["name"])
    else:
        cloud.store.put("script", script["name"], earlier)


def _uses(other: Doc, name: str) -> bool:
    bound = any(binding["type"] == "service" and binding["service"] == name for binding in other["bindings"])
    return bound and other["name"] != name
