"""Which script answers for which host and path of a zone."""

from typing import Any

from starlette.routing import BaseRoute

from sandbox.cloudflare.bodies import Body, read
from sandbox.cloudflare.cloud import new_id
from sandbox.cloudflare.envelope import ApiError, Result
from sandbox.cloudflare.operation import Api, Call, Doc
from sandbox.cloudflare.paging import page_of
from sandbox.cloudflare.patterns import Pattern

BAD_BODY = 10026


class RouteBody(Body):
    pattern: str
    script: str | None = None


def routes(api: Api) -> list[BaseRoute]:
    base = "/zones/{zone_id}/workers/routes"
    return [
        api.route(base, "Workers Routes", GET=listing, POST=create),
        api.route(f"{base}/{{id}}", "Workers Routes", GET=get, PUT=replace, DELETE=delete),
    ]


async def listing(call: Call) -> Result:
    return page_of(call, [shown(route) for route in call.cloud.store.all("route", zone_id=call.zone["id"])], most=1000)


async def create(call: Call) -> Any:
    body = await read(call, RouteBody, code=BAD_BODY)
    return _save(call, {"id": new_id(), "zone_id": call.zone["id"], **body.model_dump()})


async def get(call: Call) -> Any:
    return shown(_route(call))


async def replace(call: Call) -> Any:
    known, body = _route(call), await read(call, RouteBody, code=BAD_BODY)
    return _save(call, {**known, **body.model_dump()})


async def delete(call: Call) -> Any:
    route = _route(call)
    call.cloud.store.delete("route", route["id"])
    call.cloud.deployer.table_changed()
    return {"id": route["id"]}


def shown(route: Doc) -> Doc:
    return {name: value for name, value in route.items() if name != "zone_id" and value is not None}


def _save(call: Call, route: Doc) -> Doc:
    store = call.cloud.store
    customs = {host["hostname"] for host in store.all("custom_hostname", zone_id=route["zone_id"])}
    if not Pattern.parse(route["pattern"]).fits(call.zone["name"], customs):
        raise ApiError(400, 10022, f"invalid_pattern: {route['pattern']} is not in zone {call.zone['name']}")
    if route["script"] is not None and store.get("script", route["script"]) is None:
        raise ApiError(404, 10007, "workers.api.error.script_not_found")
    twin = store.first("route", zone_id=route["zone_id"], pattern=route["pattern"])
    if twin is not None and twin["id"] != route["id"]:
        raise ApiError(409, 10020, "workers.api.error.duplicate_route")
    store.put("route", route["id"], route)
    call.cloud.deployer.table_changed()
    return shown(route)


def _route(call: Call) -> Doc:
    route = call.cloud.store.get("route", call.params["id"])
    if route is None or route["zone_id"] != call.zone["id"]:
        raise ApiError(404, 10009, "workers.api.error.route_not_found")
    return route
