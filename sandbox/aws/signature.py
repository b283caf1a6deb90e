"""Signature Version 4: the credential a request names, and whether the signature over it is right."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, unquote

from sandbox.aws.errors import AwsError

ALGORITHM = "AWS4-HMAC-SHA256"
SKEW = timedelta(minutes=15)


@dataclass(frozen=True)
class Credential:
    key: str
    date: str
    region: str
    service: str
    signed_headers: str
    signature: str
    token: str
    time: str
    expires: int | None = None  # only in presigned URLs

    @property
    def presigned(self) -> bool:
        return self.expires is not None

    @property
    def scope(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


def credential_of(headers: Mapping[str, str], arguments: Mapping[str, str]) -> Credential | None:
    header = headers.get("authorization", "")
    if header.startswith(ALGORITHM):
        parts = dict(part.strip().partition("=")[::2] for part in header[len(ALGORITHM) :].split(","))
        time, token = headers.get("x-amz-date", ""), headers.get("x-amz-security-token", "")
        return _credential(parts, "", time, token, None)
    if "X-Amz-Credential" in arguments:
        seconds = int(arguments.get("X-Amz-Expires", "0"))
        return _credential(
            arguments, "X-Amz-", arguments.get("X-Amz-Date", ""), arguments.get("X-Amz-Security-Token", ""), seconds
        )
    return None


def _credential(parts: Mapping[str, str], prefix: str, time: str, token: str, expires: int | None) -> Credential | None:
    names = parts.get(f"{prefix}Credential", "").split("/")
    if len(names) != 5:
        return None
    key, date, region, service, _ = names
    signed, signature = parts.get(f"{prefix}SignedHeaders", ""), parts.get(f"{prefix}Signature", "")
    return Credential(key, date, region, service, signed, signature, token, time, expires)


@dataclass(frozen=True)
class Signed:
    """What goes into a signature."""

    method: str
    raw_path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


def verify(request: Signed, credential: Credential, secret: str) -> None:
    _check_time(credential)
    if not hmac.compare_digest(sign(request, credential, secret), credential.signature):
        code = (
            "SignatureDoesNotMatch"
            if credential.service in {"s3", "iam", "sts", "sns"}
            else "InvalidSignatureException"
        )
        raise AwsError(code, "The request signature we calculated does not match the signature you provided.", 403)


def _check_time(credential: Credential) -> None:
    try:
        sent = datetime.strptime(credential.time, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise AwsError("IncompleteSignature", "Date must be in ISO-8601 'basic format'.", 403) from None
    age = datetime.now(UTC) - sent
    if credential.expires is not None and age > timedelta(seconds=credential.expires):
        raise AwsError("AccessDenied", "Request has expired", 403)
    if credential.expires is None and abs(age) > SKEW:
        raise AwsError(
            "RequestTimeTooSkewed", "The difference between the request time and the server time is too large.", 403
        )


def sign(request: Signed, credential: Credential, secret: str) -> str:
    canonical = _canonical(request, credential)
    text = "\n".join((ALGORITHM, credential.time, credential.scope, hashlib.sha256(canonical.encode()).hexdigest()))
    key = f"AWS4{secret}".encode()
    for part in credential.scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.new(key, text.encode(), "sha256").hexdigest()


def _canonical(request: Signed, credential: Credential) -> str:
    headers = "".join(
        f"{n}:{' '.join(request.headers.get(n, '').split())}\n" for n in credential.signed_headers.split(";")
    )
    path = _encode(unquote(request.raw_path)) if credential.service == "s3" else _encode(request.raw_path)
    query = _canonical_query(request.query)
    return "\n".join(
        (request.method, path or "/", query, headers, credential.signed_headers, _payload(request, credential))
    )


def _canonical_query(query: str) -> str:
    pairs = [(n, v) for n, v in parse_qsl(query, keep_blank_values=True) if n != "X-Amz-Signature"]
    return "&".join(f"{n}={v}" for n, v in sorted((quote(n, safe="-_.~"), quote(v, safe="-_.~")) for n, v in pairs))


def _payload(request: Signed, credential: Credential) -> str:
    stated = request.headers.get("x-amz-content-sha256", "")
    if credential.presigned and credential.service == "s3":
        return stated or "UNSIGNED-PAYLOAD"
    actual = hashlib.sha256(request.body).hexdigest()
    if len(stated) == 64 and stated != actual:
        raise AwsError(
            "XAmzContentSHA256Mismatch", "The provided x-amz-content-sha256 does not match what was computed."
        )
    return stated or actual


def _encode(path: str) -> str:
    return quote(path, safe="/-_.~")
