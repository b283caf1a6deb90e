"""DNS records."""

from sandbox.plugins.cloudflare.api import segment
from sandbox.plugins.cloudflare.objects import api, body, made, outputs, zone
from sandbox.plugins.schema import Call, Resource, anything, flag, number, obj, some, text
from sandbox.plugins.values import Doc

_TYPES = (
    "A", "AAAA", "CAA", "CERT", "CNAME", "DNSKEY", "DS", "HTTPS", "LOC", "MX", "NAPTR", "NS", "OPENPGPKEY", "PTR",
    "SMIMEA", "SRV", "SSHFP", "SVCB", "TLSA", "TXT", "URI",
)  # fmt: skip
_DATA_NUMBERS = (
    "algorithm", "altitude", "digestType", "keyTag", "latDegrees", "latMinutes", "latSeconds", "longDegrees",
    "longMinutes", "longSeconds", "matchingType", "order", "port", "precisionHorz", "precisionVert", "preference",
    "priority", "protocol", "selector", "size", "type", "usage", "weight",
)  # fmt: skip
_DATA_TEXTS = (
    "certificate", "digest", "fingerprint", "latDirection", "longDirection", "publicKey", "regex", "replacement",
    "service", "tag", "target", "value",
)  # fmt: skip
_DATA = {**{key: number() for key in _DATA_NUMBERS}, **{key: text() for key in _DATA_TEXTS}, "flags": anything()}
_SETTINGS = {
    "flattenCname": flag(default=False),
    "ipv4Only": flag(default=False, wire="ipv4_only"),
    "ipv6Only": flag(default=False, wire="ipv6_only"),
}


def _records(call: Call) -> str:
    return f"/zones/{segment(call.known('zoneId'))}/dns_records"


def _record(call: Call) -> str:
    return f"{_records(call)}/{segment(call.id)}"


def _create(call: Call) -> Doc:
    wanted = body(call, "zoneId")

    def find() -> Doc | None:
        query = {"name": wanted["name"], "type": wanted["type"], "per_page": 100}
        listed = api(call).get(_records(call), query=query)
        return next((record for record in listed if record.get("content") == wanted.get("content")), None)

    result = made(lambda: api(call).call("POST", _records(call), wanted), find)
    call.id = result["id"]
    return _outputs(call, result)


def _outputs(call: Call, result: Doc) -> Doc:
    return {**outputs(call, result), "zoneId": call.known("zoneId"), "meta": None}


def _read(call: Call) -> Doc:
    return _outputs(call, api(call).get(_record(call)))


def _update(call: Call) -> Doc:
    return _outputs(call, api(call).call("PUT", _record(call), body(call, "zoneId")))


def _delete(call: Call) -> None:
    api(call).call("DELETE", _record(call))


RESOURCES = (
    Resource(
        token="cloudflare:index/dnsRecord:DnsRecord",
        inputs={
            "zoneId": zone(),
            "name": text(required=True),
            "type": text(required=True, choices=_TYPES, replaces=True),
            "ttl": number(required=True),
            "content": text(computed=True),
            "data": obj(_DATA, computed=True),
            "priority": number(),
            "proxied": flag(default=False),
            "comment": text(),
            "tags": some(text()),
            "settings": obj(_SETTINGS, computed=True),
        },
        outputs=("createdOn", "modifiedOn", "commentModifiedOn", "tagsModifiedOn", "proxiable"),
        volatile=("modifiedOn",),
        imports="zoneId/id",
        create=_create,
        read=_read,
        update=_update,
        delete=_delete,
    ),
)
