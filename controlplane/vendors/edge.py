"""Our own edge as seen from here: its ops API, called with tokens bound to method, path and body; and the probe."""

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controlplane.core import http
from controlplane.core.errors import Conflict, Refused, TryLater
from controlplane.core.ids import new_id
from controlplane.settings import Settings

LIFETIME = 45
ASKED = 500  # hashes in one question
SMALL, TOGETHER, LOAD = 256 << 10, 50, 1 << 20  # bytes of a small blob; blobs and bytes in one request
Signer = Callable[[], tuple[str, Ed25519PrivateKey]]  # key id and key; opened when first needed


@dataclass(frozen=True)
class Seen:
    """What a visitor gets."""

    status: int
    tenant: str
    body: str
    headers: Mapping[str, str]


class Edge:
    def __init__(self, settings: Settings, signer: Signer) -> None:
        self._settings, self._signer = settings, signer
        target = urlsplit(settings.edge.ops_url)
        self._host = target.netloc
        self._base = f"{target.scheme}://{settings.edge.connect_to or target.netloc}"

    @cached_property
    def _client(self) -> httpx.Client:
        return http.client(self._base, seconds=20)

    @cached_property
    def _visitor(self) -> httpx.Client:
        return http.client("", seconds=10)

    def close(self) -> None:
        for name in ("_client", "_visitor"):
            if name in self.__dict__:
                getattr(self, name).close()

    def put_tenant(self, tenant_id: str, document: dict[str, Any]) -> None:
        self._call("PUT", tenant_id, "", document)

    def tenant(self, tenant_id: str) -> dict[str, Any] | None:
        return self._call("GET", tenant_id, "", missing_ok=True)

    def delete_tenant(self, tenant_id: str, *, revision: int) -> None:
        self._call("DELETE", tenant_id, "", {"rev": revision}, missing_ok=True)

    def configure_mail(self, tenant_id: str, document: dict[str, Any]) -> None:
        self._call("PUT", tenant_id, "/mail", document)

    def remove_mail(self, tenant_id: str, *, revision: int) -> None:
        self._call("DELETE", tenant_id, "/mail", {"rev": revision}, missing_ok=True)

    def missing_blobs(self, tenant_id: str, hashes: list[str]) -> list[str]:
        missing: list[str] = []
        for at in range(0, len(hashes), ASKED):
            answer = self._call("POST", tenant_id, "/blobs/check", {"hashes": hashes[at : at + ASKED]})
            missing += (answer or {})["missing"]
        return missing

    def put_blobs(self, tenant_id: str, contents: Iterable[bytes]) -> None:
        """Small ones travel together: the edge takes so many requests a minute, from all of us."""
        together: list[bytes] = []
        for content in contents:
            if len(content) > SMALL:
                self._send("PUT", tenant_id, f"/blobs/{hashlib.sha256(content).hexdigest()}", content)
                continue
            if len(together) == TOGETHER or sum(map(len, together)) + len(content) > LOAD:
                self._put_together(tenant_id, together)
                together = []
            together.append(content)
        self._put_together(tenant_id, together)

    def _put_together(self, tenant_id: str, contents: list[bytes]) -> None:
        if contents:
            plain = [base64.b64encode(content).decode() for content in contents]
            self._call("POST", tenant_id, "/blobs", {"contents": plain})

    def publish(self, tenant_id: str, document: dict[str, Any]) -> dict[str, Any]:
        return self._call("POST", tenant_id, "/publish", document) or {}

    def rollback(self, tenant_id: str, document: dict[str, Any]) -> dict[str, Any]:
        return self._call("POST", tenant_id, "/rollback", document) or {}

    def releases(self, tenant_id: str) -> dict[str, Any]:
        return self._call("GET", tenant_id, "/releases") or {}

    def usage(self, tenant_id: str) -> dict[str, Any]:
        return self._call("GET", tenant_id, "/usage") or {}

    def objects(self, tenant_id: str, *, prefix: str = "", cursor: str = "") -> dict[str, Any]:
        query = f"?prefix={prefix}" + (f"&cursor={cursor}" if cursor else "")
        return self._call("GET", tenant_id, f"/objects{query}") or {}

    def object(self, tenant_id: str, key: str) -> bytes:
        return self._send("GET", tenant_id, f"/objects/{key}").content

    def sweep(self, tenant_id: str, what: str) -> int:
        """`gc`, `mail-retry` or `purge`, until the edge says that nothing is left to do."""
        count, cursor = 0, None
        for _round in range(10_000):
            answer = self._call("POST", tenant_id, f"/{what}", {"cursor": cursor}) or {}
            count += int(answer.get("count", 0))
            if answer.get("done"):
                return count
            cursor = answer.get("cursor")
        raise TryLater(f"{what} does not come to an end")

    def revoke_person(self, person_id: str, *, not_before: datetime) -> None:
        """Ends the sessions that somebody began at the edge until then."""
        body = json.dumps({"not_before": int(not_before.timestamp())}).encode()
        target = f"/ops/v1/users/{person_id}/revoke"
        response = self._ask("POST", target, body, subject="*", what="edge POST revoke")
        if not response.is_success:
            raise _refusal(response)

    def probe(self, host: str, path: str = "/") -> Seen:
        """What a visitor of this host gets. In a rehearsal names lead to one address, as DNS would."""
        edge = self._settings.edge
        address = edge.connect_to or host
        try:
            response = self._visitor.get(f"{edge.scheme}://{address}{path}", headers={"host": host})
        except httpx.HTTPError as error:
            raise TryLater(f"{host} does not answer: {type(error).__name__}", after=timedelta(seconds=3)) from error
        return Seen(response.status_code, response.headers.get("x-sp-tenant", ""), response.text, response.headers)

    def address(self, host: str) -> str:
        edge = self._settings.edge
        return f"{edge.scheme}://{host}" + (f":{edge.port}" if edge.port else "")

    def _call(
        self, method: str, tenant_id: str, path: str, document: Any = None, *, missing_ok: bool = False
    ) -> dict[str, Any] | None:
        body = b"" if document is None else json.dumps(document).encode()
        response = self._send(method, tenant_id, path, body, missing_ok=missing_ok)
        if response.status_code == 404:
            return None
        return dict(response.json()) if response.content else {}

    def _send(
        self, method: str, tenant_id: str, path: str, body: bytes = b"", *, missing_ok: bool = False
    ) -> httpx.Response:
        what, target = f"edge {method} {path or '/'}", f"/ops/v1/tenants/{tenant_id}{path}"
        response = self._ask(method, target, body, subject=tenant_id, what=what)
        if response.is_success or (missing_ok and response.status_code == 404):
            return response
        raise _refusal(response)

    def _ask(self, method: str, target: str, body: bytes, *, subject: str, what: str) -> httpx.Response:
        def call() -> httpx.Response:
            token = self._token(method, target, body, subject)  # fresh for each try: it lives for seconds
            headers = {"authorization": f"Bearer {token}", "host": self._host}
            if body:
                headers["content-type"] = "application/octet-stream" if "/blobs/" in target else "application/json"
            return self._client.request(method, target, content=body, headers=headers)

        return http.send(call, what=what, repeatable=True)

    def _token(self, method: str, target: str, body: bytes, subject: str) -> str:
        kid, key = self._signer()
        now = int(time.time())  # the edge compares with real time, also in a rehearsal
        claims = {
            "iss": "control-plane",
            "aud": "edge-ops",
            "env": self._settings.name,
            "sub": subject,
            "m": method,
            "p": target,
            "bh": base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode(),
            "jti": new_id(),
            "iat": now,
            "exp": now + LIFETIME,
        }
        return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": kid})


class StaleRevision(Conflict):
    """The edge already knows something newer."""

    code = "stale_revision"


def _refusal(response: httpx.Response) -> Exception:
    try:
        error = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        return TryLater(f"the edge answered {response.status_code} without a reason")
    code = error.get("code", "")
    if code == "stale_revision":
        return StaleRevision("the edge has a newer revision", revision=(error.get("details") or {}).get("rev"))
    if code == "stale_release":
        return Conflict("Something else was published meanwhile.", code=code, next_step="Look, then publish again.")
    if response.status_code == 402:
        return Conflict(f"The plan does not cover this: {error.get('details') or code}", code=code)
    if code == "tenant_not_leaving" or response.status_code in {401, 404, 503} or response.status_code >= 500:
        return TryLater(f"the edge answered {response.status_code} {code}", after=timedelta(seconds=3))
    return Refused(f"the edge refused: {code} {error.get('details') or ''}")
