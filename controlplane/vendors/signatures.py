"""Is this webhook from who it says? Checked over the raw bytes, before anybody parses them.

Times are compared with the system's clock, not with a rehearsed one: vendors sign with real time.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime

from pydantic import SecretStr

TOLERANCE = 300  # seconds, into the past and into the future


class BadSignature(Exception):
    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why  # missing, stale, wrong: a label for the counter


def verify_stripe(body: bytes, header: str, secrets: Iterable[SecretStr], *, now: datetime) -> None:
    parts = [part.strip().partition("=") for part in header.split(",")]
    stamp = next((value for name, _sep, value in parts if name == "t"), "")
    given = [value for name, _sep, value in parts if name == "v1"]
    _check_time(stamp, given, now)
    signed = stamp.encode() + b"." + body
    digests = [hmac.new(_raw(secret), signed, hashlib.sha256).hexdigest() for secret in secrets if _raw(secret)]
    _require_one(digests, given)


def verify_svix(body: bytes, headers: Mapping[str, str], secrets: Iterable[SecretStr], *, now: datetime) -> str:
    """The message's id: the same for each delivery of the same news."""
    identity, stamp = headers.get("svix-id", ""), headers.get("svix-timestamp", "")
    pairs = [part.partition(",") for part in headers.get("svix-signature", "").split()]
    given = [value for version, _sep, value in pairs if version == "v1"]
    _check_time(stamp, given if identity else [], now)
    signed = f"{identity}.{stamp}.".encode() + body
    digests = [_base64(hmac.new(key, signed, hashlib.sha256).digest()) for key in _svix_keys(secrets)]
    _require_one(digests, given)
    return identity


def _check_time(stamp: str, given: list[str], now: datetime) -> None:
    if not given or not stamp.isdecimal() or len(stamp) > 12:
        raise BadSignature("missing")
    if abs(now.timestamp() - int(stamp)) > TOLERANCE:
        raise BadSignature("stale")


def _require_one(digests: list[str], given: list[str]) -> None:
    """Every comparison is made, so that time does not tell which one failed."""
    matches = [
        hmac.compare_digest(digest.encode(), candidate.encode("utf-8", "replace"))
        for digest in digests
        for candidate in given[:5]
    ]
    if not any(matches):
        raise BadSignature("wrong")


def _raw(secret: SecretStr) -> bytes:
    return secret.get_secret_value().encode()


def _svix_keys(secrets: Iterable[SecretStr]) -> list[bytes]:
    keys = []
    for secret in secrets:
        try:
            keys.append(base64.b64decode(secret.get_secret_value().removeprefix("whsec_"), validate=True))
        except binascii.Error:
            continue
    return [key for key in keys if key]  # an empty key would let everybody in


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
