"""Secret bindings at rest: the store holds them encrypted; the key lies beside it, for its owner only to read."""

import os
from pathlib import Path

from cryptography.fernet import Fernet


class Cipher:
    def __init__(self, key_file: Path) -> None:
        key_file.parent.mkdir(parents=True, exist_ok=True)
        if not key_file.exists():
            _write_private(key_file, Fernet.generate_key())
        self._fernet = Fernet(key_file.read_bytes())

    def seal(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        return self._fernet.decrypt(sealed.encode()).decode()


def _write_private(path: Path, content: bytes) -> None:
    draft = path.with_suffix(".draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    os.replace(draft, path)
