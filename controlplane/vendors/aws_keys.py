"""AWS KMS wraps data keys. The place of a value is its encryption context: ids only, since CloudTrail shows it."""

from functools import cached_property
from typing import Any

from controlplane.core.crypto import parts_of
from controlplane.core.errors import NeedsPerson
from controlplane.vendors.aws import Answer, Aws, AwsDenied, AwsMissing, AwsRefused

NAMES = ("version", "env", "table", "column", "row", "tenant", "provider", "kid")


class KmsKeys:
    name = "kms"

    def __init__(self, aws: Aws, key: str) -> None:
        self._aws, self._key = aws, key

    @cached_property
    def active(self) -> str:
        """The id behind the alias; when the alias is moved, a restarted process takes the new key."""
        return str(self._call("describe_key", KeyId=self._key)["KeyMetadata"]["KeyId"])

    def wrap(self, key: bytes, *, kid: str, context: bytes) -> bytes:
        found = self._call("encrypt", KeyId=kid, Plaintext=key, EncryptionContext=_named(context))
        return bytes(found["CiphertextBlob"])

    def unwrap(self, wrapped: bytes, *, kid: str, context: bytes) -> bytes:
        found = self._call("decrypt", KeyId=kid, CiphertextBlob=wrapped, EncryptionContext=_named(context))
        return bytes(found["Plaintext"])

    def rotate(self) -> str:
        """KMS keeps the id and all former material: nothing has to be re-wrapped."""
        self._call("rotate_key_on_demand", KeyId=self.active)
        return self.active

    def close(self) -> None:
        """Nothing of its own is open."""

    def _call(self, operation: str, **params: Any) -> Answer:
        try:
            return self._aws.own.call("kms", operation, **params)
        except AwsDenied as error:
            raise NeedsPerson(error.reason, next_action=f"allow kms:{operation} on {self._key} to our role") from error
        except AwsMissing as error:
            raise NeedsPerson(error.reason, next_action="name an existing key in CP_KEYS__KMS_KEY") from error
        except AwsRefused as error:  # damaged, moved, or sealed by another key
            raise ValueError(error.reason) from error


def _named(context: bytes) -> dict[str, str]:
    return {name: part for name, part in zip(NAMES, parts_of(context), strict=True) if part}
