"""What a person sees: zones with their records against what is visible, custom hostnames, scripts."""

from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.cloudflare.cloud import Cloud
from sandbox.cloudflare.custom_hostnames import shown
from sandbox.cloudflare.dns_publish import EDGE_ADDRESS, visible
from sandbox.cloudflare.operation import Doc
from sandbox.cloudflare.visible import VisibleDns
from sandbox.control.pages import Pages


class Page:
    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._pages = Pages(Path(__file__).parent / "templates")

    async def show(self, _: Request) -> Response:
        store, dns = self._cloud.store, self._cloud.dns.now()
        hosts = [_hostname(host, dns) for host in store.all("custom_hostname")]
        return self._pages.show(
            "cloudflare.html",
            zones=[self._zone(zone, dns) for zone in store.all("zone")],
            hosts=hosts,
            scripts=[_script(script) for script in store.all("script")],
            buckets=store.all("bucket"),
            namespaces=store.all("kv_namespace"),
            edge=await self._cloud.edge.health(),
            error=self._cloud.deployer.last_error,
            port=self._cloud.edge.port,
        )

    def _zone(self, zone: Doc, dns: VisibleDns) -> dict[str, Any]:
        records = self._cloud.store.all("dns_record", zone_id=zone["id"])
        routes = self._cloud.store.all("route", zone_id=zone["id"])
        fallback = self._cloud.store.get("fallback_origin", zone["id"])
        rows = [_record(record, dns) for record in sorted(records, key=lambda record: str(record["name"]))]
        return {**zone, "records": rows, "routes": routes, "fallback": fallback}


def _record(record: Doc, dns: VisibleDns) -> dict[str, Any]:
    published = visible(record)
    there = published.value in {found.value for found in dns.lookup(published.name, published.type)}
    return {**record, "shows": f"{published.type} {published.value}", "visible": there}


def _hostname(host: Doc, dns: VisibleDns) -> dict[str, Any]:
    api = shown(host)
    wanted = [
        ("CNAME", host["hostname"], "the fallback origin's zone", EDGE_ADDRESS in dns.addresses(host["hostname"]))
    ]
    for proof in [api.get("ownership_verification"), *api["ssl"].get("validation_records", [])]:
        if proof:
            name, value = proof.get("txt_name", proof.get("name")), proof.get("txt_value", proof.get("value"))
            wanted.append(("TXT", name, value, value in dns.texts(name)))
    return {**api, "wanted": wanted}


def _script(script: Doc) -> dict[str, Any]:
    bindings = [f"{binding['name']} ({binding['type']})" for binding in script["bindings"]]
    return {**script, "bindings": bindings, "entrypoints": sorted(script["exports"])}
