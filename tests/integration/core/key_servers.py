"""A transit engine with one derived key, served over HTTP."""

import base64
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.fixtures.listening import Answered, Asked, listening


@dataclass
class Transit:
    derived: bool = True
    sealed: bool = False
    versions: list[bytes] = field(default_factory=lambda: [secrets.token_bytes(32)])
    calls: list[str] = field(default_factory=list)
    noticing: Callable[[], int] | None = None  # looked at during each call
    noticed: list[int] = field(default_factory=list)

    def answer(self, method: str, path: str, token: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.calls.append(path)
        if self.noticing:
            self.noticed.append(self.noticing())
        if self.sealed:
            return 503, {"errors": ["Vault is sealed"]}
        if token != "right":
            return 403, {"errors": ["permission denied"]}
        match method, path:
            case "GET", "keys/ours":
                return 200, {"data": {"derived": self.derived, "latest_version": len(self.versions)}}
            case "POST", "keys/ours/rotate":
                self.versions.append(secrets.token_bytes(32))
                return 200, {}
            case "POST", "encrypt/ours":
                return self._encrypt(body)
            case "POST", "decrypt/ours":
                return self._decrypt(body)
        return 404, {"errors": []}

    def _encrypt(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        version, nonce = body["key_version"], secrets.token_bytes(12)
        plain, context = (base64.b64decode(body[name], validate=True) for name in ("plaintext", "context"))
        raw = nonce + AESGCM(self.versions[version - 1]).encrypt(nonce, plain, context)
        return 200, {"data": {"ciphertext": f"vault:v{version}:{base64.b64encode(raw).decode()}"}}

    def _decrypt(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        _vault, version, text = body["ciphertext"].split(":")
        raw, context = base64.b64decode(text), base64.b64decode(body["context"], validate=True)
        try:
            plain = AESGCM(self.versions[int(version[1:]) - 1]).decrypt(raw[:12], raw[12:], context)
        except InvalidTag:
            return 400, {"errors": ["cipher: message authentication failed"]}
        return 200, {"data": {"plaintext": base64.b64encode(plain).decode()}}


@contextmanager
def serving(engine: Transit) -> Iterator[tuple[Transit, str]]:
    def answer(asked: Asked) -> Answered:
        path, token = asked.path.removeprefix("/v1/transit/"), asked.headers.get("x-vault-token", "")
        status, found = engine.answer(asked.method, path, token, json.loads(asked.body or b"{}"))
        return Answered(status, json.dumps(found).encode())

    with listening(answer) as url:
        yield engine, url
