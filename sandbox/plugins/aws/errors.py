"""boto3's exceptions, told in the words of the plugins."""

import re
from typing import Any

from sandbox.plugins.failures import Denied, Exhausted, Exists, Failure, Invalid, Missing, Unreachable

# every service has words of its own for the same four things
_GONE = re.compile(
    r"NotFound|NoSuch|NonExistent|DoesNotExist|^404$|NoSuchEntity|UnknownResource|UnknownMonitor|UnknownSubscription"
)
_TAKEN = re.compile(
    r"AlreadyExist|AlreadyOwnedByYou|EntityAlreadyExists|^BucketAlready|DuplicatePolicyAttachment|Duplicate"
)
_DENIED = re.compile(
    r"AccessDenied|UnauthorizedOperation|NotAuthorized|InvalidClientTokenId|ExpiredToken|SignatureDoesNotMatch|Forbidden"
)
_LIMITED = re.compile(r"Throttl|TooManyRequests|LimitExceeded|SlowDown|RequestLimit|QuotaExceeded")


class AwsRefusal(Failure):
    """Anything AWS refuses that has no class of its own; `error` is AWS's code."""

    def __init__(self, message: str, error: str) -> None:
        super().__init__(message)
        self.error = error


def translated(error: Exception, service: str, operation: str) -> Exception:
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, ParamValidationError

    what = f"AWS: {service} {operation}"
    if isinstance(error, ClientError):
        return _refusal(error.response, what)
    if isinstance(error, ParamValidationError):
        return Invalid(f"{what}: {error}".replace("\n", " "))
    if isinstance(error, NoCredentialsError):
        return Denied(f"{what}: no credentials were given and none were found")
    if isinstance(error, BotoCoreError):
        return Unreachable(f"{what}: {type(error).__name__}: {error}")
    return error


def _refusal(response: Any, what: str) -> Failure:
    error = response.get("Error", {})
    code = str(error.get("Code", "Unknown"))
    message = f"{what}: {code}: {error.get('Message', '')}"
    if _GONE.search(code):
        return Missing(message)
    if _TAKEN.search(code):
        retried = response.get("ResponseMetadata", {}).get("RetryAttempts", 0) > 0
        return Exists(message, perhaps_ours=retried)
    if _DENIED.search(code):
        return Denied(message)
    if _LIMITED.search(code):
        return Exhausted(message)
    return AwsRefusal(message, code)
