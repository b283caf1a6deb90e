"""Workers KV: namespaces, and single keys in them."""

import json

from sandbox.plugins.cloudflare.api import segment
from sandbox.plugins.cloudflare.multipart import Part
from sandbox.plugins.cloudflare.objects import account, api, body, made, outputs
from sandbox.plugins.schema import Call, Resource, json_text, number, text
from sandbox.plugins.values import Doc


def _namespaces(call: Call) -> str:
    return f"/accounts/{segment(call.known('accountId'))}/storage/kv/namespaces"


def _create_namespace(call: Call) -> Doc:
    title = call.inputs["title"]

    def find() -> Doc | None:
        listed = api(call).get(_namespaces(call), query={"per_page": 100, "order": "title"})
        return next((namespace for namespace in listed if namespace["title"] == title), None)

    result = made(lambda: api(call).call("POST", _namespaces(call), {"title": title}), find)
    call.id = result["id"]
    return outputs(call, result)


def _read_namespace(call: Call) -> Doc:
    result = api(call).get(f"{_namespaces(call)}/{segment(call.id)}")
    return {"accountId": call.known("accountId"), **outputs(call, result)}


def _update_namespace(call: Call) -> Doc:
    return outputs(call, api(call).call("PUT", f"{_namespaces(call)}/{segment(call.id)}", body(call, "accountId")))


def _delete_namespace(call: Call) -> None:
    api(call).call("DELETE", f"{_namespaces(call)}/{segment(call.id)}")


def _entry(call: Call, kind: str = "values") -> str:
    return f"{_namespaces(call)}/{segment(call.known('namespaceId'))}/{kind}/{segment(call.known('keyName'))}"


def _write(call: Call) -> Doc:
    parts = [Part("value", call.inputs["value"].encode())]
    if call.inputs.get("metadata"):
        parts.append(Part("metadata", call.inputs["metadata"].encode()))
    lifetime = {"expiration": call.inputs.get("expiration"), "expiration_ttl": call.inputs.get("expirationTtl")}
    query = {key: int(value) for key, value in lifetime.items() if value is not None}
    api(call).call("PUT", _entry(call), parts=parts, query=query)
    return {}


def _read_entry(call: Call) -> Doc:
    value = api(call).raw(_entry(call)).body.decode()
    metadata = api(call).get(_entry(call, "metadata"))
    names = {key: call.known(key) for key in ("accountId", "namespaceId", "keyName", "expiration", "expirationTtl")}
    return {**names, "value": value, "metadata": json.dumps(metadata) if metadata else None}


def _delete_entry(call: Call) -> None:
    api(call).call("DELETE", _entry(call))


RESOURCES = (
    Resource(
        token="cloudflare:index/workersKvNamespace:WorkersKvNamespace",
        inputs={"accountId": account(), "title": text(required=True)},
        outputs=("supportsUrlEncoding",),
        natural=("accountId", "title"),
        imports="accountId/id",
        create=_create_namespace,
        read=_read_namespace,
        update=_update_namespace,
        delete=_delete_namespace,
    ),
    Resource(
        token="cloudflare:index/workersKv:WorkersKv",
        inputs={
            "accountId": account(),
            "namespaceId": text(required=True, replaces=True),
            "keyName": text(required=True, replaces=True),
            "value": text(required=True),
            "metadata": json_text(),
            "expiration": number(),
            "expirationTtl": number(),
        },
        natural=("namespaceId", "keyName"),
        imports="accountId/namespaceId/keyName",
        identity=lambda doc: str(doc["keyName"]),
        create=_write,
        read=_read_entry,
        update=_write,
        delete=_delete_entry,
    ),
)
