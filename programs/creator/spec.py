"""What the program is told. Secrets never travel in a spec: the account's own stay in its Secrets Manager."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from programs.creator import registry
from programs.creator.tiers import TIERS, Tier, TierName
from programs.specs import STRICT

SLUG = re.compile(r"[a-z][a-z0-9-]{2,19}")
ACCOUNT = re.compile(r"[0-9]{12}")
DOMAIN = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}")
VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, kw_only=True)
class Quotas:
    """What AWS grants the account today: read from it, not from the tier."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    lambda_concurrency: int = 10
    ses_production: bool = False


@dataclass(frozen=True, kw_only=True)
class Names:
    """Own names of the creator that share a certificate: every set, and every attempt at it, has one of its own."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    names: list[str] = field(default_factory=list)
    attempt: int = 0  # ACM gives a request up after three days: the next attempt is another certificate

    def __post_init__(self) -> None:
        if wrong := [name for name in self.names if not DOMAIN.fullmatch(name)]:
            raise ValueError(f"a name cannot be {wrong[0]!r}")

    @property
    def key(self) -> str:
        return hashlib.sha256(f"{self.attempt} {' '.join(sorted(self.names))}".encode()).hexdigest()[:8]


@dataclass(frozen=True, kw_only=True)
class CreatorSpec:
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    env: str
    tenant_id: str
    slug: str
    account_id: str
    tier: TierName
    domain: str
    owner_email: str
    locale: Literal["de", "en"]
    modules: dict[str, dict[str, Any]]
    runtime_version: str
    switched_off: list[str] = field(default_factory=list)  # modules that were there once: their tables stay
    erasing: list[str] = field(default_factory=list)  # of these, whose tables may now be deleted
    region: Literal["eu-central-1"] = "eu-central-1"
    role: str = "OrganizationAccountAccessRole"
    dns_mode: Literal["delegated", "external"] = "delegated"
    dns_phase: Literal["pending", "live"] = "pending"
    own_asked: Names = field(default_factory=Names)  # the creator's own names: their certificate is asked for
    own_issued: Names = field(default_factory=Names)  # of a certificate that is there: these are answered
    primary: str | None = None  # of the own names: what links in mails lead to
    own_mail: str | None = None  # the creator's own sending domain, at SES
    site_url: str = "https://{domain}"
    lifecycle: Literal["active", "offboarding"] = "active"
    suspended: bool = False
    mail_transport: Literal["resend", "ses"] = "resend"
    resend_url: str = "https://api.resend.com"
    stripe_url: str = "https://api.stripe.com"
    realtime_until: str | None = None  # the end of the public key for live channels: a day; None: sites poll
    alarms_url: str | None = None  # of the control plane, for the topic's messages
    table_generations: dict[str, int] = field(default_factory=dict)
    restored_at: dict[str, str] = field(default_factory=dict)  # name of a later generation → the moment it goes back to
    oldest: dict[str, int] = field(default_factory=dict)  # the first generation of a table that is still there
    retiring: bool = False  # whether all but the newest generations may now be deleted
    quotas: Quotas = field(default_factory=Quotas)
    base_url: str | None = None  # of the cloud's API; None is AWS
    code: str | None = None  # an archive of an earlier release; None: what is installed

    def __post_init__(self) -> None:
        for name, pattern in (
            ("slug", SLUG),
            ("account_id", ACCOUNT),
            ("domain", DOMAIN),
            ("runtime_version", VERSION),
        ):
            if not pattern.fullmatch(getattr(self, name)):
                raise ValueError(f"{name} cannot be {getattr(self, name)!r}")
        if self.realtime_until is not None and not DAY.fullmatch(self.realtime_until):
            raise ValueError("realtime_until is a day")
        registry.check(self.modules)
        if self.mail_transport == "ses" and not self.quotas.ses_production:
            raise ValueError("SES sends to strangers only when the account has production access")
        if self.mail_transport == "ses" and not self.own_mail:
            raise ValueError("SES sends from the creator's own domain")

    @property
    def limits(self) -> Tier:
        return TIERS[self.tier]

    @property
    def origin(self) -> str:
        return self.site_url.format(domain=self.primary if self.primary in self.aliases else self.domain)

    @property
    def origins(self) -> list[str]:
        return [self.site_url.format(domain=name) for name in (self.domain, *self.aliases)]

    @property
    def aliases(self) -> list[str]:
        """Own names that the site answers to: no longer wanted is no longer answered, whatever the certificate says."""
        return sorted({*self.own_issued.names} & {*self.own_asked.names}) if self.dns_phase == "live" else []

    @property
    def sender_domain(self) -> str:
        return self.own_mail if self.own_mail and self.mail_transport == "ses" else f"mail.{self.domain}"

    @property
    def is_leaving(self) -> bool:
        return self.lifecycle == "offboarding"

    def chosen(self) -> Mapping[str, Any]:
        """The specs of the modules, in the order in which they are built."""
        return {
            name: registry.MODULES[name].read(self.modules[name]) for name in registry.order() if name in self.modules
        }

    def generation(self, table: str) -> int:
        return self.table_generations.get(table, 1)

    def table_name(self, table: str, generation: int | None = None) -> str:
        found = generation or self.generation(table)
        return f"creator-{table}" + (f"-g{found}" if found > 1 else "")

    def bucket_name(self, purpose: str) -> str:
        """The only names with the tenant in them: those of buckets are the world's."""
        return f"cr-{self.slug}-{self.account_id}-{purpose}"
