"""R2 objects through the REST API, in the same stores that the Workers' bindings use."""

import json
import tempfile
from typing import Any
from urllib.parse import quote, unquote

import httpx
from starlette.background import BackgroundTask
from starlette.responses import StreamingResponse
from starlette.routing import BaseRoute

from sandbox.cloudflare.ages import Ages
from sandbox.cloudflare.bodies import read_list
from sandbox.cloudflare.buckets import AREA, BAD_BODY, BASE, bucket_of
from sandbox.cloudflare.envelope import ApiError, Result
from sandbox.cloudflare.locks import Locks
from sandbox.cloudflare.operation import Api, Call, Doc
from sandbox.cloudflare.places import Place
from sandbox.edge.client import NotThere, StoreError

LARGEST = 300 * 1024 * 1024
IN_MEMORY = 1 << 20
LONGEST_KEY = 1024
MOST_AT_ONCE = 1000
HTTP_METADATA = {
    "content-type": "contentType", "content-disposition": "contentDisposition", "content-encoding": "contentEncoding",
    "content-language": "contentLanguage", "cache-control": "cacheControl",
}  # fmt: skip
NO_KEY = (404, 10007, "The specified key does not exist.")


def routes(api: Api) -> list[BaseRoute]:
    base = f"{BASE}/{{bucket}}/objects"
    return [
        api.route(base, AREA, GET=listing, DELETE=delete_many),
        api.route(f"{base}/{{key:path}}", AREA, GET=get, PUT=put, DELETE=delete),
    ]


async def listing(call: Call) -> Result:
    place, query = await _place(call), call.query
    size = int(query.get("per_page", "20")) if query.get("per_page", "20").isdigit() else 0
    if not 1 <= size <= MOST_AT_ONCE:
        raise ApiError(400, BAD_BODY, f"per_page must be from 1 to {MOST_AT_ONCE}")
    asked = {**place.list_query(query.get("prefix", "")), "limit": str(size)}
    asked |= {name: query[name] for name in ("cursor", "delimiter") if query.get(name)}
    if query.get("start_after"):
        asked["start_after"] = place.inside(query["start_after"])
    page = await _listed(call, asked)
    info = {"cursor": page.get("cursor", ""), "is_truncated": page["truncated"], "per_page": size}
    if "delimiter" in asked:
        info["delimited"] = [place.outside(prefix) for prefix in page["delimitedPrefixes"]]
    return Result([_shown(place, found) for found in page["objects"]], info=info)


async def get(call: Call) -> Any:
    place = await _place(call)
    try:
        found = await (await call.cloud.stores()).open("/r2", query=place.object_query(_key(call)))
    except NotThere as error:
        raise ApiError(*NO_KEY) from error
    kept = {name: value for name, value in found.headers.items() if name in {*HTTP_METADATA, "etag", "last-modified"}}
    kept["content-length"] = str(_description(found)["size"])
    return StreamingResponse(found.aiter_raw(), headers=kept, background=BackgroundTask(found.aclose))


async def put(call: Call) -> Any:
    bucket, place, key = bucket_of(call), await _place(call), _key(call)
    await Locks(call.cloud).check(bucket, place, [key])
    headers = call.request.headers
    metadata = {field: headers[name] for name, field in HTTP_METADATA.items() if name in headers}
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as body:
        size = await _receive(call, body)
        Ages(call.cloud.clock, call.cloud.store).note_shift()
        sent = {"content-length": str(size), "x-http-metadata": quote(json.dumps(metadata))}
        stores = await call.cloud.stores()
        stored = await stores.call("PUT", "/r2", query=place.object_query(key), body=body, headers=sent)
    await call.cloud.deployer.settle(bucket, place)
    return _shown(place, stored.json())


async def delete(call: Call) -> Any:
    bucket, place, key = bucket_of(call), await _place(call), _key(call)
    await Locks(call.cloud).check(bucket, place, [key])
    try:
        await (await call.cloud.stores()).call("DELETE", "/r2", query=place.object_query(key))
    except NotThere as error:
        raise ApiError(*NO_KEY) from error
    return {"key": key}


async def delete_many(call: Call) -> Result:
    """Partial failure is an answer 200 whose `success` is false."""
    bucket, place = bucket_of(call), await _place(call)
    keys: list[str] = await read_list(call, str, code=BAD_BODY)
    if not 1 <= len(keys) <= MOST_AT_ONCE:
        raise ApiError(400, BAD_BODY, f"between 1 and {MOST_AT_ONCE} keys are needed")
    await Locks(call.cloud).check(bucket, place, keys)
    spared = keys[len(keys) // 2 :] if call.fault("partial") else []
    names = json.dumps([place.inside(key) for key in keys if key not in spared])
    answer = await (await call.cloud.stores()).call("POST", "/r2/delete", query={"store": place.store}, body=names)
    missing = [place.outside(key) for key in answer.json()["missing"]]
    errors = [{"code": NO_KEY[1], "message": f"{NO_KEY[2]} ({key})"} for key in missing]
    errors += [{"code": 10001, "message": f"Internal error, please try again. ({key})"} for key in spared]
    gone = [{"key": key} for key in keys if key not in missing and key not in spared]
    return Result(gone, errors=errors, success=not errors)


async def _place(call: Call) -> Place:
    return await call.cloud.deployer.bucket_place(bucket_of(call))


async def _listed(call: Call, asked: dict[str, str]) -> Doc:
    try:
        page: Doc = (await (await call.cloud.stores()).call("GET", "/r2/list", query=asked)).json()
    except StoreError as error:
        raise ApiError(400, BAD_BODY, str(error)) from error
    return page


def _shown(place: Place, found: Doc) -> Doc:
    return {
        "key": place.outside(found["key"]), "size": found["size"], "etag": found["etag"], "version": found["version"],
        "last_modified": found["uploaded"], "http_metadata": found["http_metadata"],
        "custom_metadata": found["custom_metadata"], "storage_class": "Standard",
    }  # fmt: skip


def _description(response: httpx.Response) -> Doc:
    described: Doc = json.loads(unquote(response.headers["x-object"]))
    return described


def _key(call: Call) -> str:
    key = call.params["key"]
    if not key or len(key.encode()) > LONGEST_KEY:
        raise ApiError(400, 10020, "The specified object name is not valid.")
    return key


async def _receive(call: Call, body: Any) -> int:
    size = 0
    async for chunk in call.request.stream():
        size += len(chunk)
        if size > LARGEST:
            raise ApiError(413, 10063, "The object is larger than 300 MiB; use the S3 API.")
        body.write(chunk)
    return size
