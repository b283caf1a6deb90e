"""Cloudflare for SaaS: custom hostnames and the origin they fall back to."""

from sandbox.plugins.cloudflare.api import segment
from sandbox.plugins.cloudflare.objects import api, body, made, outputs, zone
from sandbox.plugins.schema import Call, Resource, flag, mapping, obj, some, text
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import decode, snake

_SSL = {
    "method": text(choices=("http", "txt", "email")),
    "type": text(choices=("dv",)),
    "certificateAuthority": text(choices=("digicert", "google", "lets_encrypt", "ssl_com"), computed=True),
    "bundleMethod": text(choices=("ubiquitous", "optimal", "force"), computed=True),
    "wildcard": flag(computed=True),
    "cloudflareBranding": flag(computed=True),
    "settings": obj(
        {
            "ciphers": some(text()),
            "earlyHints": text(choices=("on", "off")),
            "http2": text(choices=("on", "off")),
            "minTlsVersion": text(choices=("1.0", "1.1", "1.2", "1.3")),
            "tls13": text(choices=("on", "off"), wire="tls_1_3"),
        },
        computed=True,
    ),
}
_OWNERSHIP = {"name": text(), "type": text(), "value": text()}
_OWNERSHIP_HTTP = {"httpBody": text(), "httpUrl": text()}


def _hostnames(call: Call) -> str:
    return f"/zones/{segment(call.known('zoneId'))}/custom_hostnames"


def _hostname(call: Call) -> str:
    return f"{_hostnames(call)}/{segment(call.id)}"


def _create(call: Call) -> Doc:
    wanted = body(call, "zoneId")

    def find() -> Doc | None:
        listed = api(call).get(_hostnames(call), query={"hostname": wanted["hostname"]})
        return next(iter(listed), None)

    result = made(lambda: api(call).call("POST", _hostnames(call), wanted), find)
    call.id = result["id"]
    return _outputs(call, result)


def _outputs(call: Call, result: Doc) -> Doc:
    proof = decode(_OWNERSHIP, result.get("ownership_verification"), snake)
    proof_http = decode(_OWNERSHIP_HTTP, result.get("ownership_verification_http"), snake)
    found = {**outputs(call, result), "zoneId": call.known("zoneId")}
    return {**found, "ownershipVerification": proof or None, "ownershipVerificationHttp": proof_http or None}


def _read(call: Call) -> Doc:
    return _outputs(call, api(call).get(_hostname(call)))


def _update(call: Call) -> Doc:
    """Only what changed is sent: the same ssl settings again would start a new validation."""
    unchanged = [key for key in call.resource.inputs if not call.differs(key)]
    return _outputs(call, api(call).call("PATCH", _hostname(call), body(call, "zoneId", "hostname", *unchanged)))


def _delete(call: Call) -> None:
    api(call).call("DELETE", _hostname(call))


def _fallback(call: Call) -> str:
    return f"{_hostnames(call)}/fallback_origin"


def _put_fallback(call: Call) -> Doc:
    return outputs(call, api(call).call("PUT", _fallback(call), {"origin": call.inputs["origin"]}))


def _read_fallback(call: Call) -> Doc:
    return {**outputs(call, api(call).get(_fallback(call))), "zoneId": call.known("zoneId")}


def _delete_fallback(call: Call) -> None:
    api(call).call("DELETE", _fallback(call))


RESOURCES = (
    Resource(
        token="cloudflare:index/customHostname:CustomHostname",
        inputs={
            "zoneId": zone(),
            "hostname": text(required=True, replaces=True),
            "ssl": obj(_SSL),
            "customMetadata": mapping(text()),
            "customOriginServer": text(),
            "customOriginSni": text(),
        },
        outputs=("createdAt", "ownershipVerification", "ownershipVerificationHttp", "status", "verificationErrors"),
        volatile=("status", "verificationErrors"),
        natural=("hostname",),
        imports="zoneId/id",
        create=_create,
        read=_read,
        update=_update,
        delete=_delete,
    ),
    Resource(
        token="cloudflare:index/customHostnameFallbackOrigin:CustomHostnameFallbackOrigin",
        inputs={"zoneId": zone(), "origin": text(required=True)},
        outputs=("createdAt", "errors", "status", "updatedAt"),
        volatile=("errors", "status", "updatedAt"),
        natural=("zoneId",),
        imports="zoneId",
        identity=lambda doc: str(doc["zoneId"]),
        create=_put_fallback,
        read=_read_fallback,
        update=_put_fallback,
        delete=_delete_fallback,
    ),
)
