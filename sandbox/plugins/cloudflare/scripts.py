"""Workers: the script with everything that is uploaded with it."""

import base64
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sandbox.plugins.cloudflare import bindings, multipart
from sandbox.plugins.cloudflare.api import segment
from sandbox.plugins.cloudflare.multipart import Part
from sandbox.plugins.cloudflare.objects import account, api, outputs
from sandbox.plugins.failures import Invalid
from sandbox.plugins.schema import Call, Property, Resource, flag, many, mapping, number, obj, some, text
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import decode, encode, snake

_MODULE, _SCRIPT = "application/javascript+module", "application/javascript"
_ANNOTATIONS = {
    "workersMessage": text(wire="workers/message"),
    "workersTag": text(wire="workers/tag"),
    "workersTriggeredBy": text(wire="workers/triggered_by", computed=True),
}
_LOGS = {
    "enabled": flag(required=True),
    "invocationLogs": flag(required=True),
    "headSamplingRate": number(computed=True),
    "destinations": many(text()),
    "persist": flag(computed=True),
}
_TRACES = {
    "enabled": flag(computed=True),
    "headSamplingRate": number(computed=True),
    "destinations": many(text()),
    "persist": flag(computed=True),
    "propagationPolicy": text(computed=True),
}
_OBSERVABILITY = {
    "enabled": flag(required=True),
    "headSamplingRate": number(computed=True),
    "logs": obj(_LOGS, computed=True),
    "traces": obj(_TRACES, computed=True),
}
_FILE = {"contentType": text(required=True), "contentBase64": text(), "contentFile": text(), "contentSha256": text()}

# sent in the upload's metadata, and answered by the settings of the script
_METADATA: dict[str, Property] = {
    "annotations": obj(_ANNOTATIONS, computed=True),
    "compatibilityDate": text(computed=True),
    "compatibilityFlags": some(text(), computed=True),
    "limits": obj({"cpuMs": number(), "subrequests": number()}),
    "logpush": flag(computed=True),
    "observability": obj(_OBSERVABILITY, computed=True),
    "placement": obj({"mode": text(), "region": text(), "host": text(), "hostname": text()}, computed=True),
    "tailConsumers": many(obj({"service": text(required=True), "environment": text(), "namespace": text()})),
    "usageModel": text(choices=("standard", "bundled", "unbound"), computed=True),
}
# sent, and never answered
_UPLOAD_ONLY: dict[str, Property] = {
    "mainModule": text(),
    "bodyPart": text(),
    "keepBindings": some(text()),
}
_LOCAL: dict[str, Property] = {
    "content": text(),
    "contentFile": text(local=True),
    "contentSha256": text(),
    "contentType": text(local=True),
    "files": mapping(obj(_FILE), local=True),
    "bindingsInherit": text(choices=("strict",), local=True),
    "force": flag(local=True),
}
_ANSWERED = (
    "createdOn", "etag", "handlers", "hasAssets", "hasModules", "lastDeployedFrom", "migrationTag", "modifiedOn",
    "placementMode", "placementStatus", "startupTimeMs",
)  # fmt: skip


def _script(call: Call, kind: str = "scripts") -> str:
    return f"/accounts/{segment(call.known('accountId'))}/workers/{kind}/{segment(call.known('scriptName'))}"


def _upload(call: Call) -> Doc:
    inputs = call.inputs
    metadata = encode({**_METADATA, **_UPLOAD_ONLY}, inputs, snake)
    metadata["bindings"] = bindings.sent(inputs.get("bindings", []))
    parts = [*_modules(inputs), Part("metadata", json.dumps(metadata).encode(), content_type="application/json")]
    query = {"bindings_inherit": inputs["bindingsInherit"]} if inputs.get("bindingsInherit") else None
    result = api(call).call("PUT", _script(call), parts=parts, query=query)
    return {**_named(call, result), **{key: inputs.get(key) for key in _METADATA if key in inputs}}


def _named(call: Call, result: Doc) -> Doc:
    found = outputs(call, result)
    handlers = result.get("named_handlers")
    if handlers is not None:
        found["namedHandlers"] = [{"name": each.get("name"), "handlers": each.get("handlers")} for each in handlers]
    return {key: value for key, value in found.items() if key in (*_ANSWERED, "namedHandlers")}


def _modules(inputs: Doc) -> Iterable[Part]:
    main = inputs.get("mainModule") or inputs.get("bodyPart") or "worker.js"
    kind = inputs.get("contentType") or (_MODULE if inputs.get("mainModule") else _SCRIPT)
    yield Part(main, _content(inputs, inputs.get("content")), filename=main, content_type=kind)
    for name, file in sorted((inputs.get("files") or {}).items()):
        encoded = file.get("contentBase64")
        content = _content(file, base64.b64decode(encoded) if encoded else None)
        yield Part(name, content, filename=name, content_type=file["contentType"])


def _content(source: Doc, inline: str | bytes | None) -> bytes:
    path = source.get("contentFile")
    if path is None:
        return inline.encode() if isinstance(inline, str) else inline or b""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise Invalid(f"contentFile cannot be read: {error.strerror}") from error
    wanted = source.get("contentSha256")
    if wanted and hashlib.sha256(content).hexdigest() != wanted:
        raise Invalid("contentFile does not have the contentSha256 that was declared")
    return content


def _read(call: Call) -> Doc:
    service = api(call).get(_script(call, "services"))
    settings = api(call).get(_script(call) + "/settings")
    answer = api(call).raw(_script(call) + "/content/v2")
    script = ((service or {}).get("default_environment") or {}).get("script") or {}
    names = {key: call.known(key) for key in ("accountId", "scriptName", *_UPLOAD_ONLY)}
    found = {**names, **_kept(call), **_named(call, script), **decode(_METADATA, settings, snake)}
    found["bindings"] = bindings.received(settings.get("bindings") or [], call.known("bindings") or [])
    content = _main_module(multipart.read(answer.body, answer.headers.get("content-type", "")), names)
    return {**found, **_measured(call, content)}


def _kept(call: Call) -> Doc:
    """Only the upload answers these."""
    return {key: call.state.get(key) for key in ("startupTimeMs", "limits", "annotations")}


def _main_module(parts: list[Part], names: Doc) -> bytes:
    wanted = names.get("mainModule") or names.get("bodyPart")
    named = (part.content for part in parts if wanted in {part.name, part.filename})
    return next(named, parts[0].content if parts else b"")


def _measured(call: Call, content: bytes) -> Doc:
    if call.known("contentFile"):
        return {"contentSha256": hashlib.sha256(content).hexdigest()}
    return {"content": content.decode(errors="replace"), "contentSha256": call.known("contentSha256")}


def _delete(call: Call) -> None:
    query = {"force": "true"} if call.known("force") else None
    api(call).call("DELETE", _script(call), query=query)


def _sources(inputs: Doc) -> Iterable[tuple[str, str]]:
    if "content" in inputs and "contentFile" in inputs:
        yield "content", "give either content or contentFile"
    if "contentFile" in inputs and "contentSha256" not in inputs:
        yield "contentSha256", "contentFile needs contentSha256"
    if "content" not in inputs and "contentFile" not in inputs:
        yield "content", "a script needs content or contentFile"


def _put_subdomain(call: Call) -> Doc:
    wanted = encode({"enabled": flag(), "previewsEnabled": flag()}, call.inputs, snake)
    return _subdomain(call, api(call).call("POST", _script(call) + "/subdomain", wanted))


def _subdomain(call: Call, result: Any) -> Doc:
    names = {key: call.known(key) for key in ("accountId", "scriptName")}
    return {**names, **outputs(call, result)}


def _read_subdomain(call: Call) -> Doc:
    return _subdomain(call, api(call).get(_script(call) + "/subdomain"))


def _delete_subdomain(call: Call) -> None:
    api(call).call("DELETE", _script(call) + "/subdomain")


_NAMES = {"accountId": account(), "scriptName": text(required=True, replaces=True)}

RESOURCES = (
    Resource(
        token="cloudflare:index/workersScript:WorkersScript",
        inputs={**_NAMES, **_METADATA, **_UPLOAD_ONLY, **_LOCAL, "bindings": some(obj(bindings.FIELDS))},
        outputs=(*_ANSWERED, "namedHandlers"),
        volatile=("etag", "modifiedOn", "startupTimeMs", "handlers", "namedHandlers"),
        natural=("scriptName",),
        imports="accountId/scriptName",
        identity=lambda doc: str(doc["scriptName"]),
        create=_upload,
        read=_read,
        update=_upload,
        delete=_delete,
        rules=_sources,
    ),
    Resource(
        token="cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain",
        inputs={**_NAMES, "enabled": flag(required=True), "previewsEnabled": flag(computed=True)},
        natural=("scriptName",),
        imports="accountId/scriptName",
        identity=lambda doc: str(doc["scriptName"]),
        create=_put_subdomain,
        read=_read_subdomain,
        update=_put_subdomain,
        delete=_delete_subdomain,
    ),
)
