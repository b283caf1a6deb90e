"""Workers KV namespaces."""

from typing import Any

from starlette.routing import BaseRoute

from sandbox.cloudflare.bodies import Body, read
from sandbox.cloudflare.cloud import new_id
from sandbox.cloudflare.envelope import ApiError, Result
from sandbox.cloudflare.operation import Api, Call, Doc
from sandbox.cloudflare.paging import page_of
from sandbox.edge.client import NotThere

BAD_BODY = 10012
LONGEST_TITLE = 512


class Title(Body):
    title: str = ""


def routes(api: Api) -> list[BaseRoute]:
    base = "/accounts/{account_id}/storage/kv/namespaces"
    return [
        api.route(base, "Workers KV Storage", GET=listing, POST=create),
        api.route(f"{base}/{{id}}", "Workers KV Storage", GET=get, PUT=rename, DELETE=delete),
    ]


async def listing(call: Call) -> Result:
    return page_of(call, call.cloud.store.all("kv_namespace"), most=1000)


async def create(call: Call) -> Any:
    title = await _new_title(call)
    doc: Doc = {"id": new_id(), "title": title, "supports_url_encoding": True}
    return call.cloud.store.put("kv_namespace", doc["id"], doc)


async def get(call: Call) -> Any:
    return namespace(call)


async def rename(call: Call) -> Any:
    known = namespace(call)
    title = await _new_title(call, known)
    return call.cloud.store.put("kv_namespace", known["id"], {**known, "title": title})


async def delete(call: Call) -> Any:
    known = namespace(call)
    stores = await call.cloud.stores()
    try:
        await stores.call("POST", "/kv/purge", query={"store": f"KV:{known['id']}"})
    except NotThere:
        pass  # never used, so it never came into the edge's configuration
    call.cloud.store.delete("kv_namespace", known["id"])
    return None


def namespace(call: Call) -> Doc:
    found = call.cloud.store.get("kv_namespace", call.params["id"])
    if found is None:
        raise ApiError(404, 10013, "namespace not found")
    return found


async def _new_title(call: Call, known: Doc | None = None) -> str:
    title = (await read(call, Title, code=BAD_BODY)).title
    if not title.strip():
        raise ApiError(400, 10019, "title is required")
    if len(title) > LONGEST_TITLE:
        raise ApiError(400, BAD_BODY, f"title is longer than {LONGEST_TITLE} characters")
    taken = call.cloud.store.first("kv_namespace", title=title)
    if taken is not None and (known is None or taken["id"] != known["id"]):
        raise ApiError(400, 10014, "a namespace with this account ID and title already exists")
    return title
