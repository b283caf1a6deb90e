"""A hostname under which everybody can read a bucket."""

from datetime import timedelta
from typing import Any, Literal

from starlette.routing import BaseRoute

from sandbox.cloudflare.attached_domains import attach, detach, zone_for
from sandbox.cloudflare.bodies import Body, read
from sandbox.cloudflare.buckets import AREA, BAD_BODY, BASE, bucket_of, key_of
from sandbox.cloudflare.cloud import Cloud, moment
from sandbox.cloudflare.envelope import ApiError
from sandbox.cloudflare.operation import Api, Call, Doc

ORIGIN = "r2"
Tls = Literal["1.0", "1.1", "1.2", "1.3"]


class NewDomain(Body):
    domain: str
    zoneId: str
    enabled: bool
    minTLS: Tls = "1.0"
    ciphers: list[str] | None = None


class ChangedDomain(Body):
    enabled: bool | None = None
    minTLS: Tls | None = None
    ciphers: list[str] | None = None


def routes(api: Api) -> list[BaseRoute]:
    base = f"{BASE}/{{bucket}}/domains/custom"
    return [
        api.route(base, AREA, GET=listing, POST=create),
        api.route(f"{base}/{{domain}}", AREA, GET=get, PUT=change, DELETE=delete),
    ]


async def listing(call: Call) -> Any:
    found = call.cloud.store.all("attached_domain", origin=ORIGIN, target=key_of(bucket_of(call)))
    return {"domains": [shown(call.cloud, doc) for doc in found]}


async def create(call: Call) -> Any:
    bucket, body = bucket_of(call), await read(call, NewDomain, code=BAD_BODY)
    hostname = body.domain.lower().rstrip(".")
    zone, stuck = zone_for(call, hostname, body.zoneId), call.fault("stuck")
    doc = {
        "id": hostname, "hostname": hostname, "origin": ORIGIN, "target": key_of(bucket), "zone_id": zone["id"],
        "zone_name": zone["name"], "enabled": body.enabled, "min_tls": body.minTLS, "ciphers": body.ciphers,
        "created_at": call.cloud.now(), "stuck": stuck.id if stuck else None,
    }  # fmt: skip
    return _answered(attach(call.cloud, doc))


async def get(call: Call) -> Any:
    return shown(call.cloud, _domain(call))


async def change(call: Call) -> Any:
    doc, body = _domain(call), await read(call, ChangedDomain, code=BAD_BODY)
    given = body.model_dump(exclude_unset=True)
    wire = {"enabled": "enabled", "minTLS": "min_tls", "ciphers": "ciphers"}
    return _answered(attach(call.cloud, {**doc, **{wire[name]: value for name, value in given.items()}}))


async def delete(call: Call) -> Any:
    doc = _domain(call)
    detach(call.cloud, doc)
    return {"domain": doc["hostname"]}


def shown(cloud: Cloud, doc: Doc) -> Doc:
    state = "active" if is_ready(cloud, doc) else "pending"
    zone = {"zoneId": doc["zone_id"], "zoneName": doc["zone_name"]}
    return {**_answered(doc), **zone, "status": {"ownership": state, "ssl": state}}


def is_ready(cloud: Cloud, doc: Doc) -> bool:
    if doc["stuck"] and cloud.faults.is_active(doc["stuck"]):
        return False
    waiting = cloud.delays.issuance + cloud.delays.deployment
    return cloud.clock.now() - moment(doc["created_at"]) >= timedelta(seconds=waiting)


def _answered(doc: Doc) -> Doc:
    return {
        "domain": doc["hostname"], "enabled": doc["enabled"], "minTLS": doc["min_tls"], "ciphers": doc["ciphers"],
    }  # fmt: skip


def _domain(call: Call) -> Doc:
    found = call.cloud.store.get("attached_domain", call.params["domain"].lower())
    if found is None or found["target"] != key_of(bucket_of(call)):
        raise ApiError(404, 10034, "The specified custom domain does not exist.")
    return found
