"""Signature Version 4, for the one vendor door that the SDK has no words for."""

import hmac
from datetime import UTC, datetime
from hashlib import sha256

from programs.creator.runtime.settings import optional, text

KIND = "AWS4-HMAC-SHA256"


def signed(service: str, host: str, path: str, body: bytes) -> dict[str, str]:
    """The headers of a POST in the name of the function's own role."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{moment[:8]}/{text('AWS_REGION')}/{service}/aws4_request"
    headers = {"content-type": "application/json", "host": host, "x-amz-date": moment}
    headers |= {"x-amz-security-token": optional("AWS_SESSION_TOKEN")} if optional("AWS_SESSION_TOKEN") else {}
    names = ";".join(sorted(headers))
    listed = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    asked = "\n".join(("POST", path, "", listed, names, sha256(body).hexdigest()))
    to_sign = "\n".join((KIND, moment, scope, sha256(asked.encode()).hexdigest()))
    seal = hmac.new(_key(scope), to_sign.encode(), sha256).hexdigest()
    credential = f"{text('AWS_ACCESS_KEY_ID')}/{scope}"
    return headers | {"authorization": f"{KIND} Credential={credential}, SignedHeaders={names}, Signature={seal}"}


def _key(scope: str) -> bytes:
    key = f"AWS4{text('AWS_SECRET_ACCESS_KEY')}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), sha256).digest()
    return key
