"""HashiCorp Vault's transit engine wraps data keys; the key itself never leaves it. Its key must be a derived one."""

import base64
import hashlib
import time
from typing import Any

import httpx

from controlplane.core import http
from controlplane.core.errors import NeedsPerson
from controlplane.settings import Keys

KNOWN_SECONDS = 60.0  # for so long a rotation made elsewhere may go unnoticed


class VaultKeys:
    name = "vault"

    def __init__(self, settings: Keys) -> None:
        token = settings.vault_token.get_secret_value()
        self._client = http.client(settings.vault_url, headers={"X-Vault-Token": token}, seconds=5)
        self._key = settings.vault_key
        self._known: tuple[float, str] = (0.0, "")

    @property
    def active(self) -> str:
        until, kid = self._known
        if time.monotonic() >= until:
            kid = self._look()
            self._known = (time.monotonic() + KNOWN_SECONDS, kid)
        return kid

    def wrap(self, key: bytes, *, kid: str, context: bytes) -> bytes:
        version = int(kid.removeprefix("v"))
        body = {"plaintext": _text(key), "context": _derived(context), "key_version": version}
        return str(self._call("POST", f"encrypt/{self._key}", body)["ciphertext"]).encode()

    def unwrap(self, wrapped: bytes, *, kid: str, context: bytes) -> bytes:
        if not wrapped.startswith(f"vault:{kid}:".encode()):
            raise ValueError("wrapped by another version than the value says")
        body = {"ciphertext": wrapped.decode(), "context": _derived(context)}
        return base64.b64decode(self._call("POST", f"decrypt/{self._key}", body)["plaintext"])

    def rotate(self) -> str:
        self._call("POST", f"keys/{self._key}/rotate", {}, repeatable=False)
        self._known = (0.0, "")
        return self.active

    def close(self) -> None:
        self._client.close()

    def _look(self) -> str:
        found = self._call("GET", f"keys/{self._key}")
        if not found.get("derived"):
            raise NeedsPerson(
                f"Vault: key {self._key} does not bind values to their place",
                next_action="make a transit key with derived=true and name it in CP_KEYS__VAULT_KEY",
            )
        return f"v{found['latest_version']}"

    def _call(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, repeatable: bool = True
    ) -> dict[str, Any]:
        what = f"Vault {path}"
        answer = http.send(
            lambda: self._client.request(method, f"/v1/transit/{path}", json=body), what=what, repeatable=repeatable
        )
        if answer.status_code in {401, 403, 404}:
            raise NeedsPerson(f"{what}: answered {answer.status_code}", next_action=_next_action(answer, path))
        if answer.status_code >= 400:  # 400 is what damaged and moved values get
            raise ValueError(f"{what}: answered {answer.status_code}")
        return dict(answer.json().get("data") or {}) if answer.content else {}


def _next_action(answer: httpx.Response, path: str) -> str:
    if answer.status_code == 404:
        return "enable the transit engine and make the key that CP_KEYS__VAULT_KEY names"
    return f"renew CP_KEYS__VAULT_TOKEN, or give its policy the right to use transit/{path}"


def _derived(context: bytes) -> str:
    return _text(hashlib.sha256(context).digest())


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
