"""Data keys wrapped by Vault's transit engine and by KMS, each over real HTTP."""

import base64
import json
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from moto.server import ThreadedMotoServer

from controlplane.core.crypto import CannotOpen, Place, Seal
from controlplane.core.errors import NeedsPerson, TryLater
from controlplane.settings import Aws as AwsSettings
from controlplane.settings import Keys
from controlplane.vendors.aws import Aws
from controlplane.vendors.aws_keys import KmsKeys
from controlplane.vendors.vault import VaultKeys

HERE, ELSEWHERE = Place("emails", "sealed", "1", "t1"), Place("emails", "sealed", "2", "t1")


@dataclass
class Transit:
    """A transit engine with one derived key."""

    derived: bool = True
    sealed: bool = False
    versions: list[bytes] = field(default_factory=lambda: [secrets.token_bytes(32)])

    def answer(self, method: str, path: str, token: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
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


@pytest.fixture
def transit() -> Iterator[tuple[Transit, str]]:
    engine = Transit()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length", 0)))
            path, token = self.path.removeprefix("/v1/transit/"), self.headers.get("x-vault-token", "")
            status, found = engine.answer(self.command, path, token, json.loads(raw or b"{}"))
            sent = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield engine, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def vault(url: str, token: str = "right") -> Seal:
    return Seal(
        VaultKeys(Keys.model_validate({"vault_url": url, "vault_token": token, "vault_key": "ours"})),
        environment="test",
    )


class TestVault:
    def test_opens_only_where_it_was_sealed_and_after_a_rotation(self, transit: tuple[Transit, str]) -> None:
        seal = vault(transit[1])
        old = seal.seal("hidden", HERE)
        assert seal.rotate() == "v2"
        new = seal.rewrap(old, HERE)
        assert (seal.kid_of(old), seal.kid_of(new)) == ("v1", "v2")
        assert seal.open_seal(old, HERE) == seal.open_seal(new, HERE) == "hidden"
        for moved in (old, new):
            with pytest.raises(CannotOpen):
                seal.open_seal(moved, ELSEWHERE)
        with pytest.raises(CannotOpen):
            seal.rewrap(old, ELSEWHERE)
        seal.close()

    def test_outage_is_for_later_and_a_missing_right_for_a_person(self, transit: tuple[Transit, str]) -> None:
        engine, url = transit
        wrong = vault(url, token="wrong")
        with pytest.raises(NeedsPerson, match="CP_KEYS__VAULT_TOKEN") as caught:
            wrong.seal("hidden", HERE)
        assert "wrong" not in str(caught.value)
        seal = vault(url)
        engine.derived = False
        with pytest.raises(NeedsPerson, match="derived=true"):
            seal.seal("hidden", HERE)
        engine.sealed = True
        with pytest.raises(TryLater, match="503"):
            seal.seal("hidden", HERE)
        wrong.close()
        seal.close()


@pytest.fixture
def kms(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, str]]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    client = boto3.client("kms", region_name="eu-central-1", endpoint_url=url)
    yield url, client.create_key()["KeyMetadata"]["KeyId"]
    client.close()
    server.stop()


def test_kms_binds_values_to_their_place(kms: tuple[str, str]) -> None:
    url, key = kms
    aws = Aws(AwsSettings(endpoint_url=url))
    seal = Seal(KmsKeys(aws, key), environment="test")
    sealed = seal.seal("hidden", HERE)
    assert seal.kid_of(sealed) == key
    assert seal.open_seal(sealed, HERE) == seal.open_seal(seal.rewrap(sealed, HERE), HERE) == "hidden"
    with pytest.raises(CannotOpen):
        seal.open_seal(sealed, ELSEWHERE)
    with pytest.raises(NeedsPerson, match="CP_KEYS__KMS_KEY"):
        Seal(KmsKeys(aws, "00000000-0000-0000-0000-000000000000"), environment="test").seal("hidden", HERE)
