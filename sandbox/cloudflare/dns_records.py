"""DNS records of a zone; what is visible outside is published to the sandbox's DNS table."""

from typing import Annotated, Any

from pydantic import Field
from starlette.routing import BaseRoute

from sandbox.cloudflare import dns_rules
from sandbox.cloudflare.bodies import Body, read
from sandbox.cloudflare.cloud import new_id
from sandbox.cloudflare.dns_publish import publish_record, republish
from sandbox.cloudflare.envelope import ApiError, Result
from sandbox.cloudflare.operation import Api, Call, Doc
from sandbox.cloudflare.paging import page_of

BAD_BODY = 9207
MISSING = ApiError(404, 81044, "Record does not exist.")
MOST_PER_PAGE = 5000


class Settings(Body):
    flatten_cname: bool | None = None
    ipv4_only: bool | None = None
    ipv6_only: bool | None = None


class NewRecord(Body):
    name: str
    type: str
    content: str | None = None
    ttl: int = 1
    proxied: bool = False
    priority: Annotated[int, Field(ge=0, le=65535)] | None = None
    comment: Annotated[str, Field(max_length=100)] | None = None
    tags: list[str] = Field(default_factory=list)
    settings: Settings = Field(default_factory=Settings)
    data: dict[str, Any] | None = None


class ChangedRecord(Body):
    name: str | None = None
    type: str | None = None
    content: str | None = None
    ttl: int | None = None
    proxied: bool | None = None
    priority: int | None = None
    comment: str | None = None
    tags: list[str] | None = None
    settings: Settings | None = None
    data: dict[str, Any] | None = None


def routes(api: Api) -> list[BaseRoute]:
    base = "/zones/{zone_id}/dns_records"
    return [
        api.route(base, "DNS", GET=listing, POST=create),
        api.route(f"{base}/{{id}}", "DNS", GET=get, PUT=replace, PATCH=change, DELETE=delete),
    ]


async def listing(call: Call) -> Result:
    zone, query = call.zone, call.query
    found = call.cloud.store.all("dns_record", zone_id=zone["id"])
    for field in ("name", "type", "content"):
        wanted = query.get(field, query.get(f"{field}.exact"))
        if wanted is not None:
            found = [record for record in found if record[field].lower() == wanted.lower()]
    return page_of(call, [shown(record) for record in found], most=MOST_PER_PAGE)


async def create(call: Call) -> Any:
    zone, body = call.zone, await read(call, NewRecord, code=BAD_BODY)
    record = dns_rules.checked(body.model_dump(), zone)
    now = call.cloud.now()
    record |= {"id": new_id(), "zone_id": zone["id"], "created_on": now, "modified_on": now}
    return _save(call, record)


async def get(call: Call) -> Any:
    return shown(_record(call))


async def replace(call: Call) -> Any:
    known, body = _own_record(call), await read(call, NewRecord, code=BAD_BODY)
    return _save(call, {**known, **dns_rules.checked(body.model_dump(), call.zone)}, replaced=True)


async def change(call: Call) -> Any:
    known, body = _own_record(call), await read(call, ChangedRecord, code=BAD_BODY)
    wanted = {**known, **body.model_dump(exclude_unset=True)}
    fields = {name: wanted[name] for name in NewRecord.model_fields}
    return _save(call, {**known, **dns_rules.checked(fields, call.zone)}, replaced=True)


async def delete(call: Call) -> Any:
    record = _own_record(call)
    call.cloud.store.delete("dns_record", record["id"])
    republish(call.cloud.home.dns, call.cloud.store, record["zone_id"])
    call.cloud.deployer.table_changed()
    return {"id": record["id"]}


def shown(record: Doc) -> Doc:
    hidden = (
        {"zone_id"}
        | ({"priority"} if record["priority"] is None else set())
        | ({"data"} if not record["data"] else set())
    )
    visible = {name: value for name, value in record.items() if name not in hidden}
    return {
        **visible,
        "proxiable": record["type"] in dns_rules.PROXIABLE,
        "meta": {"read_only": True} if record.get("managed") else {},
    }


def _save(call: Call, record: Doc, *, replaced: bool = False) -> Doc:
    store = call.cloud.store
    record = {**record, "modified_on": call.cloud.now()}
    with store.transaction():
        others = store.all("dns_record", zone_id=record["zone_id"], name=record["name"])
        dns_rules.check_conflicts(record, [other for other in others if other["id"] != record["id"]])
        store.put("dns_record", record["id"], record)
    if replaced:
        republish(call.cloud.home.dns, store, record["zone_id"])
    else:
        publish_record(call.cloud.home.dns, record)
    call.cloud.deployer.table_changed()
    return shown(record)


def _record(call: Call) -> Doc:
    record = call.cloud.store.get("dns_record", call.params["id"])
    if record is None or record["zone_id"] != call.zone["id"]:
        raise MISSING
    return record


def _own_record(call: Call) -> Doc:
    """Records of buckets' and Workers' domains come and go with those only."""
    record = _record(call)
    if record.get("managed"):
        raise ApiError(400, 1043, f"This record is managed by {record['managed']} and read-only.")
    return record
