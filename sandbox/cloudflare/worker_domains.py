"""A whole hostname for one Worker, without a route."""

from typing import Any

from starlette.routing import BaseRoute

from sandbox.cloudflare.attached_domains import attach, detach, zone_for
from sandbox.cloudflare.bodies import Body, read
from sandbox.cloudflare.cloud import new_id
from sandbox.cloudflare.envelope import ApiError
from sandbox.cloudflare.operation import Api, Call, Doc
from sandbox.cloudflare.scripts import AREA, NOT_FOUND

BAD_BODY = 10026
ORIGIN = "worker"


class Domain(Body):
    hostname: str
    service: str
    zone_id: str
    environment: str = "production"
    override_existing_origin: bool = False
    override_existing_dns_record: bool = False


def routes(api: Api) -> list[BaseRoute]:
    base = "/accounts/{account_id}/workers/domains"
    return [
        api.route(base, AREA, GET=listing, PUT=put),
        api.route(f"{base}/{{id}}", AREA, GET=get, DELETE=delete),
    ]


async def listing(call: Call) -> Any:
    wanted = {name: call.query[name] for name in ("hostname", "service", "zone_id") if name in call.query}
    found = [shown(doc) for doc in call.cloud.store.all("attached_domain", origin=ORIGIN)]
    return [domain for domain in found if all(domain[name] == value for name, value in wanted.items())]


async def put(call: Call) -> Any:
    body = await read(call, Domain, code=BAD_BODY)
    hostname = body.hostname.lower().rstrip(".")
    zone = zone_for(call, hostname, body.zone_id)
    if call.cloud.store.get("script", body.service) is None:
        raise NOT_FOUND
    known = call.cloud.store.get("attached_domain", hostname) or {"id": new_id()}
    doc = {
        "id": known["id"], "hostname": hostname, "origin": ORIGIN, "target": body.service, "zone_id": zone["id"],
        "zone_name": zone["name"], "environment": body.environment,
    }  # fmt: skip
    override = {"override_origin": body.override_existing_origin, "override_record": body.override_existing_dns_record}
    return shown(attach(call.cloud, doc, **override))


async def get(call: Call) -> Any:
    return shown(_domain(call))


async def delete(call: Call) -> Any:
    detach(call.cloud, _domain(call))
    return None


def shown(doc: Doc) -> Doc:
    fields = {name: doc[name] for name in ("id", "hostname", "zone_id", "zone_name", "environment")}
    return {**fields, "service": doc["target"]}


def _domain(call: Call) -> Doc:
    found = call.cloud.store.first("attached_domain", origin=ORIGIN, id=call.params["id"])
    if found is None:
        raise ApiError(404, 100114, "The domain was not found.")
    return found
