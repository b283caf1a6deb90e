"""R2 buckets and the rules on them."""

from collections.abc import Callable

from sandbox.plugins.cloudflare.api import segment
from sandbox.plugins.cloudflare.objects import account, api, made
from sandbox.plugins.schema import Call, Property, Resource, flag, many, number, obj, some, text
from sandbox.plugins.values import Doc

_LOCATIONS = ("apac", "eeur", "enam", "weur", "wnam", "oc")
_PLACES = (*_LOCATIONS, *map(str.upper, _LOCATIONS))
_CLASSES = ("Standard", "InfrequentAccess")


def _same_place(one: str, other: str) -> bool:
    """The API answers in capitals."""
    return one.lower() == other.lower()


def _jurisdiction() -> Property:
    return text(default="default", choices=("default", "eu", "fedramp", "us"), replaces=True)


def _buckets(call: Call) -> str:
    return f"/accounts/{segment(call.known('accountId'))}/r2/buckets"


def _headers(call: Call) -> dict[str, str]:
    jurisdiction = call.known("jurisdiction") or "default"
    return {} if jurisdiction == "default" else {"cf-r2-jurisdiction": jurisdiction}


def _bucket(call: Call) -> str:
    return f"{_buckets(call)}/{segment(call.known('name') or call.id)}"


def _create(call: Call) -> Doc:
    named = {"name": "name", "location": "locationHint", "storageClass": "storageClass"}
    wanted = {wire: call.inputs[key] for key, wire in named.items() if key in call.inputs}

    def find() -> Doc | None:
        return _get(call)

    return _outputs(call, made(lambda: api(call).call("POST", _buckets(call), wanted, headers=_headers(call)), find))


def _get(call: Call) -> Doc:
    result: Doc = api(call).get(_bucket(call), headers=_headers(call))
    return result


def _outputs(call: Call, result: Doc) -> Doc:
    found = {
        "accountId": call.known("accountId"),
        "name": result.get("name"),
        "creationDate": result.get("creation_date"),
        "jurisdiction": result.get("jurisdiction") or call.known("jurisdiction"),
        "storageClass": result.get("storage_class"),
    }
    location, known = result.get("location"), call.known("location")
    same = known and location and known.lower() == location.lower()
    return {**found, "location": known if same else location}


def _read(call: Call) -> Doc:
    return _outputs(call, _get(call))


def _update(call: Call) -> Doc:
    headers = {**_headers(call), "cf-r2-storage-class": call.inputs["storageClass"]}
    return _outputs(call, api(call).call("PATCH", _bucket(call), headers=headers))


def _delete(call: Call) -> None:
    api(call).call("DELETE", _bucket(call), headers=_headers(call))


def _rules_path(call: Call, kind: str) -> str:
    return f"{_buckets(call)}/{segment(call.known('bucketName'))}/{kind}"


def _put_rules(kind: str) -> Callable[[Call], Doc]:
    def put(call: Call) -> Doc:
        wanted = {"rules": call.inputs.get("rules", [])}
        api(call).call("PUT", _rules_path(call, kind), wanted, headers=_headers(call))
        return {}

    return put


def _read_rules(kind: str) -> Callable[[Call], Doc]:
    def read(call: Call) -> Doc:
        result = api(call).get(_rules_path(call, kind), headers=_headers(call))
        names = {key: call.known(key) for key in ("accountId", "bucketName", "jurisdiction")}
        return {**names, "rules": (result or {}).get("rules") or []}

    return read


def _keep_rules(call: Call) -> None:
    """Cloudflare has no call for this: the rules stay in force until they are replaced by none."""
    del call


def _delete_cors(call: Call) -> None:
    api(call).call("DELETE", _rules_path(call, "cors"), headers=_headers(call))


def _rules_resource(token: str, kind: str, rule: Property, delete: Callable[[Call], None]) -> Resource:
    names = {"accountId": account(), "bucketName": text(required=True, replaces=True), "jurisdiction": _jurisdiction()}
    return Resource(
        token=token,
        inputs={**names, "rules": many(rule)},
        natural=("bucketName",),
        imports="accountId/bucketName/jurisdiction?",
        identity=lambda doc: str(doc["bucketName"]),
        create=_put_rules(kind),
        read=_read_rules(kind),
        update=_put_rules(kind),
        delete=delete,
    )


_WHEN = {"type": text(required=True, choices=("Age", "Date")), "maxAge": number(), "date": text()}
_ABORT_WHEN = {"type": text(required=True, choices=("Age",)), "maxAge": number(required=True)}
_CLASS_CHANGE = {
    "condition": obj(_WHEN, required=True),
    "storageClass": text(required=True, choices=("InfrequentAccess",)),
}


_LIFECYCLE_RULE = obj(
    {
        "id": text(required=True),
        "enabled": flag(required=True),
        "conditions": obj({"prefix": text(required=True)}, required=True),
        "abortMultipartUploadsTransition": obj({"condition": obj(_ABORT_WHEN)}),
        "deleteObjectsTransition": obj({"condition": obj(_WHEN)}),
        "storageClassTransitions": many(obj(_CLASS_CHANGE)),
    }
)
_LOCK_RULE = obj(
    {
        "id": text(required=True),
        "enabled": flag(required=True),
        "prefix": text(default=""),
        "condition": obj({"type": text(required=True), "maxAgeSeconds": number(), "date": text()}, required=True),
    }
)
_CORS_RULE = obj(
    {
        "id": text(),
        "allowed": obj(
            {
                "methods": some(text(), required=True),
                "origins": some(text(), required=True),
                "headers": some(text()),
            },
            required=True,
        ),
        "exposeHeaders": some(text()),
        "maxAgeSeconds": number(),
    }
)

RESOURCES = (
    Resource(
        token="cloudflare:index/r2Bucket:R2Bucket",
        inputs={
            "accountId": account(),
            "name": text(required=True, replaces=True),
            "jurisdiction": _jurisdiction(),
            "location": text(choices=_PLACES, computed=True, replaces=True, alike=_same_place),
            "storageClass": text(default="Standard", choices=_CLASSES),
        },
        outputs=("creationDate",),
        natural=("name",),
        imports="accountId/name/jurisdiction?",
        identity=lambda doc: str(doc["name"]),
        create=_create,
        read=_read,
        update=_update,
        delete=_delete,
    ),
    _rules_resource(
        "cloudflare:index/r2BucketLifecycle:R2BucketLifecycle", "lifecycle", _LIFECYCLE_RULE, delete=_keep_rules
    ),
    _rules_resource("cloudflare:index/r2BucketLock:R2BucketLock", "lock", _LOCK_RULE, delete=_keep_rules),
    _rules_resource("cloudflare:index/r2BucketCors:R2BucketCors", "cors", _CORS_RULE, delete=_delete_cors),
)
