"""R2 buckets."""

import re
from typing import Any, Literal

from starlette.routing import BaseRoute

from sandbox.cloudflare.attached_domains import detach
from sandbox.cloudflare.bodies import Body, read
from sandbox.cloudflare.cloud import new_id
from sandbox.cloudflare.envelope import ApiError, Result
from sandbox.cloudflare.operation import Api, Call, Doc
from sandbox.kit import Store

BAD_BODY = 10040
AREA = "Workers R2 Storage"
BASE = "/accounts/{account_id}/r2/buckets"
NAME = re.compile(r"^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$")
JURISDICTIONS = frozenset({"default", "eu", "fedramp", "us"})
MISSING = ApiError(404, 10006, "The specified bucket does not exist.")

Location = Literal["apac", "eeur", "enam", "weur", "wnam", "oc"]
StorageClass = Literal["Standard", "InfrequentAccess"]


class NewBucket(Body):
    name: str
    locationHint: Location | None = None
    storageClass: StorageClass = "Standard"


def routes(api: Api) -> list[BaseRoute]:
    return [
        api.route(BASE, AREA, GET=listing, POST=create),
        api.route(f"{BASE}/{{bucket}}", AREA, GET=get, PATCH=change, DELETE=delete),
    ]


async def listing(call: Call) -> Result:
    """By cursor: the name of the last bucket of the page before."""
    wanted = jurisdiction(call)
    found = sorted(call.cloud.store.all("bucket", jurisdiction=wanted), key=lambda bucket: str(bucket["name"]))
    size = int(call.query["per_page"]) if call.query.get("per_page", "").isdigit() else 20
    after, part = call.query.get("cursor", call.query.get("start_after", "")), call.query.get("name_contains", "")
    rest = [shown(bucket) for bucket in found if bucket["name"] > after and part in bucket["name"]]
    page = rest[: min(size, 1000)]
    info = {"cursor": page[-1]["name"], "per_page": size} if len(rest) > len(page) else {"per_page": size}
    return Result({"buckets": page}, info=info)


async def create(call: Call) -> Any:
    body, where = await read(call, NewBucket, code=BAD_BODY), jurisdiction(call)
    if not NAME.match(body.name):
        raise ApiError(400, 10005, "The specified bucket name is not valid.")
    if call.cloud.store.get("bucket", f"{where}/{body.name}") is not None:
        raise ApiError(409, 10004, "The bucket you tried to create already exists, and you own it.")
    doc = {
        "name": body.name, "creation_date": call.cloud.now(), "location": (body.locationHint or "weur").upper(),
        "storage_class": body.storageClass, "jurisdiction": where, "uid": new_id()[:12], "bound": False, "moved": False,
    }  # fmt: skip
    return shown(save(call.cloud.store, doc))


async def get(call: Call) -> Any:
    return shown(bucket_of(call))


async def change(call: Call) -> Any:
    wanted = call.request.headers.get("cf-r2-storage-class", "")
    if wanted not in ("Standard", "InfrequentAccess"):
        raise ApiError(400, BAD_BODY, "header cf-r2-storage-class must be Standard or InfrequentAccess")
    return shown(save(call.cloud.store, {**bucket_of(call), "storage_class": wanted}))


async def delete(call: Call) -> Any:
    bucket = bucket_of(call)
    place = await call.cloud.deployer.bucket_place(bucket)
    page = await (await call.cloud.stores()).call("GET", "/r2/list", query={**place.list_query(""), "limit": "1"})
    if call.fault("not_empty") or page.json()["objects"]:
        message = f"The bucket you tried to delete ({bucket['name']}) is not empty"
        raise ApiError(409, 10008, message)
    for domain in call.cloud.store.all("attached_domain", target=key_of(bucket)):
        detach(call.cloud, domain)
    with call.cloud.store.transaction():
        for kind in ("lifecycle", "lock", "cors"):
            call.cloud.store.delete(f"bucket_{kind}", key_of(bucket))
        call.cloud.store.delete("bucket", key_of(bucket))
    return {}


def jurisdiction(call: Call) -> str:
    wanted = call.request.headers.get("cf-r2-jurisdiction", "default") or "default"
    if wanted not in JURISDICTIONS:
        raise ApiError(400, 10036, f"Invalid jurisdiction {wanted}")
    return wanted


def bucket_of(call: Call) -> Doc:
    """A bucket of another jurisdiction is as good as none."""
    found = call.cloud.store.get("bucket", f"{jurisdiction(call)}/{call.params['bucket']}")
    if found is None:
        raise MISSING
    return found


def key_of(bucket: Doc) -> str:
    return f"{bucket['jurisdiction']}/{bucket['name']}"


def save(store: Store, bucket: Doc) -> Doc:
    return store.put("bucket", key_of(bucket), bucket)


def shown(bucket: Doc) -> Doc:
    return {name: value for name, value in bucket.items() if name not in {"uid", "bound", "moved"}}
