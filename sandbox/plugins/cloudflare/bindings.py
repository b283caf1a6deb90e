"""What a Worker is bound to: names in the table, in the upload, and in Cloudflare's answers."""

import json

from sandbox.plugins.schema import Property, json_text, many, number, obj, some, text
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import decode, encode, snake

_TEXTS = (
    "algorithm", "appId", "bucketName", "certificateId", "className", "databaseId", "dataset", "destinationAddress",
    "dispatchNamespace", "entrypoint", "environment", "format", "id", "indexName", "instanceName", "keyBase64",
    "keyJwk", "namespace", "namespaceId", "networkId", "oldName", "part", "pipeline", "queueName", "scriptName",
    "secretName", "service", "serviceId", "storeId", "stream", "text", "tunnelId", "versionId", "workflowName",
)  # fmt: skip
_WORKER = {"environment": text(), "service": text()}

FIELDS: dict[str, Property] = {
    "name": text(required=True),
    "type": text(required=True),
    **{key: text() for key in _TEXTS},
    "jurisdiction": text(computed=True),
    "json": json_text(),
    "allowedDestinationAddresses": many(text()),
    "allowedSenderAddresses": many(text()),
    "outbound": obj({"params": many(text()), "worker": obj(_WORKER)}),
    "retry": obj({"maxAttempts": number(), "timeoutMs": number()}),
    "simple": obj(
        {"limit": number(required=True), "period": number(required=True), "mitigationTimeout": number(computed=True)}
    ),
    "usages": some(text()),
}
# the API never returns these; what was last written is what holds
_WRITE_ONLY = ("text", "keyBase64", "keyJwk")


def sent(bindings: list[Doc]) -> list[Doc]:
    """The metadata's list; a `json` binding carries the value, not its text."""
    found = [encode(FIELDS, binding, snake) for binding in bindings]
    return [{**each, "json": json.loads(each["json"])} if isinstance(each.get("json"), str) else each for each in found]


def received(answered: list[Doc], before: list[Doc]) -> list[Doc]:
    """The bindings as they are, in the order and the spelling they had where nothing changed."""
    actual = {binding["name"]: _readable(binding) for binding in answered}
    kept = [_restored(actual.pop(known["name"]), known) for known in before if known["name"] in actual]
    return kept + list(actual.values())


def _readable(binding: Doc) -> Doc:
    found = decode(FIELDS, binding, snake)
    if "json" in found:
        found["json"] = json.dumps(found["json"], sort_keys=True, separators=(",", ":"))
    return found


def _restored(actual: Doc, known: Doc) -> Doc:
    if actual.get("type") != known.get("type"):
        return actual
    hidden = {key: known[key] for key in _WRITE_ONLY if key in known and key not in actual}
    full = {**actual, **hidden}
    return known if all(_same(key, full.get(key), value) for key, value in known.items()) else full


def _same(key: str, actual: object, known: object) -> bool:
    if key == "json" and isinstance(actual, str) and isinstance(known, str):
        return bool(json.loads(actual) == json.loads(known))
    return actual == known
