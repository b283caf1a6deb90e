"""AWS KMS wraps data keys. The place of a value is its encryption context: ids only, since CloudTrail shows it."""

import time
from typing import Any

from controlplane.core.crypto import parts_of
from controlplane.core.errors import NeedsPerson
from controlplane.vendors.aws import Answer, Aws, AwsDenied, AwsMissing, AwsRefused

NAMES = ("version", "env", "table", "column", "row", "tenant", "provider", "kid")
KNOWN_SECONDS = 300.0  # for so long a moved alias may go unnoticed
DAMAGED = {"InvalidCiphertextException", "IncorrectKeyException", "ValidationException"}  # or moved, or another key's
SLEEPING = {"DisabledException", "KMSInvalidStateException", "KeyUnavailableException"}
STRANGERS = {
    "UnrecognizedClientException", "InvalidClientTokenId", "ExpiredTokenException", "InvalidSignatureException",
    "SignatureDoesNotMatch", "IncompleteSignature", "MissingAuthenticationToken",
}  # fmt: skip


class KmsKeys:
    name = "kms"

    def __init__(self, aws: Aws, key: str) -> None:
        self._aws, self._key = aws, key
        self._known: tuple[float, str] = (0.0, "")

    @property
    def active(self) -> str:
        """The id behind the alias."""
        until, kid = self._known
        if time.monotonic() >= until:
            kid = str(self._call("describe_key", KeyId=self._key)["KeyMetadata"]["KeyId"])
            self._known = (time.monotonic() + KNOWN_SECONDS, kid)
        return kid

    def wrap(self, key: bytes, *, kid: str, context: bytes) -> bytes:
        found = self._call("encrypt", KeyId=kid, Plaintext=key, EncryptionContext=_named(context))
        return bytes(found["CiphertextBlob"])

    def unwrap(self, wrapped: bytes, *, kid: str, context: bytes) -> bytes:
        found = self._call("decrypt", KeyId=kid, CiphertextBlob=wrapped, EncryptionContext=_named(context))
        return bytes(found["Plaintext"])

    def rotate(self) -> str:
        """KMS keeps the id and all former material: nothing has to be re-wrapped."""
        self._known = (0.0, "")
        self._call("rotate_key_on_demand", KeyId=self.active)
        return self.active

    def close(self) -> None:
        """Nothing of its own is open."""

    def _call(self, operation: str, **params: Any) -> Answer:
        try:
            return self._aws.own.call("kms", operation, **params)
        except AwsDenied as error:
            raise NeedsPerson(error.reason, next_action=f"allow kms:{_right(operation)} on {self._key}") from error
        except AwsMissing as error:
            raise NeedsPerson(error.reason, next_action="name an existing key in CP_KEYS__KMS_KEY") from error
        except AwsRefused as error:
            raise self._sorted(error) from error

    def _sorted(self, error: AwsRefused) -> Exception:
        if error.code in DAMAGED:
            return ValueError(error.reason)
        if error.code in SLEEPING:
            return NeedsPerson(error.reason, next_action=f"enable the key behind {self._key}, or end its deletion")
        if error.code in STRANGERS:
            return NeedsPerson(error.reason, next_action="give this machine an identity that AWS knows")
        return NeedsPerson(error.reason, next_action=f"look at the key behind {self._key}")


def _right(operation: str) -> str:
    return "".join(word.capitalize() for word in operation.split("_"))


def _named(context: bytes) -> dict[str, str]:
    return {name: part for name, part in zip(NAMES, parts_of(context), strict=True) if part}
