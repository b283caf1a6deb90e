"""Values of a KV namespace: read and written in the very store that the Workers' bindings use."""

import base64
import json
from typing import Annotated, Any

from pydantic import Field
from starlette.datastructures import UploadFile
from starlette.responses import Response
from starlette.routing import BaseRoute

from sandbox.cloudflare.bodies import Body, read_list
from sandbox.cloudflare.envelope import ApiError, Result
from sandbox.cloudflare.kv_lag import Lag, Write
from sandbox.cloudflare.kv_namespaces import BAD_BODY, namespace
from sandbox.cloudflare.operation import Api, Call
from sandbox.edge.client import NotThere

LONGEST_KEY = 512
LONGEST_VALUE = 25 * 1024 * 1024
LONGEST_METADATA = 1024
SHORTEST_TTL = 60
MOST_IN_BULK = 10_000
MISSING = ApiError(404, 10009, "get: 'key not found'")


class Pair(Body):
    key: str
    value: str
    base64: bool = False
    expiration: Annotated[int, Field(gt=0)] | None = None
    expiration_ttl: int | None = None
    metadata: Any = None


def routes(api: Api) -> list[BaseRoute]:
    base = "/accounts/{account_id}/storage/kv/namespaces/{id}"
    area = "Workers KV Storage"
    return [
        api.route(f"{base}/keys", area, GET=keys),
        api.route(f"{base}/bulk", area, PUT=bulk_write, DELETE=bulk_delete),
        api.route(f"{base}/bulk/delete", area, POST=bulk_delete),
        api.route(f"{base}/metadata/{{key:path}}", area, GET=metadata),
        api.route(f"{base}/values/{{key:path}}", area, GET=get, PUT=put, DELETE=delete),
    ]


async def get(call: Call) -> Any:
    store, key = await _store(call), _key(call)
    waiting = Lag(call.cloud).waiting(store, key)
    if waiting is not None:
        if waiting.remove:
            raise MISSING
        return Response(waiting.content, media_type="application/octet-stream")
    try:
        found = await (await call.cloud.stores()).call("GET", "/kv", query={"store": store, "key": key})
    except NotThere as error:
        raise MISSING from error
    return Response(found.content, media_type="application/octet-stream")


async def metadata(call: Call) -> Any:
    store, key = await _store(call), _key(call)
    waiting = Lag(call.cloud).waiting(store, key)
    if waiting is not None and not waiting.remove:
        return waiting.options.get("metadata")
    try:
        found = await (await call.cloud.stores()).call("GET", "/kv/metadata", query={"store": store, "key": key})
    except NotThere as error:
        raise MISSING from error
    return found.json()["metadata"]


async def put(call: Call) -> Any:
    store, key = await _store(call), _key(call)
    content, extra = await _content(call)
    options = _expiry(call.query.get("expiration"), call.query.get("expiration_ttl"))
    if extra is not None:
        options["metadata"] = extra
    await _write(call, [Write(store, key, content=content, options=options)])


async def delete(call: Call) -> Any:
    await _write(call, [Write(await _store(call), _key(call), remove=True)])


async def keys(call: Call) -> Result:
    limit = call.query.get("limit", "1000")
    if not limit.isdigit() or not 10 <= int(limit) <= 1000:
        raise ApiError(400, 10011, "limit must be at least 10 and at most 1000")
    query = {"store": await _store(call), "limit": limit}
    query |= {name: call.query[name] for name in ("prefix", "cursor") if call.query.get(name)}
    page = (await (await call.cloud.stores()).call("GET", "/kv/list", query=query)).json()
    info = {"count": len(page["keys"]), "cursor": page.get("cursor", "")}
    return Result(page["keys"], info=info)


async def bulk_write(call: Call) -> Any:
    store = await _store(call)
    pairs: list[Pair] = await read_list(call, Pair, code=BAD_BODY)
    _check_bulk(len(pairs))
    return await _bulk(call, [_write_of(store, pair) for pair in pairs])


async def bulk_delete(call: Call) -> Any:
    store = await _store(call)
    names: list[str] = await read_list(call, str, code=BAD_BODY)
    _check_bulk(len(names))
    return await _bulk(call, [Write(store, _checked_key(name), remove=True) for name in names])


async def _bulk(call: Call, writes: list[Write]) -> dict[str, Any]:
    partial = call.fault("partial")
    done = writes[: len(writes) // 2] if partial else writes
    await _write(call, done)
    return {"successful_key_count": len(done), "unsuccessful_keys": [write.key for write in writes[len(done) :]]}


async def _write(call: Call, writes: list[Write]) -> None:
    lag = call.fault("kv_lag")
    if lag is not None:
        Lag(call.cloud).hold(writes, lag.seconds)
        return
    Lag(call.cloud).forget(writes)
    for store, batch in Lag.by_store(writes).items():
        await (await call.cloud.stores()).call("POST", "/kv/bulk", query={"store": store}, body=batch)


def _write_of(store: str, pair: Pair) -> Write:
    try:
        content = base64.b64decode(pair.value, validate=True) if pair.base64 else pair.value.encode()
    except ValueError as error:
        raise ApiError(400, BAD_BODY, f"value of {pair.key} is not base64") from error
    options = _expiry(pair.expiration, pair.expiration_ttl)
    if pair.metadata is not None:
        options["metadata"] = pair.metadata
    return Write(store, _checked_key(pair.key), content=content, options=options)


async def _store(call: Call) -> str:
    return await call.cloud.deployer.namespace_store(namespace(call)["id"])


def _key(call: Call) -> str:
    return _checked_key(call.params["key"])


def _checked_key(key: str) -> str:
    if not key or key in {".", ".."}:
        raise ApiError(400, BAD_BODY, "key names must not be empty, '.' or '..'")
    if len(key.encode()) > LONGEST_KEY:
        raise ApiError(
            414, 10029, f"UTF-8 encoded length of {len(key.encode())} exceeds key length limit of {LONGEST_KEY}"
        )
    return key


async def _content(call: Call) -> tuple[bytes, Any]:
    if not call.request.headers.get("content-type", "").startswith("multipart/form-data"):
        return _checked_value(await call.request.body()), None
    async with call.request.form(max_part_size=LONGEST_VALUE + 1) as form:
        if "value" not in form or set(form) - {"value", "metadata"}:
            raise ApiError(400, BAD_BODY, "the form needs a part named value and may have one named metadata")
        content, extra = await _part(form["value"]), form.get("metadata")
        return _checked_value(content), None if extra is None else _metadata(await _part(extra))


async def _part(part: UploadFile | str) -> bytes:
    return part.encode() if isinstance(part, str) else await part.read()


def _checked_value(content: bytes) -> bytes:
    if len(content) > LONGEST_VALUE:
        raise ApiError(413, 10020, f"value is larger than {LONGEST_VALUE} bytes")
    return content


def _metadata(text: bytes) -> Any:
    if len(text) > LONGEST_METADATA:
        raise ApiError(413, 10030, f"metadata is longer than {LONGEST_METADATA} bytes")
    try:
        return json.loads(text)
    except ValueError as error:
        raise ApiError(400, 10032, "metadata must be valid JSON") from error


def _expiry(expiration: str | int | None, ttl: str | int | None) -> dict[str, Any]:
    try:
        options = {"expiration": int(expiration)} if expiration is not None else {}
        options |= {"expirationTtl": int(ttl)} if ttl is not None else {}
    except ValueError as error:
        raise ApiError(400, 10033, "expiration must be a number of seconds") from error
    if options.get("expirationTtl", SHORTEST_TTL) < SHORTEST_TTL:
        raise ApiError(400, 10034, f"expiration_ttl must be at least {SHORTEST_TTL} seconds")
    return options


def _check_bulk(count: int) -> None:
    if not 0 < count <= MOST_IN_BULK:
        raise ApiError(400, BAD_BODY, f"between 1 and {MOST_IN_BULK} entries are needed")
