"""Where requests for custom hostnames go when no route takes them; one per zone."""

from datetime import timedelta
from typing import Any

from starlette.routing import BaseRoute

from sandbox.cloudflare.bodies import Body, read
from sandbox.cloudflare.cloud import moment
from sandbox.cloudflare.custom_hostnames import AREA, BAD_BODY
from sandbox.cloudflare.dns_rules import is_host
from sandbox.cloudflare.envelope import ApiError
from sandbox.cloudflare.operation import Api, Call, Doc


class Origin(Body):
    origin: str


def routes(api: Api) -> list[BaseRoute]:
    return [api.route("/zones/{zone_id}/custom_hostnames/fallback_origin", AREA, GET=get, PUT=put, DELETE=delete)]


async def get(call: Call) -> Any:
    return _shown(call, _fallback(call))


async def put(call: Call) -> Any:
    origin, zone = (await read(call, Origin, code=BAD_BODY)).origin.lower().rstrip("."), call.zone
    if not is_host(origin) or not origin.endswith(f".{zone['name']}"):
        raise ApiError(400, 1450, f"The fallback origin must be a hostname in {zone['name']}.")
    if not _is_proxied(call, zone, origin):
        raise ApiError(400, 1451, f"The fallback origin {origin} needs a proxied DNS record.")
    now, known = call.cloud.now(), call.cloud.store.get("fallback_origin", zone["id"])
    created = known["created_at"] if known else now
    doc = {"origin": origin, "created_at": created, "updated_at": now, "zone_id": zone["id"], "errors": []}
    return _shown(call, call.cloud.store.put("fallback_origin", zone["id"], doc))


async def delete(call: Call) -> Any:
    doc = _fallback(call)
    call.cloud.store.delete("fallback_origin", call.zone["id"])
    return {**_shown(call, doc), "status": "pending_deletion"}


def _fallback(call: Call) -> Doc:
    found = call.cloud.store.get("fallback_origin", call.zone["id"])
    if found is None:
        raise ApiError(404, 1551, "Resource not found: the zone has no fallback origin.")
    return found


def _shown(call: Call, doc: Doc) -> Doc:
    ready = call.cloud.clock.now() - moment(doc["updated_at"]) >= timedelta(seconds=call.cloud.delays.initializing)
    visible = {name: value for name, value in doc.items() if name != "zone_id"}
    return {**visible, "status": "active" if ready else "initializing"}


def _is_proxied(call: Call, zone: Doc, origin: str) -> bool:
    names = {record["name"] for record in call.cloud.store.all("dns_record", zone_id=zone["id"]) if record["proxied"]}
    labels = origin.split(".")
    return origin in names or any(".".join(["*", *labels[cut:]]) in names for cut in range(1, len(labels)))
