"""What each program is told: plain frozen values, importable without Pulumi. Secrets never travel in a spec."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

STRICT: dict[str, Any] = {"extra": "forbid", "strict": True}


@dataclass(frozen=True, kw_only=True)
class PlatformSpec:
    """The shared edge of one environment: five Workers, their stores, routes and names."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    env: str
    account_id: str
    sites_zone: str
    sites_zone_id: str
    portal_zone: str
    portal_zone_id: str
    control_url: str  # of the control plane, also its OAuth issuer; without a trailing slash
    ops_jwks: str  # JSON {"keys": [...]}: the public keys that may sign ops calls
    platform_from: str
    base_url: str | None = None  # of the vendor's API; None is the vendor's own
    public_scheme: str = "https"
    public_port: str = ""  # as text, empty where it is the scheme's own
    stripe_api_url: str = "https://api.stripe.com"
    stripe_version: str = "2026-10-28.endive"
    stripe_link_hosts: tuple[str, ...] = ("billing.stripe.com", "invoice.stripe.com", "pay.stripe.com")
    resend_api_url: str = "https://api.resend.com"
    jurisdiction: str = "eu"
    location: str = "weur"
    memo_ms: int = 5000
    protect: bool = True  # the stores hold every tenant's data

    @property
    def app_host(self) -> str:
        return f"app.{self.portal_zone}"

    @property
    def ops_host(self) -> str:
        return f"ops.{self.portal_zone}"

    def url(self, host: str) -> str:
        return f"{self.public_scheme}://{host}" + (f":{self.public_port}" if self.public_port else "")


@dataclass(frozen=True, kw_only=True)
class OwnHost:
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    host: str  # lower case, punycode
    verified: bool = False  # its TXT claim was seen; before that nobody is routed
    redirect_to: str | None = None


@dataclass(frozen=True, kw_only=True)
class MailRecord:
    """A record that the mail vendor asks for, with its full name."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    type: str  # MX, TXT or CNAME
    name: str
    content: str
    priority: int | None = None


@dataclass(frozen=True, kw_only=True)
class SiteSpec:
    """One tenant of the site line."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    env: str
    tenant_id: str  # 26 of [0-9a-z]
    slug: str
    account_id: str
    sites_zone: str
    sites_zone_id: str
    routing_namespace_id: str  # output kv_routing_id of the platform stack
    base_url: str | None = None
    jurisdiction: str = "eu"
    primary: str | None = None  # a verified own host that the tenant's name under our zone redirects to
    own_hosts: tuple[OwnHost, ...] = field(default=())
    mail_records: tuple[MailRecord, ...] = field(default=())
