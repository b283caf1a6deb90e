"""AWS: signed calls in our own account and in the members'. The only importer of boto3, and only when first needed.

Errors are sorted by what happens next:

    AwsRefused (Refused)        ├── AwsMissing: there is no such thing   └── AwsPresent: it is there already
    AwsDenied (NeedsPerson)     the role may not; in a fresh account: not yet
    AwsNotReady (TryLater)      the service is not switched on yet
    AwsQuota (TryLater)         a limit of the vendor: hours, not seconds
    TryLater                    busy, throttled, unreachable
"""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from controlplane.core.errors import NeedsPerson, Refused, TryLater
from controlplane.settings import Aws as AwsSettings

if TYPE_CHECKING:
    from controlplane.vendors.aws_member import Member
    from controlplane.vendors.aws_organization import Organization

Answer = dict[str, Any]
ROLE = "OrganizationAccountAccessRole"  # in every member, made with it
SESSION_SECONDS = 3600
FRESH = 900  # seconds that a session must still be good for when somebody gets it
QUOTA_WAIT = timedelta(hours=1)

QUOTAS = {
    "LimitExceededException", "ServiceQuotaExceededException", "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
    "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED", "CLOSE_ACCOUNT_QUOTA_EXCEEDED", "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED",
    "ACCOUNT_LIMIT_EXCEEDED",
}  # fmt: skip
BUSY = {
    "ConcurrentModificationException", "TooManyRequestsException", "FinalizingOrganizationException",
    "PolicyChangesInProgressException", "Throttling", "ThrottlingException", "RequestLimitExceeded", "SlowDown",
    "ServiceUnavailable", "ServiceException", "InternalFailure", "InternalError", "InternalServerError",
    "RequestTimeout", "ResourceConflictException", "OperationAborted", "ProvisionedThroughputExceededException",
    "ResourceInUse", "LimitExceeded", "ContinuousBackupsUnavailableException", "BackupInUseException",
    "KMSInternalException", "DependencyTimeoutException",
}  # fmt: skip
NOT_READY = {"OptInRequired", "SubscriptionRequiredException", "NotSignedUp", "PendingVerification"}
DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "Forbidden"}
MISSING = (
    "NotFound", "NotFoundException", "NoSuch", "ResourceNotFound", "DoesNotExist", "NotExist", "NonExistent",
    "NoSuchEntity", "404",
)  # fmt: skip
PRESENT = ("AlreadyExists", "AlreadyOwnedByYou", "Duplicate", "EntityAlreadyExists", "AlreadyClosed", "AlreadyEnabled")


class AwsRefused(Refused):
    def __init__(self, reason: str, code: str) -> None:
        super().__init__(reason)
        self.code = code


class AwsMissing(AwsRefused):
    pass


class AwsPresent(AwsRefused):
    pass


class AwsDenied(NeedsPerson):
    def __init__(self, reason: str) -> None:
        super().__init__(reason, next_action="look at the policies of the role, then retry")


class AwsNotReady(TryLater):
    pass


class AwsQuota(TryLater):
    def __init__(self, reason: str, code: str, after: timedelta = QUOTA_WAIT) -> None:
        super().__init__(reason, after=after)
        self.code = code


class Caller:
    """Calls in the name of one account."""

    def __init__(self, settings: AwsSettings, session: Any) -> None:
        self._settings, self._session = settings, session
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()

    def call(self, service: str, operation: str, *, region: str = "", **params: Any) -> Answer:
        client = self._client(service, region)
        try:
            found: Answer = getattr(client, operation)(**params)
        except Exception as error:
            raise translated(error, f"AWS {service} {operation}") from error
        return found

    def pages(self, service: str, operation: str, key: str, *, region: str = "", **params: Any) -> Iterator[Any]:
        client = self._client(service, region)
        try:
            if client.can_paginate(operation):
                answers = client.get_paginator(operation).paginate(**params)
            else:  # some lists are short enough for one answer
                answers = [getattr(client, operation)(**params)]
            for page in answers:
                yield from page.get(key) or []
        except Exception as error:
            raise translated(error, f"AWS {service} {operation}") from error

    @property
    def region(self) -> str:
        return self._settings.region

    def keys(self) -> dict[str, str]:
        """As a child process takes them: the environment of a provider."""
        found = self._session.get_credentials().get_frozen_credentials()
        names = {
            "AWS_ACCESS_KEY_ID": found.access_key,
            "AWS_SECRET_ACCESS_KEY": found.secret_key,
            "AWS_SESSION_TOKEN": found.token,
        }
        return {name: str(value) for name, value in names.items() if value}

    def _client(self, service: str, region: str) -> Any:
        region = region or self._settings.region
        with self._lock:
            if (service, region) not in self._clients:
                made = self._session.client(
                    service,
                    region_name=region,
                    endpoint_url=self._settings.endpoint_url or None,
                    config=_config(service, own_endpoint=bool(self._settings.endpoint_url)),
                )
                self._clients[service, region] = made
            return self._clients[service, region]


class Aws:
    def __init__(self, settings: AwsSettings) -> None:
        self._settings = settings
        self._members: dict[str, tuple[float, Member]] = {}
        self._lock = threading.Lock()

    @cached_property
    def own(self) -> Caller:
        """By the identity of this machine, whatever account that is in."""
        return Caller(self._settings, _session(self._settings.region))

    @cached_property
    def management(self) -> Caller:
        """Our own account, by the identity of this machine, or the role that it may take."""
        session = _session(self._settings.region)
        if self._settings.organisation_role:
            session = self._assumed(Caller(self._settings, session), self._settings.organisation_role)
        return Caller(self._settings, session)

    @cached_property
    def organization(self) -> "Organization":
        from controlplane.vendors.aws_organization import Organization

        return Organization(self.management)

    def member(self, account_id: str) -> "Member":
        """A member account, entered for an hour; never longer, and nothing of it is kept."""
        from controlplane.vendors.aws_member import Member

        now = time.monotonic()
        with self._lock:
            until, known = self._members.get(account_id, (0.0, None))
        if known and until > now + FRESH:
            return known
        role = f"arn:aws:iam::{account_id}:role/{ROLE}"
        made = Member(account_id, Caller(self._settings, self._assumed(self.management, role)))
        with self._lock:
            self._members[account_id] = (now + SESSION_SECONDS, made)
        return made

    def forget(self, account_id: str) -> None:
        with self._lock:
            self._members.pop(account_id, None)

    def _assumed(self, by: Caller, role: str) -> Any:
        found = by.call("sts", "assume_role", RoleArn=role, RoleSessionName="controlplane")["Credentials"]
        return _session(self._settings.region, found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])


def _session(region: str, *keys: str) -> Any:
    import boto3
    import botocore.session

    core = botocore.session.get_session()
    core.register_component("data_loader", _loader())
    return boto3.Session(*keys, region_name=region, botocore_session=core)


_LOADERS: list[Any] = []


def _loader() -> Any:
    """Descriptions of services are read once for all sessions."""
    if not _LOADERS:
        from botocore.loaders import create_loader

        _LOADERS.append(create_loader())
    return _LOADERS[0]


def _config(service: str, *, own_endpoint: bool) -> Any:
    from botocore.config import Config

    tries = 1 if service == "organizations" else 3  # a repeated CreateAccount would hide what became of the first
    connect, read = (3, 5) if service == "kms" else (5, 30)  # requests wait for keys
    more: dict[str, Any] = {"inject_host_prefix": False, "s3": {"addressing_style": "path"}} if own_endpoint else {}
    retries = {"mode": "standard", "total_max_attempts": tries}
    return Config(connect_timeout=connect, read_timeout=read, retries=retries, max_pool_connections=20, **more)


def translated(error: Exception, what: str) -> Exception:
    """In our words; what is not from the vendor stays as it is."""
    from botocore.exceptions import BotoCoreError, ClientError

    if isinstance(error, BotoCoreError):
        return TryLater(f"{what}: {type(error).__name__}", after=timedelta(seconds=15))
    if not isinstance(error, ClientError):
        return error
    found = error.response.get("Error", {})
    code, reason = str(found.get("Code", "")), str(error.response.get("Reason", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    return _sorted(code, reason, status, f"{what}: {code} {reason} {found.get('Message', '')}"[:500])


def _sorted(code: str, reason: str, status: int, text: str) -> Exception:
    short = code.removesuffix("Exception").removesuffix("Fault")
    if {code, reason} & QUOTAS:
        return AwsQuota(text, reason or code)
    if code in BUSY or (status >= 500 and code != "UnsupportedOperation"):
        return TryLater(text, after=timedelta(seconds=5))
    if code in NOT_READY or "must be verified" in text:
        return AwsNotReady(text, after=timedelta(minutes=1))
    if code in DENIED:
        return AwsDenied(text)
    if any(mark in short for mark in PRESENT):
        return AwsPresent(text, code)
    if any(mark in short for mark in MISSING):
        return AwsMissing(text, code)
    return AwsRefused(text, code)
