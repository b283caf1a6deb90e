"""Names of a zone that belong to one bucket or one Worker; Cloudflare keeps the DNS record for them itself."""

from typing import Any

from sandbox.cloudflare.cloud import Cloud, new_id
from sandbox.cloudflare.dns_publish import publish_record, republish
from sandbox.cloudflare.dns_rules import is_host
from sandbox.cloudflare.envelope import ApiError
from sandbox.cloudflare.operation import Call, Doc

TAKEN_BY_ORIGIN, TAKEN_BY_RECORD = 100116, 100117
MOST_PER_ZONE = 100


def zone_for(call: Call, hostname: str, zone_id: str) -> Doc:
    """The zone has to be in the same account, and the name in the zone."""
    zone = call.cloud.store.get("zone", zone_id)
    if zone is None:
        raise ApiError(400, 10035, "The zone does not belong to this account.")
    if not is_host(hostname) or not (hostname == zone["name"] or hostname.endswith(f".{zone['name']}")):
        raise ApiError(400, 10035, f"{hostname} is not a hostname in {zone['name']}.")
    return zone


def attach(
    cloud: Cloud, doc: Doc, *, override_origin: bool = False, override_record: bool = False
) -> Doc:  # fmt: skip
    """Claims the name for what `doc` says; its own record comes with it."""
    store, name = cloud.store, doc["hostname"]
    with store.transaction():
        _check_origin(cloud, doc, override_origin)
        records = store.all("dns_record", zone_id=doc["zone_id"], name=name)
        strangers = [record for record in records if not record.get("managed")]
        if strangers and not override_record:
            raise ApiError(409, TAKEN_BY_RECORD, f"Hostname '{name}' already has externally managed DNS records.")
        for record in strangers:
            store.delete("dns_record", record["id"])
        if len(strangers) == len(records):
            _add_record(cloud, doc)
        store.put("attached_domain", name, doc)
    republish(cloud.home.dns, store, doc["zone_id"])
    cloud.deployer.table_changed()
    return doc


def detach(cloud: Cloud, doc: Doc) -> None:
    store = cloud.store
    with store.transaction():
        for record in store.all("dns_record", zone_id=doc["zone_id"], name=doc["hostname"]):
            if record.get("managed"):
                store.delete("dns_record", record["id"])
        store.delete("attached_domain", doc["hostname"])
    republish(cloud.home.dns, store, doc["zone_id"])
    cloud.deployer.table_changed()


def _check_origin(cloud: Cloud, doc: Doc, override: bool) -> None:
    known = cloud.store.get("attached_domain", doc["hostname"])
    if known is None and len(cloud.store.all("attached_domain", zone_id=doc["zone_id"])) >= MOST_PER_ZONE:
        raise ApiError(403, 100118, f"A zone cannot have more than {MOST_PER_ZONE} of these domains.")
    if known is None or known["target"] == doc["target"]:
        return
    if known["origin"] != doc["origin"] or not override:
        raise ApiError(409, TAKEN_BY_ORIGIN, f"Hostname '{doc['hostname']}' is already in use by another origin.")


def _add_record(cloud: Cloud, doc: Doc) -> None:
    now = cloud.now()
    record: dict[str, Any] = {
        "id": new_id(), "zone_id": doc["zone_id"], "name": doc["hostname"], "type": "AAAA", "content": "100::",
        "ttl": 1, "proxied": True, "priority": None, "comment": None, "tags": [], "settings": {}, "data": None,
        "created_on": now, "modified_on": now, "managed": doc["origin"],
    }  # fmt: skip
    cloud.store.put("dns_record", record["id"], record)
    publish_record(cloud.home.dns, record)
