"""The shared edge platform: its spec from the settings, its secrets, and what came of its last `up`."""

import base64
import json
import secrets as chance
from typing import Any

from cryptography.hazmat.primitives import serialization
from sqlmodel import Session, select

from controlplane.core.errors import NeedsPerson
from controlplane.gateways import OPS_KEY, Gateways, ed25519
from controlplane.publishing.models import PlatformState
from programs.registry import program

PROJECT = "site-platform"
ASSERTION_KEY = "assertion_ed25519"


def spec(gateways: Gateways) -> dict[str, Any]:
    settings = gateways.settings
    cloudflare, edge = settings.cloudflare, settings.edge
    return {
        "env": settings.name,
        "account_id": cloudflare.account_id,
        "sites_zone": cloudflare.sites_zone,
        "sites_zone_id": gateways.cloudflare.zone_id(cloudflare.sites_zone),
        "portal_zone": cloudflare.portal_zone,
        "portal_zone_id": gateways.cloudflare.zone_id(cloudflare.portal_zone),
        "control_url": settings.public_url,
        "ops_jwks": json.dumps({"keys": [_public(gateways, OPS_KEY)]}, sort_keys=True),
        "platform_from": settings.resend.sender,
        "base_url": cloudflare.api_base,
        "public_scheme": edge.scheme,
        "public_port": str(edge.port or ""),
        "stripe_api_url": settings.stripe.api_base,
        "resend_api_url": settings.resend.api_base,
        "memo_ms": edge.memo_ms,
        "protect": settings.environment == "live",
    }


def worker_secrets(gateways: Gateways) -> dict[str, str]:
    """What the Workers hold. Ours are invented once and sealed; the vendors' come from the settings."""
    settings = gateways.settings
    _kid, assertion = ed25519(gateways.secrets, ASSERTION_KEY)
    pkcs8 = assertion.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "stripe_key": settings.stripe.secret_key.get_secret_value(),
        "resend_platform_key": settings.resend.api_key.get_secret_value(),
        "mail_kek": _ring(gateways, "edge_mail_kek"),
        "preview_key": preview_key(gateways),
        "assertion_key": base64.b64encode(pkcs8).decode(),
        "session_keys": _ring(gateways, "edge_session_key"),
    }


def preview_key(gateways: Gateways) -> str:
    return _random(gateways, "edge_preview_key")[1]


def outputs(session: Session, gateways: Gateways) -> dict[str, Any]:
    row = _row(session, gateways)
    if row is None:
        raise NeedsPerson("the shared platform is not there yet", next_action="run `controlplane platform up`")
    return row.outputs


def remember(session: Session, gateways: Gateways, *, release: str, outputs: dict[str, Any]) -> None:
    row = _row(session, gateways) or PlatformState(environment=gateways.settings.name)
    row.release, row.outputs = release, outputs
    session.add(row)


def release() -> str:
    return str(program("platform").release())


def assertion_public_key(gateways: Gateways) -> dict[str, str]:
    return _public(gateways, ASSERTION_KEY)


def _row(session: Session, gateways: Gateways) -> PlatformState | None:
    query = select(PlatformState).where(PlatformState.environment == gateways.settings.name)
    return session.exec(query).first()


def _random(gateways: Gateways, name: str) -> tuple[str, str]:
    return gateways.secrets.get(name, lambda: base64.b64encode(chance.token_bytes(32)).decode())


def _ring(gateways: Gateways, name: str) -> str:
    kid, key = _random(gateways, name)
    return json.dumps([{"kid": kid, "key": key}])


def _public(gateways: Gateways, name: str) -> dict[str, str]:
    kid, key = ed25519(gateways.secrets, name)
    raw = key.public_key().public_bytes_raw()
    x = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    return {"kty": "OKP", "crv": "Ed25519", "kid": kid, "alg": "EdDSA", "x": x}
