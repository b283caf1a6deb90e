"""Bindings of a script: their shapes, and whether what they name exists."""

from typing import Annotated, Any, Literal

from pydantic import Field

from sandbox.cloudflare.bodies import Body
from sandbox.cloudflare.cipher import Cipher
from sandbox.cloudflare.envelope import ApiError
from sandbox.cloudflare.operation import Doc
from sandbox.kit import Store

Name = Annotated[str, Field(pattern=r"^[A-Za-z_$][A-Za-z0-9_$]*$")]
MOST_BINDINGS = 128
LONGEST_TEXT = 5 * 1024


class PlainText(Body):
    type: Literal["plain_text"]
    name: Name
    text: Annotated[str, Field(max_length=LONGEST_TEXT)]


class SecretText(Body):
    type: Literal["secret_text"]
    name: Name
    text: Annotated[str, Field(max_length=LONGEST_TEXT)]


class Json(Body):
    type: Literal["json"]
    name: Name
    json_: Annotated[Any, Field(alias="json")]


class KvNamespace(Body):
    type: Literal["kv_namespace"]
    name: Name
    namespace_id: str


class R2Bucket(Body):
    type: Literal["r2_bucket"]
    name: Name
    bucket_name: str
    jurisdiction: Literal["default", "eu", "fedramp", "us"] = "default"


class Service(Body):
    type: Literal["service"]
    name: Name
    service: str
    entrypoint: str | None = None
    environment: str | None = None


class Simple(Body):
    limit: Annotated[int, Field(gt=0)]
    period: Literal[10, 60]


class RateLimit(Body):
    type: Literal["ratelimit"]
    name: Name
    namespace_id: str
    simple: Simple


class VersionMetadata(Body):
    type: Literal["version_metadata"]
    name: Name


class Inherit(Body):
    type: Literal["inherit"]
    name: Name
    old_name: str | None = None


Binding = Annotated[
    PlainText | SecretText | Json | KvNamespace | R2Bucket | Service | RateLimit | VersionMetadata | Inherit,
    Field(discriminator="type"),
]


def resolve(
    given: list[Body], earlier: list[Doc], *, keep: list[str], strict: bool, cipher: Cipher
) -> list[Doc]:  # fmt: skip
    """As stored: secrets sealed, inherited ones copied, sorted by name."""
    by_name = {binding["name"]: binding for binding in earlier}
    docs = [_sealed(binding.model_dump(by_alias=True, exclude_none=True), by_name, strict, cipher) for binding in given]
    found = [doc for doc in docs if doc is not None]
    names = [doc["name"] for doc in found]
    if len(names) != len(set(names)) or len(names) > MOST_BINDINGS:
        raise ApiError(400, 10021, f"binding names must be unique and at most {MOST_BINDINGS}")
    found += [doc for doc in earlier if doc["type"] in keep and doc["name"] not in names]
    return sorted(found, key=lambda doc: str(doc["name"]))


def check_targets(store: Store, bindings: list[Doc], *, script: str, exports: dict[str, list[str]]) -> None:
    """`exports`: of the script itself, which may be bound to itself."""
    for binding in bindings:
        if binding["type"] == "kv_namespace" and store.get("kv_namespace", binding["namespace_id"]) is None:
            raise ApiError(400, 10041, f"KV namespace '{binding['namespace_id']}' not found.")
        if binding["type"] == "r2_bucket" and _bucket(store, binding) is None:
            raise ApiError(400, 10085, f"R2 bucket '{binding['bucket_name']}' not found.")
        if binding["type"] == "service":
            _check_service(store, binding, script, exports)


def public(bindings: list[Doc]) -> list[Doc]:
    """As Cloudflare answers them: no text of a secret, no jurisdiction that goes without saying."""
    hidden = {("secret_text", "text", None), ("r2_bucket", "jurisdiction", "default")}
    return [
        {
            name: value
            for name, value in binding.items()
            if not {(binding["type"], name, None), (binding["type"], name, str(value))} & hidden
        }
        for binding in bindings
    ]


def _bucket(store: Store, binding: Doc) -> Doc | None:
    return store.get("bucket", f"{binding['jurisdiction']}/{binding['bucket_name']}")


def _check_service(store: Store, binding: Doc, script: str, exports: dict[str, list[str]]) -> None:
    target = store.get("script", binding["service"])
    if binding["service"] == script:
        known = exports
    elif target is None:
        raise ApiError(
            400,
            10144,
            f"Service binding '{binding['name']}' references Worker '{binding['service']}' which was not found.",
        )
    else:
        known = target["exports"]
    wanted = binding.get("entrypoint", "default")
    if wanted not in known:
        message = f"Worker '{binding['service']}' has no entrypoint '{wanted}' (binding '{binding['name']}')."
        raise ApiError(400, 10144, message)


def _sealed(doc: Doc, earlier: dict[str, Doc], strict: bool, cipher: Cipher) -> Doc | None:
    if doc["type"] == "secret_text":
        return {**doc, "text": cipher.seal(doc["text"])}
    if doc["type"] != "inherit":
        return doc
    kept = earlier.get(str(doc.get("old_name", doc["name"])))
    if kept is None and strict:
        raise ApiError(400, 10021, f"binding '{doc['name']}' cannot be inherited: the last version has none")
    return None if kept is None else {**kept, "name": doc["name"]}
