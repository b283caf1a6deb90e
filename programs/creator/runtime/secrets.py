"""Values of Secrets Manager, remembered for five minutes: a rotated one is noticed without a deployment."""

import json
import time
from typing import Any

from programs.creator.runtime.aws import ClientError, client, code_of
from programs.creator.runtime.errors import Problem
from programs.creator.runtime.settings import text

SECONDS = 300.0
_KNOWN: dict[str, tuple[float, dict[str, Any]]] = {}


def value(secret: str, name: str) -> str:
    found = _read(text(f"SECRET_{secret.upper()}")).get(name)
    if not found:
        raise Problem("unavailable", "this is not set up yet")
    return str(found)


def _read(arn: str) -> dict[str, Any]:
    at, found = _KNOWN.get(arn, (0.0, {}))
    if found and time.monotonic() - at < SECONDS:
        return found
    try:
        found = dict(json.loads(client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]))
    except ClientError as error:
        if code_of(error) == "ResourceNotFoundException":  # made empty by the program, filled after it
            raise Problem("unavailable", "this is not set up yet") from None
        raise
    _KNOWN[arn] = (time.monotonic(), found)
    return found
