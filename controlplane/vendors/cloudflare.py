"""Cloudflare's API as far as we call it ourselves: what stacks cannot know or must not wait for. The only caller."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import IO, Any
from urllib.parse import quote

import httpx

from controlplane.core import http
from controlplane.core.errors import NeedsPerson, Refused, TryLater
from controlplane.core.lacks import Lack
from controlplane.settings import Cloudflare as CloudflareSettings

NOTHING = "0" * 32
ACCOUNT_RIGHTS = {
    "Workers R2 Storage": "r2/buckets/doctor-nothing",
    "Workers KV Storage": f"storage/kv/namespaces/{NOTHING}",
    "Workers Scripts": "workers/scripts/doctor-nothing",
}
ZONE_RIGHTS = {
    "DNS": f"dns_records/{NOTHING}",
    "Workers Routes": f"workers/routes/{NOTHING}",
    "SSL and Certificates": f"custom_hostnames/{NOTHING}",
}

# What the vendor says in prose -> our word, for which there is a sentence in both languages.
HINDRANCES = {
    "dns target needs to point": "points_elsewhere",  # the name is on Cloudflare already: records do not prove it
    "held zone": "zone_held",
    "caa": "caa_forbids",
}


@dataclass(frozen=True)
class CustomHostname:
    id: str
    hostname: str
    status: str
    ssl_status: str
    records: tuple[dict[str, str], ...]  # what the customer must publish: type, name, value
    errors: tuple[str, ...]

    @property
    def is_live(self) -> bool:
        return self.status == "active" and self.ssl_status == "active"

    @property
    def hindrance(self) -> str:
        said = " ".join(self.errors).lower()
        return next((word for text, word in HINDRANCES.items() if text in said), "")


class Cloudflare:
    def __init__(self, settings: CloudflareSettings) -> None:
        self._settings = settings

    @cached_property
    def _client(self) -> httpx.Client:
        token = self._settings.api_token.get_secret_value()
        return http.client(self._settings.api_base, headers={"authorization": f"Bearer {token}"}, seconds=30)

    def close(self) -> None:
        if "_client" in self.__dict__:
            self._client.close()

    def zone_id(self, name: str) -> str:
        found = self._call("GET", "/zones", params={"name": name})
        if not found:
            raise NeedsPerson(f"the zone {name} is not in our account", next_action="add the zone, then retry")
        return str(found[0]["id"])

    def bucket_exists(self, name: str, *, jurisdiction: str = "eu") -> bool:
        headers = {"cf-r2-jurisdiction": jurisdiction}
        return self._maybe("GET", f"{self._account}/r2/buckets/{name}", headers=headers) is not None

    def put_object(self, bucket: str, key: str, content: bytes, *, content_type: str) -> None:
        path = f"{self._account}/r2/buckets/{bucket}/objects/{quote(key)}"
        headers = {"cf-r2-jurisdiction": "eu", "content-type": content_type}
        self._call("PUT", path, content=content, headers=headers)

    def put_file(self, bucket: str, key: str, file: IO[bytes], *, content_type: str) -> None:
        """From disk, a piece at a time."""
        size = file.seek(0, 2)
        headers = {**_EU, "content-type": content_type, "content-length": str(size)}
        path = f"{self._account}/r2/buckets/{bucket}/objects/{quote(key)}"

        def call() -> httpx.Response:
            file.seek(0)
            return self._client.put(path, content=iter(lambda: file.read(1 << 20), b""), headers=headers)

        self._require(http.send(call, what=f"Cloudflare PUT {path}", repeatable=True))

    def object_keys(self, bucket: str, *, prefix: str = "") -> Iterator[str]:
        cursor = ""
        while True:
            params = {"per_page": str(PAGE), "prefix": prefix, **({"cursor": cursor} if cursor else {})}
            body = self._envelope("GET", f"{self._account}/r2/buckets/{bucket}/objects", params=params, headers=_EU)
            yield from (entry["key"] for entry in body["result"] or [])
            info = body.get("result_info") or {}
            cursor = info.get("cursor") or ""
            if not info.get("is_truncated") or not cursor:
                return

    def get_object(self, bucket: str, key: str) -> bytes | None:
        path = f"{self._account}/r2/buckets/{bucket}/objects/{quote(key)}"
        response = self._send("GET", path, headers=_EU)
        if response.status_code == 404:
            return None
        self._require(response)
        return response.content

    def empty_bucket(self, bucket: str) -> int:
        """Everything in it; a bucket that is gone is empty. Objects that are already gone count as deleted."""
        if not self.bucket_exists(bucket):
            return 0
        count = 0
        while keys := _first(self.object_keys(bucket), PAGE):
            response = self._send("DELETE", f"{self._account}/r2/buckets/{bucket}/objects", json=keys, headers=_EU)
            body = _json(response)
            real = [error for error in body.get("errors", []) if error.get("code") != _NO_SUCH_OBJECT]
            if real:
                raise NeedsPerson(
                    f"objects of {bucket} cannot be deleted: {real[0].get('message')}",
                    next_action="remove the lock rules of the bucket, then retry",
                )
            count += len(keys)
        return count

    def kv_value(self, namespace_id: str, key: str) -> str | None:
        path = f"{self._account}/storage/kv/namespaces/{namespace_id}/values/{quote(key, safe='')}"
        response = self._send("GET", path)
        if response.status_code == 404:
            return None
        self._require(response)
        return response.text

    def namespace_id(self, title: str) -> str | None:
        found = self._call("GET", f"{self._account}/storage/kv/namespaces", params={"per_page": "100"})
        return next((str(entry["id"]) for entry in found if entry["title"] == title), None)

    def script_exists(self, name: str) -> bool:
        return self._maybe("GET", f"{self._account}/workers/scripts/{name}/settings") is not None

    def route_id(self, zone_id: str, pattern: str) -> str | None:
        found = self._call("GET", f"/zones/{zone_id}/workers/routes")
        return next((str(entry["id"]) for entry in found if entry["pattern"] == pattern), None)

    def record_id(self, zone_id: str, *, name: str, type: str, content: str) -> str | None:
        params = {"name": name, "type": type, "per_page": "100"}
        found = self._call("GET", f"/zones/{zone_id}/dns_records", params=params)
        return next((str(entry["id"]) for entry in found if entry["content"] == content), None)

    def ensure_record(
        self, zone_id: str, *, type: str, name: str, content: str, comment: str, priority: int | None = None
    ) -> None:
        """A name that leads elsewhere: never through our own edge."""
        if self.record_id(zone_id, name=name, type=type, content=content):
            return
        body: dict[str, Any] = {"type": type, "name": name, "content": content, "ttl": 60, "comment": comment}
        body |= {"priority": priority} if priority is not None else {}
        self._call("POST", f"/zones/{zone_id}/dns_records", json=body | {"proxied": False} if type == "CNAME" else body)

    def remove_records(self, zone_id: str, name: str) -> int:
        found = self._call("GET", f"/zones/{zone_id}/dns_records", params={"name": name, "per_page": "100"})
        for entry in found:
            self._maybe("DELETE", f"/zones/{zone_id}/dns_records/{entry['id']}")
        return len(found)

    def ensure_bucket(self, name: str) -> None:
        if not self.bucket_exists(name):
            self._call("POST", f"{self._account}/r2/buckets", json={"name": name}, headers=_EU)

    def custom_hostname(self, zone_id: str, hostname: str) -> CustomHostname | None:
        found = self._call("GET", f"/zones/{zone_id}/custom_hostnames", params={"hostname": hostname})
        return _hostname(found[0]) if found else None

    def rearm(self, zone_id: str, identity: str) -> None:
        """Start validation again; delete and create would rotate the token and break the customer's record."""
        body = {"ssl": {"method": "txt", "type": "dv"}}
        self._call("PATCH", f"/zones/{zone_id}/custom_hostnames/{identity}", json=body)

    def delete_hostname(self, zone_id: str, identity: str) -> None:
        self._maybe("DELETE", f"/zones/{zone_id}/custom_hostnames/{identity}")

    def verify_token(self) -> str:
        """A person's token, or the account's own."""
        try:
            return str(self._call("GET", "/user/tokens/verify")["status"])
        except NeedsPerson:
            return str(self._call("GET", f"{self._account}/tokens/verify")["status"])

    def check(self) -> list[Lack]:
        """What is missing: the token itself, a zone, a right. Tried on what does not exist, so nothing changes."""
        if self.verify_token() != "active":
            return [Lack("the token is not active", "put a living token into CP_CLOUDFLARE__API_TOKEN")]
        paths = {name: f"{self._account}/{path}" for name, path in ACCOUNT_RIGHTS.items()}
        lacks = [lack for name, path in paths.items() for lack in self._missing(name, path, "the account")]
        for zone in (self._settings.portal_zone, self._settings.sites_zone):
            lacks += self._zone(zone)
        return lacks

    def _zone(self, zone: str) -> list[Lack]:
        try:
            identity = self.zone_id(zone)
        except NeedsPerson as error:
            return [
                Lack(f"zone {zone}: {error.reason}", f"add {zone} to the account, and allow «Zone: Read» to the token")
            ]
        rights = {name: f"/zones/{identity}/{path}" for name, path in ZONE_RIGHTS.items()}
        return [lack for name, path in rights.items() for lack in self._missing(name, path, zone)]

    def _missing(self, right: str, path: str, where: str) -> list[Lack]:
        try:
            self._call("DELETE", path)
        except NeedsPerson:
            place = "at dash.cloudflare.com, Manage account, API tokens"
            return [Lack(f"{right}: Edit, for {where}", f"allow «{right}: Edit» for {where} {place}")]
        except Refused:
            return []  # allowed, and there is no such thing
        return []

    @property
    def _account(self) -> str:
        return f"/accounts/{self._settings.account_id}"

    def _call(self, method: str, path: str, **options: Any) -> Any:
        return self._envelope(method, path, **options).get("result")

    def _maybe(self, method: str, path: str, **options: Any) -> Any | None:
        response = self._send(method, path, **options)
        if response.status_code == 404:
            return None
        self._require(response)
        return _json(response).get("result") or {}

    def _envelope(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        response = self._send(method, path, **options)
        self._require(response)
        return _json(response)

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        def call() -> httpx.Response:
            return self._client.request(method, path, **options)

        return http.send(call, what=f"Cloudflare {method} {path.split('?')[0]}", repeatable=method != "POST")

    def _require(self, response: httpx.Response) -> None:
        if response.is_success:
            return
        errors = _json(response).get("errors") or [{}]
        text = f"Cloudflare {response.status_code}: {errors[0].get('code')} {errors[0].get('message')}"
        if response.status_code in {401, 403}:
            raise NeedsPerson(text, next_action="check the rights of the Cloudflare token with `controlplane doctor`")
        if response.status_code >= 500:
            raise TryLater(text, after=timedelta(seconds=15))
        raise Refused(text)


PAGE = 1_000  # objects that the vendor lists or deletes at once
_EU = {"cf-r2-jurisdiction": "eu"}
_NO_SUCH_OBJECT = 10007


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError as error:
        raise TryLater(f"Cloudflare answered {response.status_code} without JSON") from error
    if not isinstance(body, dict):
        raise TryLater("Cloudflare answered something else than an object")
    return body


def _first(items: Iterator[str], count: int) -> list[str]:
    return [item for _index, item in zip(range(count), items, strict=False)]


def _hostname(found: dict[str, Any]) -> CustomHostname:
    ssl = found.get("ssl") or {}
    ownership = found.get("ownership_verification") or {}
    records = [{"type": "TXT", "name": ownership["name"], "value": ownership["value"]}] if ownership else []
    for entry in ssl.get("validation_records") or []:
        if entry.get("txt_name"):
            records.append({"type": "TXT", "name": entry["txt_name"], "value": entry["txt_value"]})
    errors = [
        *(found.get("verification_errors") or []),
        *(item["message"] for item in ssl.get("validation_errors") or []),
    ]
    return CustomHostname(
        id=found["id"],
        hostname=found["hostname"],
        status=found["status"],
        ssl_status=ssl.get("status", "unknown"),
        records=tuple(records),
        errors=tuple(str(error) for error in errors),
    )
