"""Is this notification from SNS? Its signature, by a certificate that only the vendor's own host may serve."""

import base64
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import httpx

from controlplane.vendors.signatures import BadSignature

HOST = re.compile(r"sns\.[a-z0-9-]+\.amazonaws\.com")
PATIENCE = 3600  # seconds: the vendor delivers again for so long
NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
TYPES = {
    "Notification": NOTIFICATION,
    "SubscriptionConfirmation": CONFIRMATION,
    "UnsubscribeConfirmation": CONFIRMATION,
}
Fetch = Callable[[str], bytes]


def verify(message: Mapping[str, Any], *, now: datetime, own_endpoint: str = "") -> None:
    """`own_endpoint` is the vendor's address in a rehearsal; empty: only the vendor's own hosts count."""
    names, url = TYPES.get(str(message.get("Type"))), str(message.get("SigningCertURL", ""))
    if names is None or not message.get("Signature"):
        raise BadSignature("missing")
    if not _is_vendors(url, own_endpoint):
        raise BadSignature("wrong")
    _check_time(str(message.get("Timestamp", "")), now)
    text = "".join(f"{name}\n{message[name]}\n" for name in names if message.get(name) is not None)
    _check(text.encode(), str(message["Signature"]), url, sha256=message.get("SignatureVersion") == "2")


def _is_vendors(url: str, own_endpoint: str) -> bool:
    if own_endpoint and url.startswith(f"{own_endpoint}/"):
        return True
    parts = urlsplit(url)
    return parts.scheme == "https" and bool(HOST.fullmatch(parts.netloc)) and parts.path.endswith(".pem")


def _check_time(stamp: str, now: datetime) -> None:
    try:
        age = (now - datetime.fromisoformat(stamp.replace("Z", "+00:00"))).total_seconds()
    except (ValueError, TypeError):
        raise BadSignature("missing") from None
    if not -300 <= age <= PATIENCE:
        raise BadSignature("stale")


def _check(text: bytes, signature: str, url: str, *, sha256: bool) -> None:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    key = x509.load_pem_x509_certificate(_certificate(url)).public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise BadSignature("wrong")
    try:
        # Version 1 is SHA-1 by the vendor's definition.
        digest = hashes.SHA256() if sha256 else hashes.SHA1()  # noqa: S303
        key.verify(base64.b64decode(signature), text, padding.PKCS1v15(), digest)
    except (InvalidSignature, ValueError):
        raise BadSignature("wrong") from None


@lru_cache(maxsize=32)
def _certificate(url: str) -> bytes:
    return httpx.get(url, timeout=10, trust_env=False).raise_for_status().content
