"""Envelope encryption: a value is sealed to its table, column, row and tenant, and opens nowhere else.

    s1.<provider>.<kid>.<wrapped data key>.<nonce>.<ciphertext and tag>          (base64url without padding)

The data key is wrapped by a key of a provider (local file, KMS, Vault), and the value names both: re-wrapping for
another key or provider changes the wrapped key only. Any edit of the header, and any move to another place, fails.
In `s1` the data key belongs to this one value. In `s2`, for columns with much traffic, values of one column share
it for an hour: they are bound to their rows all the same, but the vendor is not asked for each of them.
"""

import base64
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from controlplane.core.data_keys import DataKeys, KeyProvider
from controlplane.core.errors import ProductError
from controlplane.core.log import remember


class CannotOpen(ProductError):
    """The value is damaged, was moved, or its key is gone."""


@dataclass(frozen=True)
class Place:
    """Where a sealed value lives; part of what is authenticated."""

    table: str
    column: str
    row_id: str
    tenant_id: str = ""


Others = Mapping[str, Callable[[], KeyProvider]]
NO_OTHERS: Others = MappingProxyType({})
DAMAGED = (InvalidTag, ValueError, KeyError)


def _bound(*parts: str) -> bytes:
    """Length prefixes, so that no two contexts encode alike."""
    return b"".join(len(raw).to_bytes(4, "big") + raw for raw in (part.encode() for part in parts))


def parts_of(bound: bytes) -> list[str]:
    """What a context is made of, for providers that want it by name."""
    parts = []
    while bound:
        end = 4 + int.from_bytes(bound[:4], "big")
        parts.append(bound[4:end].decode())
        bound = bound[end:]
    return parts


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


# Many values, none of them for long.
SHARED = frozenset({"emails", "replays", "state_versions"})


@dataclass(frozen=True, repr=False)
class Envelope:
    version: str
    provider: str
    kid: str
    wrapped: bytes
    nonce: bytes
    body: bytes

    @classmethod
    def read(cls, sealed: str) -> "Envelope":
        version, provider, kid, wrapped, nonce, body = sealed.split(".")
        if version not in {"s1", "s2"}:
            raise ValueError("not a sealed value")
        return cls(version, provider, kid, _decode(wrapped), _decode(nonce), _decode(body))

    @property
    def text(self) -> str:
        encoded = (_encode(part) for part in (self.wrapped, self.nonce, self.body))
        return ".".join([self.version, self.provider, self.kid, *encoded])

    @property
    def key(self) -> str:
        return f"{self.provider}.{self.kid}"


class Seal:
    """Seals with the active provider; `others` open what was sealed before it became the active one."""

    def __init__(self, provider: KeyProvider, *, environment: str, others: Others = NO_OTHERS) -> None:
        self._environment, self._others, self._active = environment, dict(others), DataKeys(provider)
        self._known = {provider.name: self._active}

    def seal(self, value: str, place: Place) -> str:
        version = "s2" if place.table in SHARED else "s1"
        kid = self._active.active
        context = self._wrap_context(version, place, self._active.name, kid)
        key, wrapped = self._active.fresh(kid, context, shared=version == "s2")
        nonce = secrets.token_bytes(12)
        body = AESGCM(key).encrypt(nonce, value.encode(), self._context(version, place))
        return Envelope(version, self._active.name, kid, wrapped, nonce, body).text

    def open_seal(self, sealed: str, place: Place) -> str:
        _envelope, _key, value = self._opened(sealed, place)
        remember(value)
        return value

    def rewrap(self, sealed: str, place: Place) -> str:
        """The same value under the active key, whoever wrapped it before; the ciphertext stays."""
        envelope, key, _value = self._opened(sealed, place)
        name, kid = self._active.name, self._active.active
        context = self._wrap_context(envelope.version, place, name, kid)
        wrapped = self._active.wrapped(key, kid, context, shared=envelope.version == "s2")
        return replace(envelope, provider=name, kid=kid, wrapped=wrapped).text

    @property
    def active(self) -> str:
        return self._active.active

    @property
    def active_key(self) -> str:
        """As sealed values name it."""
        return f"{self._active.name}.{self.active}"

    def rotate(self) -> str:
        return self._active.rotate()

    def close(self) -> None:
        for keys in self._known.values():
            keys.close()

    def kid_of(self, sealed: str) -> str:
        return Envelope.read(sealed).kid

    def _opened(self, sealed: str, place: Place) -> tuple[Envelope, bytes, str]:
        try:
            envelope = Envelope.read(sealed)
            context = self._wrap_context(envelope.version, place, envelope.provider, envelope.kid)
            key = self._keys(envelope.provider).opened(envelope.kid, envelope.wrapped, context)
            body = AESGCM(key).decrypt(envelope.nonce, envelope.body, self._context(envelope.version, place))
        except DAMAGED as error:
            raise CannotOpen(f"cannot open {place.table}.{place.column} of {place.row_id}") from error
        return envelope, key, body.decode()

    def _keys(self, provider: str) -> DataKeys:
        if provider not in self._known:
            if provider not in self._others:
                raise CannotOpen(f"sealed by {provider}, which is not set up here any more")
            self._known[provider] = DataKeys(self._others[provider]())
        return self._known[provider]

    def _context(self, version: str, place: Place) -> bytes:
        return _bound(version, self._environment, place.table, place.column, place.row_id, place.tenant_id)

    def _wrap_context(self, version: str, place: Place, provider: str, kid: str) -> bytes:
        shared = Place(place.table, place.column, "")
        return self._context(version, shared if version == "s2" else place) + _bound(provider, kid)
