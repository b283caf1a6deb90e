"""Keys in files beside each other: for one host and for rehearsals, and for values that move on to a vendor."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class LocalKeys:
    """A ring of 32-byte files `<ring>.<kid>.key`; the newest kid is active."""

    name = "local"

    def __init__(self, folder: Path, ring: str = "seal") -> None:
        self._folder, self._ring = folder, ring
        self._keys: dict[str, bytes] = {}
        self._look()

    @property
    def active(self) -> str:
        return max(self._keys) if self._keys else self.rotate()

    @property
    def kids(self) -> list[str]:
        return sorted(self._keys)

    def rotate(self) -> str:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        kid = f"k{len(self._keys) + 1:04d}"
        path = self._path(kid)
        with tempfile.NamedTemporaryFile(dir=self._folder) as draft:  # created 0600
            draft.write(secrets.token_bytes(32))
            draft.flush()
            with suppress(FileExistsError):  # another process of ours was first: its key counts
                os.link(draft.name, path)
        self._keys[kid] = path.read_bytes()
        return kid

    def close(self) -> None:
        """Files are read once."""

    def wrap(self, key: bytes, *, kid: str, context: bytes) -> bytes:
        nonce = secrets.token_bytes(12)
        return nonce + AESGCM(self._key(kid)).encrypt(nonce, key, context)

    def unwrap(self, wrapped: bytes, *, kid: str, context: bytes) -> bytes:
        return AESGCM(self._key(kid)).decrypt(wrapped[:12], wrapped[12:], context)

    def _key(self, kid: str) -> bytes:
        if kid not in self._keys:  # another process made it
            self._look()
        return self._keys[kid]

    def _look(self) -> None:
        self._keys |= {path.name.split(".")[1]: path.read_bytes() for path in self._folder.glob(f"{self._ring}.*.key")}

    def _path(self, kid: str) -> Path:
        return self._folder / f"{self._ring}.{kid}.key"
