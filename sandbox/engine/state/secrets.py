"""The passphrase secrets manager: PBKDF2 and AES-GCM, in the same format as the official one."""

import json
import os
from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping
from typing import Any

from ..errors import CommandFailed
from ..properties import SECRET, SIGNATURE, Properties, rewrite

_ROUNDS = 1_000_000
_PROOF = "pulumi"  # what the salt text encrypts, to recognise a wrong passphrase
UNSET = "passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables"
WRONG = "incorrect passphrase"
ADVICE = (
    "please set PULUMI_CONFIG_PASSPHRASE to the correct passphrase or set PULUMI_CONFIG_PASSPHRASE_FILE "
    "to a file containing the passphrase"
)


class PassphraseUnset(CommandFailed):
    def __init__(self) -> None:
        super().__init__(UNSET)


class PassphraseWrong(CommandFailed):
    def __init__(self, message: str = WRONG) -> None:
        super().__init__(message)


def passphrase(environment: Mapping[str, str]) -> str:
    if "PULUMI_CONFIG_PASSPHRASE" in environment:
        return environment["PULUMI_CONFIG_PASSPHRASE"]
    if path := environment.get("PULUMI_CONFIG_PASSPHRASE_FILE"):
        try:
            with open(path, encoding="utf-8") as stream:
                return stream.read().strip()
        except OSError as error:
            raise CommandFailed(f"unable to read PULUMI_CONFIG_PASSPHRASE_FILE: {error.strerror}") from error
    raise PassphraseUnset


def _encode(data: bytes) -> str:
    return b2a_base64(data, newline=False).decode()


class Crypter:
    """Encrypts and decrypts with one derived key."""

    def __init__(self, phrase: str, salt: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

        # not hashlib: the OpenSSL that comes with cryptography derives in less than half the time
        key = PBKDF2HMAC(algorithm=SHA256(), length=32, salt=salt, iterations=_ROUNDS).derive(phrase.encode())
        self._cipher = AESGCM(key)

    def encrypt(self, text: str) -> str:
        nonce = os.urandom(12)
        sealed = self._cipher.encrypt(nonce, text.encode(), None)
        return f"v1:{_encode(nonce)}:{_encode(sealed)}"

    def decrypt(self, ciphertext: str) -> str:
        from cryptography.exceptions import InvalidTag

        try:
            version, nonce, sealed = ciphertext.split(":")
            if version != "v1":
                raise CommandFailed(f"failed to decrypt: unknown version {version!r}")
            return self._cipher.decrypt(a2b_base64(nonce), a2b_base64(sealed), None).decode()
        except (InvalidTag, ValueError) as error:
            raise CommandFailed(f"failed to decrypt: {WRONG}, {ADVICE}") from error


class SecretsManager:
    """A crypter with the salt text that finds it again."""

    def __init__(self, salt: str, crypter: Crypter) -> None:
        self.salt, self.crypter = salt, crypter

    @classmethod
    def new(cls, phrase: str) -> "SecretsManager":
        salt = os.urandom(8)
        crypter = Crypter(phrase, salt)
        return cls(f"v1:{_encode(salt)}:{crypter.encrypt(_PROOF)}", crypter)

    @classmethod
    def open(cls, salt: str, phrase: str) -> "SecretsManager":
        version, encoded, proof = salt.split(":", 2)
        if version != "v1":
            raise CommandFailed(f"unknown version of the encryption salt: {version}")
        crypter = Crypter(phrase, a2b_base64(encoded))
        try:
            crypter.decrypt(proof)
        except CommandFailed as error:
            raise PassphraseWrong from error
        return cls(salt, crypter)

    def seal(self, value: Any) -> Any:
        """Property values as the state keeps them."""

        def change(marked: Properties) -> Properties:
            if marked[SIGNATURE] != SECRET or "value" not in marked:
                return marked
            text = json.dumps(marked["value"], ensure_ascii=False, separators=(",", ":"))
            return {SIGNATURE: SECRET, "ciphertext": self.crypter.encrypt(text)}

        return rewrite(value, change)

    def unseal(self, value: Any) -> Any:
        def change(marked: Properties) -> Properties:
            if marked[SIGNATURE] != SECRET:
                return marked
            if "ciphertext" in marked:
                return {SIGNATURE: SECRET, "value": json.loads(self.crypter.decrypt(marked["ciphertext"]))}
            return {SIGNATURE: SECRET, "value": json.loads(marked["plaintext"])} if "plaintext" in marked else marked

        return rewrite(value, change)
