"""Envelope encryption: a value is sealed to its table, column, row and tenant, and opens nowhere else.

    s1.<provider>.<kid>.<wrapped data key>.<nonce>.<ciphertext and tag>          (base64url without padding)

The data key is fresh for each value and wrapped by a key ring of a provider (local file, KMS, Vault). Re-wrapping
for a new key therefore changes the wrapped key only. Any edit of the header, and any move to another place, fails.
"""

import base64
import os
import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from controlplane.core.errors import ProductError


class CannotOpen(ProductError):
    """The value is damaged, was moved, or its key is gone."""


@dataclass(frozen=True)
class Place:
    """Where a sealed value lives; part of what is authenticated."""

    table: str
    column: str
    row_id: str
    tenant_id: str = ""


@dataclass(frozen=True, repr=False)
class Sealed:
    """The stored text of a sealed value. Printing it tells nothing."""

    text: str

    def __repr__(self) -> str:
        return "Sealed(…)"

    __str__ = __repr__


class KeyProvider(Protocol):
    name: str

    @property
    def active(self) -> str: ...
    def wrap(self, key: bytes, *, kid: str, context: bytes) -> bytes: ...
    def unwrap(self, wrapped: bytes, *, kid: str, context: bytes) -> bytes: ...
    def rotate(self) -> str: ...
    def close(self) -> None: ...


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


class Seal:
    def __init__(self, provider: KeyProvider, *, environment: str) -> None:
        self._provider, self._environment = provider, environment

    def seal(self, value: str, place: Place) -> str:
        key, nonce = secrets.token_bytes(32), secrets.token_bytes(12)
        kid = self._provider.active
        wrapped = self._provider.wrap(key, kid=kid, context=self._wrap_context(place, kid))
        body = AESGCM(key).encrypt(nonce, value.encode(), self._context(place))
        return ".".join(["s1", self._provider.name, kid, _encode(wrapped), _encode(nonce), _encode(body)])

    def open_seal(self, sealed: str, place: Place) -> str:
        try:
            kid, wrapped, nonce, body = self._parts(sealed)
            key = self._provider.unwrap(wrapped, kid=kid, context=self._wrap_context(place, kid))
            return AESGCM(key).decrypt(nonce, body, self._context(place)).decode()
        except DAMAGED as error:
            raise CannotOpen(f"cannot open {place.table}.{place.column} of {place.row_id}") from error

    def rewrap(self, sealed: str, place: Place) -> str:
        """The same value under the active key; the ciphertext stays."""
        try:
            kid, wrapped, _nonce, _body = self._parts(sealed)
            key = self._provider.unwrap(wrapped, kid=kid, context=self._wrap_context(place, kid))
        except DAMAGED as error:
            raise CannotOpen(f"cannot re-wrap {place.table}.{place.column} of {place.row_id}") from error
        active = self._provider.active
        parts = sealed.split(".")
        parts[2] = active
        parts[3] = _encode(self._provider.wrap(key, kid=active, context=self._wrap_context(place, active)))
        return ".".join(parts)

    @property
    def active(self) -> str:
        return self._provider.active

    def rotate(self) -> str:
        return self._provider.rotate()

    def close(self) -> None:
        self._provider.close()

    def kid_of(self, sealed: str) -> str:
        return self._parts(sealed)[0]

    def _parts(self, sealed: str) -> tuple[str, bytes, bytes, bytes]:
        version, provider, kid, wrapped, nonce, body = sealed.split(".")
        if version != "s1" or provider != self._provider.name:
            raise ValueError("sealed by another provider")
        return kid, _decode(wrapped), _decode(nonce), _decode(body)

    def _context(self, place: Place) -> bytes:
        return _bound("s1", self._environment, place.table, place.column, place.row_id, place.tenant_id)

    def _wrap_context(self, place: Place, kid: str) -> bytes:
        return self._context(place) + _bound(self._provider.name, kid)


class LocalKeys:
    """A ring of 32-byte files `<ring>.<kid>.key`; the newest kid is active. For one host and for rehearsals."""

    name = "local"

    def __init__(self, folder: Path, ring: str = "seal") -> None:
        self._folder, self._ring = folder, ring
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._keys = {path.name.split(".")[1]: path.read_bytes() for path in folder.glob(f"{ring}.*.key")}
        if not self._keys:
            self.rotate()

    @property
    def active(self) -> str:
        return max(self._keys)

    @property
    def kids(self) -> list[str]:
        return sorted(self._keys)

    def rotate(self) -> str:
        kid = f"k{len(self._keys) + 1:04d}"
        path = self._folder / f"{self._ring}.{kid}.key"
        with tempfile.NamedTemporaryFile(dir=self._folder) as draft:  # created 0600
            draft.write(secrets.token_bytes(32))
            draft.flush()
            with suppress(FileExistsError):  # another process of ours was first: its key counts
                os.link(draft.name, path)
        self._keys[kid] = path.read_bytes()
        return kid

    def close(self) -> None:
        """Files are read once."""

    def key(self, kid: str) -> bytes:
        return self._keys[kid]

    def wrap(self, key: bytes, *, kid: str, context: bytes) -> bytes:
        nonce = secrets.token_bytes(12)
        return nonce + AESGCM(self._keys[kid]).encrypt(nonce, key, context)

    def unwrap(self, wrapped: bytes, *, kid: str, context: bytes) -> bytes:
        return AESGCM(self._keys[kid]).decrypt(wrapped[:12], wrapped[12:], context)
