"""Keyed hashes of what we hand out: a dump of the database alone verifies nothing."""

import time
from hmac import compare_digest
from weakref import WeakKeyDictionary

from controlplane.core import tokens
from controlplane.core.secrets import KeptSecrets
from controlplane.gateways import Gateways, new_key

PEPPER = "pepper"
_FRESH = 30.0  # seconds until a pepper that another process rotated in is noticed
_rings: WeakKeyDictionary[KeptSecrets, tuple[float, list[tuple[str, str]]]] = WeakKeyDictionary()


def digest(gateways: Gateways, token: str) -> str:
    """Under the newest pepper; what is stored."""
    kid, pepper = _peppers(gateways)[0]
    return tokens.digest(token, kid=kid, pepper=pepper)


def candidates(gateways: Gateways, token: str) -> list[str]:
    """Under each living pepper; what is looked for."""
    return [tokens.digest(token, kid=kid, pepper=pepper) for kid, pepper in _peppers(gateways)]


def matches(gateways: Gateways, token: str, stored: str) -> bool:
    return any(compare_digest(stored, candidate) for candidate in candidates(gateways, token))


def _peppers(gateways: Gateways) -> list[tuple[str, str]]:
    now = time.monotonic()
    read_at, ring = _rings.get(gateways.secrets, (0.0, []))
    if not ring or now - read_at > _FRESH:
        ring = gateways.secrets.ring(PEPPER, new_key)
        _rings[gateways.secrets] = (now, ring)
    return ring
