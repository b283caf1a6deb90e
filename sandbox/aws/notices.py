"""SNS to HTTP: really signed, delivered again when the endpoint fails."""

import base64
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from sandbox.kit import Faults

CERTIFICATE_PATH = "/_aws/sns/SimpleNotificationService.pem"
SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
PAUSES = (0.0, 0.5, 1.0, 2.0)  # AWS: three tries at once, then with growing pauses


@dataclass(frozen=True)
class Notary:
    key: rsa.RSAPrivateKey
    certificate: bytes  # PEM
    url: str  # where receivers fetch it

    def sign(self, message: dict[str, Any]) -> dict[str, Any]:
        names = [name for name in SIGNED[message["Type"]] if message.get(name) is not None]
        text = "".join(f"{name}\n{message[name]}\n" for name in names)
        signature = self.key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 -- signature version 1
        return {**message, "Signature": base64.b64encode(signature).decode(), "SigningCertURL": self.url}


def open_notary(folder: Path, url: str) -> Notary:
    """Made once per sandbox, kept beside its state."""
    path = folder / "sns.pem"
    if not path.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        draft = path.with_suffix(".draft")
        draft.touch(mode=0o600)
        draft.write_bytes(_private(key) + _certificate(key))
        draft.replace(path)
    pem = path.read_bytes()
    loaded = serialization.load_pem_private_key(pem, password=None)
    assert isinstance(loaded, rsa.RSAPrivateKey)
    certificate = pem[pem.index(b"-----BEGIN CERTIFICATE") :]
    return Notary(loaded, certificate, url + CERTIFICATE_PATH)


def _private(key: rsa.RSAPrivateKey) -> bytes:
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(pem, form, serialization.NoEncryption())


def _certificate(key: rsa.RSAPrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=3650)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def troubled(faults: Faults, payload: str, send: Callable[[], int]) -> int:
    """Each delivery has a thread of its own: one that waits lets the others pass."""
    fault = faults.take("aws", f"sns:notify {_topic(payload)}", {"duplicate", "reorder", "lost"})
    if fault and fault.kind == "lost":
        return 200
    if fault and fault.kind == "reorder":
        time.sleep(fault.seconds)
    if fault and fault.kind == "duplicate":
        send()
    return send()


def _topic(payload: str) -> str:
    try:
        return str(json.loads(payload)["TopicArn"]).rpartition(":")[2]
    except (ValueError, KeyError, TypeError):  # delivered raw: the message alone
        return "raw"


def deliver(notary: Notary, endpoint: str, payload: str, kind: str) -> int:
    """Runs on a thread of the backend. Returns the last status; a dead endpoint raises after the last try."""
    body, headers = _prepare(notary, payload, kind)
    failure: Exception = TimeoutError()
    for pause in PAUSES:
        time.sleep(pause)
        try:
            return _post(endpoint, body, headers)
        except (OSError, urllib.error.URLError) as error:
            failure = error
    raise failure


def _prepare(notary: Notary, payload: str, kind: str) -> tuple[bytes, dict[str, str]]:
    headers = {"Content-Type": "text/plain; charset=UTF-8", "User-Agent": "Amazon Simple Notification Service Agent"}
    headers["x-amz-sns-message-type"] = kind
    try:
        message = json.loads(payload)
    except ValueError:
        message = None
    if not isinstance(message, dict) or message.get("Type") not in SIGNED:
        return payload.encode(), {**headers, "x-amz-sns-rawdelivery": "true"}
    headers |= {"x-amz-sns-message-id": message["MessageId"], "x-amz-sns-topic-arn": message["TopicArn"]}
    return json.dumps(notary.sign(message)).encode(), headers


def _post(endpoint: str, body: bytes, headers: dict[str, str]) -> int:
    parts = urllib.parse.urlsplit(endpoint)
    if parts.username is not None:
        pair = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
        headers = {**headers, "Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        endpoint = urllib.parse.urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    request = urllib.request.Request(endpoint, body, headers, method="POST")  # noqa: S310 -- loopback only
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
        return int(answer.status)
