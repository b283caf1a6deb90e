"""Customers' own hostnames on a zone of ours (Cloudflare for SaaS)."""

import secrets
import uuid
from functools import lru_cache
from typing import Any

from publicsuffixlist import PublicSuffixList
from pydantic import Field
from starlette.routing import BaseRoute

from sandbox.cloudflare.bodies import Body, read
from sandbox.cloudflare.dns_rules import is_host
from sandbox.cloudflare.envelope import ApiError, Result
from sandbox.cloudflare.hostname_states import rearm
from sandbox.cloudflare.operation import Api, Call, Doc
from sandbox.cloudflare.paging import page_of

BAD_BODY = 1400
AREA = "SSL and Certificates"
RESERVED = frozenset({"localhost", "test", "example", "invalid"})
PROHIBITED = frozenset({"example.com", "example.net", "example.org"})
LASTING = ("stuck", "blocked", "tls_error", "zone_hold", "on_cloudflare")
AUTHORITIES = frozenset({"google", "lets_encrypt", "ssl_com", "digicert"})


class SslSettings(Body):
    min_tls_version: str | None = Field(default=None, pattern=r"^1\.[0-3]$")
    http2: str | None = Field(default=None, pattern="^(on|off)$")
    tls_1_3: str | None = Field(default=None, pattern="^(on|off)$")
    early_hints: str | None = Field(default=None, pattern="^(on|off)$")
    ciphers: list[str] | None = None


class Ssl(Body):
    method: str | None = None
    type: str | None = None
    certificate_authority: str | None = None
    bundle_method: str | None = Field(default=None, pattern="^(ubiquitous|optimal|force)$")
    wildcard: bool | None = None
    cloudflare_branding: bool | None = None
    settings: SslSettings | None = None


class NewHostname(Body):
    hostname: str
    ssl: Ssl = Field(default_factory=Ssl)
    custom_metadata: dict[str, str] | None = None
    custom_origin_server: str | None = None
    custom_origin_sni: str | None = None


class ChangedHostname(Body):
    ssl: Ssl | None = None
    custom_metadata: dict[str, str] | None = None
    custom_origin_server: str | None = None
    custom_origin_sni: str | None = None


def routes(api: Api) -> list[BaseRoute]:
    base = "/zones/{zone_id}/custom_hostnames"
    return [
        api.route(base, AREA, GET=listing, POST=create),
        api.route(f"{base}/{{id}}", AREA, GET=get, PATCH=change, DELETE=delete),
    ]


async def listing(call: Call) -> Result:
    found = call.cloud.store.all("custom_hostname", zone_id=call.zone["id"])
    if "hostname" in call.query:
        # Cloudflare matches a part of the name: who looks for one name has to compare.
        found = [host for host in found if call.query["hostname"].lower() in host["hostname"]]
    if "id" in call.query:
        found = [host for host in found if host["id"] == call.query["id"]]
    return page_of(call, [shown(host) for host in found])


async def create(call: Call) -> Result:
    body = await read(call, NewHostname, code=BAD_BODY)
    _check_entitlement(body)
    name = _checked_name(body.hostname)
    _check_ssl(body.ssl, needed=True)
    host = {**_new(call, name, body.ssl), "faults": _faults(call)}
    if "blocked" in host["faults"]:
        host["status"] = "blocked"
    with call.cloud.store.transaction():
        _check_free(call, name)
        call.cloud.store.put("custom_hostname", host["id"], host)
    _watch(call, host)
    return Result(shown(host), status=201)


async def get(call: Call) -> Any:
    host = shown(_host(call))
    if call.fault("no_records"):
        host["ssl"].pop("validation_records", None)
    return host


async def change(call: Call) -> Result:
    """Also without a difference it starts validation anew."""
    host, body = _host(call), await read(call, ChangedHostname, code=BAD_BODY)
    _check_entitlement(body)
    if host["status"] in {"blocked", "pending_blocked"}:
        raise ApiError(409, 1439, "This hostname is blocked and cannot be changed.")
    if body.ssl is not None:
        _check_ssl(body.ssl, needed=False)
        host = {**host, "ssl": {**host["ssl"], **_ssl_fields(body.ssl, host["ssl"])}}
    host = rearm(host, call.cloud.clock.now())
    call.cloud.store.put("custom_hostname", host["id"], host)
    _watch(call, host)
    return Result(shown(host), status=202)


async def delete(call: Call) -> Any:
    host = _host(call)
    call.cloud.store.delete("custom_hostname", host["id"])
    call.cloud.deployer.table_changed()
    return {"id": host["id"]}


def shown(host: Doc) -> Doc:
    name = host["hostname"]
    ssl = {**host["ssl"], "hosts": [name]}
    if ssl["status"] in {"pending_validation", "validation_timed_out"}:
        record = {"status": "pending", "txt_name": f"_acme-challenge.{name}", "txt_value": host["challenge"]}
        ssl["validation_records"] = [record]  # not there right after the creation, gone after validation
    if ssl["status"] in {"active", "expired"}:
        ssl["expires_on"] = host["expires"]
    fields = {
        "id": host["id"], "hostname": name, "status": host["status"], "created_at": host["created_at"], "ssl": ssl,
        "verification_errors": host["verification_errors"],
    }  # fmt: skip
    if host["status"] != "active":
        token, address = host["ownership_value"], f"http://{name}/.well-known/cf-custom-hostname-challenge/{host['id']}"
        fields["ownership_verification"] = {"type": "txt", "name": f"_cf-custom-hostname.{name}", "value": token}
        fields["ownership_verification_http"] = {"http_url": address, "http_body": token}
    return fields


def _faults(call: Call) -> dict[str, str]:
    """What this hostname suffers from, until the fault is lifted."""
    struck = {kind: call.fault(kind) for kind in LASTING}
    return {kind: fault.id for kind, fault in struck.items() if fault is not None}


def _watch(call: Call, host: Doc) -> None:
    call.cloud.in_motion.add(host["id"])
    call.cloud.deployer.table_changed()


def _new(call: Call, name: str, ssl: Ssl) -> Doc:
    now = call.cloud.now()
    initial = {"id": str(uuid.uuid4()), "status": "initializing", "validation_errors": []}
    return {
        "id": str(uuid.uuid4()), "zone_id": call.zone["id"], "hostname": name, "status": "pending", "since": now,
        "armed": now, "created_at": now, "ssl": {**initial, **_ssl_fields(ssl, {})}, "ssl_since": now, "expires": None,
        "verification_errors": [], "ownership_value": str(uuid.uuid4()), "challenge": secrets.token_urlsafe(32),
    }  # fmt: skip


def _ssl_fields(given: Ssl, known: Doc) -> Doc:
    defaults = {
        "method": "http", "type": "dv", "certificate_authority": "google", "bundle_method": "ubiquitous",
        "wildcard": False, "settings": {},
    }  # fmt: skip
    return {**defaults, **{key: known[key] for key in defaults if key in known}, **given.model_dump(exclude_none=True)}


def _check_ssl(ssl: Ssl, *, needed: bool) -> None:
    if ssl.method not in ({"http", "txt", "email"} if needed else {"http", "txt", "email", None}):
        raise ApiError(400, 1432, "Invalid or missing domain control validation method: http, txt or email.")
    if ssl.type not in ({"dv"} if needed else {"dv", None}):
        raise ApiError(400, 1433, "Invalid or missing certificate type: dv.")
    if ssl.certificate_authority not in AUTHORITIES | {None}:
        raise ApiError(400, 1434, f"Unknown certificate authority: {ssl.certificate_authority}")
    if ssl.wildcard and ssl.method != "txt":
        raise ApiError(400, 1432, "Wildcard certificates need the method txt.")


def _check_entitlement(body: NewHostname | ChangedHostname) -> None:
    if body.custom_metadata is not None:
        raise ApiError(403, 1413, "No custom metadata access has been allocated for this zone or account.")
    if body.custom_origin_server is not None or body.custom_origin_sni is not None:
        raise ApiError(403, 1414, "No custom origin access has been allocated for this zone or account.")


def _checked_name(name: str) -> str:
    name = name.lower().rstrip(".")
    if not name.isascii():
        raise ApiError(400, 1408, "Custom hostnames with non-ASCII characters are not supported.")
    if not is_host(name) or "_" in name or name.rpartition(".")[2].isdigit():
        raise ApiError(400, 1407, f"Invalid custom hostname: {name}")
    if name.rpartition(".")[2] in RESERVED:
        raise ApiError(400, 1409, "Reserved top domain custom hostnames are not supported.")
    if any(name == domain or name.endswith(f".{domain}") for domain in PROHIBITED):
        raise ApiError(400, 1411, f"Custom hostnames ending in {', '.join(sorted(PROHIBITED))} are prohibited.")
    if _suffixes().privatesuffix(name) is None:
        raise ApiError(400, 1410, f"Unable to parse custom hostname: publicsuffix: cannot derive eTLD+1 for {name}")
    return name


@lru_cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)


def _check_free(call: Call, name: str) -> None:
    store = call.cloud.store
    if store.first("custom_hostname", hostname=name) is not None:
        raise ApiError(409, 1406, "Duplicate custom hostname found.")
    if len(store.all("custom_hostname", zone_id=call.zone["id"])) >= call.cloud.hostname_quota:
        raise ApiError(403, 1405, "Quota of custom hostnames has been exceeded for this zone.")


def _host(call: Call) -> Doc:
    host = call.cloud.store.get("custom_hostname", call.params["id"])
    if host is None or host["zone_id"] != call.zone["id"]:
        raise ApiError(404, 1436, "The custom hostname was not found.")
    return host
