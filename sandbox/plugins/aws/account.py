"""One configured provider: credentials, regions, endpoints, and the account behind them."""

import threading
from functools import cached_property
from threading import Event
from typing import Any

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.roles import assumed
from sandbox.plugins.failures import Denied, Invalid
from sandbox.plugins.values import Doc

# where the provider's endpoint arguments are not named like boto3's services
_ENDPOINT_NAMES = {
    "application-autoscaling": ("appautoscaling", "applicationautoscaling"),
    "ce": ("ce", "costexplorer"),
    "cognito-idp": ("cognitoidp", "cognitoidentityprovider"),
    "events": ("events", "eventbridge", "cloudwatchevents"),
    "logs": ("logs", "cloudwatchlogs", "cloudwatchlog"),
    "s3": ("s3", "s3api"),
}
_PARTITIONS = {"cn-": ("aws-cn", "amazonaws.com.cn"), "us-gov-": ("aws-us-gov", "amazonaws.com")}
_GLOBAL_REGION = "us-east-1"
_ATTEMPTS = 5


def _without_account(request: Any, **_: Any) -> None:
    """boto3 puts the account id before the name even of an endpoint that was given; no such host exists."""
    scheme, _, rest = request.url.partition("://")
    first, _, others = rest.partition(".")
    request.url = f"{scheme}://{others}" if first.isdigit() and len(first) == 12 else request.url


class Account:
    def __init__(self, config: Doc, cancelled: Event) -> None:
        self.config, self.cancelled = config, cancelled
        self._lock = threading.RLock()
        self._clients: dict[tuple[str, str], Client] = {}

    @cached_property
    def region(self) -> str:
        region = self.config.get("region") or self._session.region_name
        if not region:
            raise Invalid("the aws provider needs a region: argument, AWS_REGION, or a profile that has one")
        return str(region)

    @property
    def default_tags(self) -> dict[str, str]:
        return dict((self.config.get("defaultTags") or {}).get("tags") or {})

    @cached_property
    def identity(self) -> Doc:
        return self.client("sts").get_caller_identity()

    @cached_property
    def id(self) -> str:
        return str(self.identity["Account"])

    def partition(self, region: str) -> tuple[str, str]:
        """Its name and its domain."""
        return next(
            (found for prefix, found in _PARTITIONS.items() if region.startswith(prefix)), ("aws", "amazonaws.com")
        )

    def client(self, service: str, region: str = "") -> Client:
        region = region or self.region
        with self._lock:
            key = (service, region)
            if key not in self._clients:
                self._clients[key] = Client(self._boto(service, region), service, region, self.cancelled)
            return self._clients[key]

    def verify(self) -> None:
        """What the official provider checks when it is configured: are these credentials, and of the right account?"""
        allowed, forbidden = self.config.get("allowedAccountIds") or [], self.config.get("forbiddenAccountIds") or []
        if self.config.get("skipCredentialsValidation") and not allowed and not forbidden:
            return
        if (allowed and self.id not in allowed) or self.id in forbidden:
            raise Denied(f"AWS account ID not allowed: {self.id}")

    def _boto(self, service: str, region: str) -> Any:
        endpoint = self._endpoint(service)
        boto = self._session.client(service, region_name=region, endpoint_url=endpoint, config=self._limits(endpoint))
        if endpoint and service == "s3control":
            boto.meta.events.register("before-sign.s3-control", _without_account)
        return boto

    def _endpoint(self, service: str) -> str | None:
        for given in self.config.get("endpoints") or []:
            for name in _ENDPOINT_NAMES.get(service, (service,)):
                if given.get(name):
                    return str(given[name])
        return None

    def _limits(self, endpoint: str | None) -> Any:
        from botocore.config import Config

        style = {"addressing_style": "path"} if self.config.get("s3UsePathStyle") else {}
        attempts = int(self.config.get("maxRetries") or _ATTEMPTS)
        return Config(
            retries={"mode": self.config.get("retryMode") or "standard", "total_max_attempts": attempts},
            s3=style,
            connect_timeout=10,
            read_timeout=60,
            max_pool_connections=64,
            inject_host_prefix=endpoint is None,  # an account id before the name of a given endpoint leads nowhere
            request_checksum_calculation="when_required",
            use_fips_endpoint=bool(self.config.get("useFipsEndpoint")),
        )

    @cached_property
    def _session(self) -> Any:
        import boto3

        with self._lock:
            session = boto3.Session(
                aws_access_key_id=self.config.get("accessKey"),
                aws_secret_access_key=self.config.get("secretKey"),
                aws_session_token=self.config.get("token"),
                profile_name=self.config.get("profile"),
                region_name=self.config.get("region"),
            )
            for role in self.config.get("assumeRoles") or []:
                region = self.config.get("stsRegion") or session.region_name or _GLOBAL_REGION
                session = assumed(session, role, region=region, endpoint=self._endpoint("sts"))
            return session
