"""JWTs that the edge signs: for itself at the token endpoint, and for one request of one person."""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from jwt import PyJWK
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from controlplane.core.clock import system_now
from controlplane.core.errors import Unauthenticated
from controlplane.core.ids import new_id
from controlplane.gateways import Gateways
from controlplane.identity.models import UsedJti

ISSUER = "edge-core"
LIFE = 60
SKEW = 30
REFUSED = "The assertion is not valid."


@dataclass(frozen=True)
class Sent:
    """What the signature must fit."""

    method: str
    target: str  # path with query, as sent
    body: bytes


@dataclass(frozen=True)
class Claims:
    user_id: str
    tenant_id: str
    auth_time: datetime


def of_client(gateways: Gateways, key: dict[str, str], token: str) -> None:
    """private_key_jwt (RFC 7523)."""
    claims = _verified(gateways, key, token, audience=gateways.settings.public_url)
    if claims.get("sub") != ISSUER:
        raise Unauthenticated(REFUSED, code="invalid_client")


def of_person(gateways: Gateways, key: dict[str, str], token: str, sent: Sent) -> Claims:
    claims = _verified(gateways, key, token, audience="cp", required=("tid", "auth_time", "m", "p", "bh"))
    digest = base64.urlsafe_b64encode(hashlib.sha256(sent.body).digest()).rstrip(b"=").decode()
    bound = (claims["m"], claims["p"], claims["bh"], claims.get("env")) == (
        sent.method,
        sent.target,
        digest,
        gateways.settings.name,
    )
    if not bound or not all(isinstance(claims[name], str) for name in ("sub", "tid")):
        raise Unauthenticated(REFUSED, code="assertion_refused")
    return Claims(claims["sub"], claims["tid"], datetime.fromtimestamp(int(claims["auth_time"]), UTC))


def thumbprint(key: dict[str, str]) -> str:
    """RFC 7638."""
    text = json.dumps({name: key[name] for name in ("crv", "kty", "x")}, separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def _verified(
    gateways: Gateways, key: dict[str, str], token: str, *, audience: str, required: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Times are compared with the system's clock: the edge signs with real time."""
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            PyJWK.from_dict(key).key,
            algorithms=["EdDSA"],
            audience=audience,
            issuer=ISSUER,
            leeway=SKEW,
            options={"require": ["exp", "iat", "iss", "aud", "sub", "jti", *required], "strict_aud": True},
        )
        kid = jwt.get_unverified_header(token).get("kid")
    except (jwt.PyJWTError, ValueError) as error:
        raise Unauthenticated(REFUSED, code="assertion_refused") from error
    short = int(claims["exp"]) - int(claims["iat"]) <= LIFE
    if kid != thumbprint(key) or not short or not isinstance(claims["jti"], str) or len(claims["jti"]) > 100:
        raise Unauthenticated(REFUSED, code="assertion_refused")
    _only_once(gateways, claims["jti"])
    return claims


def _only_once(gateways: Gateways, jti: str) -> None:
    """In a transaction of its own: the assertion is spent even when the request fails."""
    until = system_now() + timedelta(seconds=LIFE + 2 * SKEW)
    new = insert(UsedJti).values(id=new_id(), issuer=ISSUER, jti=jti, expires_at=until)
    with gateways.db.transaction() as session:
        fresh = session.execute(new.on_conflict_do_nothing().returning(col(UsedJti.id))).scalar()
    if not fresh:
        raise Unauthenticated(REFUSED, code="assertion_replayed")
