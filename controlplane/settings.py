"""Everything that differs between places: addresses, keys, limits. The only reader of the environment."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Environment(StrEnum):
    SANDBOX = "sandbox"
    STAGING = "staging"
    LIVE = "live"


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Database(Part):
    url: SecretStr = SecretStr("")
    pool_size: int = 10
    statement_timeout_ms: int = 5_000


class Redis(Part):
    url: SecretStr = SecretStr("")
    prefix: str = "cp"  # queues and limits of several environments may share one server


class Keys(Part):
    """What wraps data keys. A provider that is set up but not named opens what it sealed before."""

    provider: Literal["local", "kms", "vault"] = "local"
    folder: Path | None = None  # local: one file per key ring, mode 0600
    kms_key: str = ""
    vault_url: str = ""
    vault_token: SecretStr = SecretStr("")
    vault_key: str = ""


class Stripe(Part):
    secret_key: SecretStr = SecretStr("")
    webhook_secrets: tuple[SecretStr, ...] = ()  # two during rotation; none disables the endpoint
    api_base: str = "https://api.stripe.com"
    account: str = ""
    automatic_tax: bool = True  # False where Stripe Tax is not set up: prices then carry what the catalogue says

    @property
    def livemode(self) -> bool:
        """Stripe is two worlds; the key says which one is ours. Events of the other are none of ours."""
        return not self.secret_key.get_secret_value().startswith(("sk_test_", "rk_test_"))


class Resend(Part):
    api_key: SecretStr = SecretStr("")
    webhook_secrets: tuple[SecretStr, ...] = ()
    api_base: str = "https://api.resend.com"
    region: str = "eu-west-1"
    sender: str = ""  # the platform's own verified address
    reply_to: str = ""


class Cloudflare(Part):
    api_token: SecretStr = SecretStr("")
    account_id: str = ""
    api_base: str = "https://api.cloudflare.com/client/v4"
    portal_zone: str = ""
    sites_zone: str = ""


class Edge(Part):
    """How tenants and operators reach the edge, and how our own probes do."""

    scheme: str = "https"
    port: int | None = None  # shown in addresses when it is not the scheme's own
    connect_to: str = ""  # host:port that probes dial instead of what DNS says
    ops_url: str = ""
    memo_ms: int = 5_000  # how long a Worker may answer from memory
    promise_seconds: int = 300


class Aws(Part):
    management_account: str = ""
    region: str = "eu-central-1"
    endpoint_url: str = ""  # empty: the vendor's own
    organisation_role: str = ""
    account_email: str = ""  # pattern with {alias}
    pool_stock: int = 1
    daily_cap: int = 5
    promise_seconds: int = 3600
    write_spacing_seconds: float = 30.0  # between two writes to the organisation
    probe_seconds: float = 120.0  # for so long a fresh account must let us in before it counts as ready
    site_url: str = "https://{domain}"  # of a creator
    connect_to: str = ""  # host:port that our probes of creators dial instead of what DNS says
    drill_seconds: float = 10.0  # between two markers of a drill
    generations_days: int = 35  # for so long after a restore the tables of before stay; 0: until somebody removes them
    drill_tenant: str = ""  # the slug of the creator that disaster recovery is tried on each month


class Pulumi(Part):
    root: Path | None = None  # None: `pulumi` on PATH
    home: Path | None = None
    backend_url: str = ""
    secrets_provider: str = "passphrase"
    passphrase: SecretStr = SecretStr("")
    work_folder: Path | None = None
    parallel: int = 8
    deadline_seconds: int = 1_800
    repair_drift: bool = False  # True: differences in what holds no data are mended by rule


class Resolver(Part):
    nameservers: tuple[str, ...] = ()  # empty: those of the machine
    port: int = 53
    allowed_networks: tuple[str, ...] = ()  # private networks that probes may reach; empty outside rehearsals


class Oidc(Part):
    """An identity provider that operators may sign in with; empty: passwords only."""

    issuer: str = ""
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")  # empty: a public client, with PKCE alone
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    groups_claim: str = "groups"
    groups: dict[str, str] = Field(default_factory=dict)  # to the role that it has here
    acr: tuple[str, ...] = ()  # asked for, and a proof of a second factor
    amr: tuple[str, ...] = ("mfa", "otp", "hwk", "swk", "sc", "fido", "phr", "phrh")  # RFC 8176 and what came after


class Operators(Part):
    oidc: Oidc = Field(default_factory=Oidc)


class Audit(Part):
    """Where signed heads of the trail are kept, out of reach of whoever owns the database."""

    anchors: str = ""  # file:///a/folder or s3://a-bucket-with-object-lock; empty: nowhere
    anchor_days: int = 400  # for so long the bucket refuses to delete one


class Telemetry(Part):
    otlp_endpoint: str = ""  # of a collector; traces go to /v1/traces below it
    sentry_dsn: SecretStr = SecretStr("")
    log_format: str = "json"  # json | console
    log_level: str = "INFO"
    metrics_listen: str = ""  # host:port at which a worker shows its own metrics
    networks: tuple[str, ...] = ()  # who may read /metrics and the details of readiness, besides this machine


class Limits(Part):
    body_bytes: int = 256 * 1024
    upload_bytes: int = 32 * 1024 * 1024  # of a packed site
    api_per_minute: int = 300
    writes_per_minute: int = 30
    checkouts_per_hour: int = 5
    slug_checks_per_minute: int = 20
    operations_running: int = 4
    running_per_vendor: dict[str, int] = Field(default_factory=lambda: {"aws": 3})  # of those operations


class Selling(Part):
    grace_days: int = 7  # past due until suspended
    retention_days: int = 30  # suspended for good until deprovisioned
    quote_days: int = 14
    slug_rest_days: int = 30
    checkout_minutes: int = 60
    late_hours: int = 24  # a paid tenant that is still not live then: something is offered
    late_credit_percent: int = 20  # of the regular price
    overage_percent: int = 20  # on top of what running cost above the package costs us
    late_automatic: bool = False  # True: the credit is given by rule, not proposed to a person
    operator_email: str = ""  # gets what needs a person about money


class Seller(Part):
    """Who sells, for the imprint and the legal texts; what is missing shows as a gap."""

    name: str = ""
    street: str = ""
    city: str = ""
    represented_by: str = ""
    register_entry: str = ""
    vat_id: str = ""
    email: str = ""
    phone: str = ""


class Pages(Part):
    statistics: bool = False  # our own counting of page views, which needs the visitor's consent
    euro_per_dollar: float = 0.0  # for the margin; 0: running cost in dollars is not compared with revenue


def _without_slash(address: str) -> str:
    return address.rstrip("/")


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="CP_",
        env_nested_delimiter="__",
        frozen=True,
        extra="ignore",
        nested_model_default_partial_update=True,
    )

    environment: Environment = Environment.LIVE
    name: str = "live"  # marks our objects at the vendors, so that two environments can share an account
    public_url: Annotated[str, AfterValidator(_without_slash)] = ""
    trusted_proxies: tuple[str, ...] = ()
    clock_file: Path | None = None  # rehearsals only: a file whose offset moves our time

    database: Database = Field(default_factory=Database)
    redis: Redis = Field(default_factory=Redis)
    keys: Keys = Field(default_factory=Keys)
    stripe: Stripe = Field(default_factory=Stripe)
    resend: Resend = Field(default_factory=Resend)
    cloudflare: Cloudflare = Field(default_factory=Cloudflare)
    edge: Edge = Field(default_factory=Edge)
    aws: Aws = Field(default_factory=Aws)
    pulumi: Pulumi = Field(default_factory=Pulumi)
    resolver: Resolver = Field(default_factory=Resolver)
    operators: Operators = Field(default_factory=Operators)
    audit: Audit = Field(default_factory=Audit)
    telemetry: Telemetry = Field(default_factory=Telemetry)
    limits: Limits = Field(default_factory=Limits)
    selling: Selling = Field(default_factory=Selling)
    seller: Seller = Field(default_factory=Seller)
    pages: Pages = Field(default_factory=Pages)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        problems = [*_missing(self), *(_unsafe(self) if self.environment is Environment.LIVE else ())]
        if problems:
            raise ValueError("settings are not usable:\n  " + "\n  ".join(problems))
        return self


def process_environment(*names: str) -> dict[str, str]:
    """What a child process may inherit: these variables, or all of ours."""
    return {name: os.environ[name] for name in names or os.environ if name in os.environ}


REQUIRED = (
    "public_url",
    "database.url",
    "redis.url",
    "stripe.secret_key",
    "resend.api_key",
    "resend.sender",
    "cloudflare.api_token",
    "cloudflare.account_id",
    "cloudflare.portal_zone",
    "cloudflare.sites_zone",
    "edge.ops_url",
    "pulumi.backend_url",
)
KEYS_NEED: dict[str, tuple[str, ...]] = {
    "local": ("keys.folder",),
    "kms": ("keys.kms_key",),
    "vault": ("keys.vault_url", "keys.vault_token", "keys.vault_key"),
}

OIDC_NEEDS = ("operators.oidc.client_id", "operators.oidc.groups")


def variable(path: str) -> str:
    return "CP_" + path.upper().replace(".", "__")


def _value(settings: Settings, path: str) -> str:
    found: object = settings
    for name in path.split("."):
        found = getattr(found, name)
    return found.get_secret_value() if isinstance(found, SecretStr) else str(found or "")


def _missing(settings: Settings) -> list[str]:
    needed = [*REQUIRED, *KEYS_NEED[settings.keys.provider], *(OIDC_NEEDS if settings.operators.oidc.issuer else ())]
    if settings.pulumi.secrets_provider == "passphrase":
        needed.append("pulumi.passphrase")  # the engine would take an empty one
    return [f"{variable(path)} is missing" for path in needed if not _value(settings, path)]


def _unsafe(settings: Settings) -> list[str]:
    """What a rehearsal may have and the live system may not."""
    problems = []
    for path in ("public_url", "edge.ops_url", "stripe.api_base", "resend.api_base", "cloudflare.api_base"):
        if not _value(settings, path).startswith("https://"):
            problems.append(f"{variable(path)} must be an https address")
    for path in ("aws.endpoint_url", "aws.connect_to", "clock_file", "edge.connect_to", "resolver.allowed_networks"):
        if _value(settings, path) not in {"", "()"}:
            problems.append(f"{variable(path)} is for rehearsals only")
    if not settings.stripe.livemode:
        problems.append("CP_STRIPE__SECRET_KEY is a test key")
    if settings.operators.oidc.issuer and not settings.operators.oidc.issuer.startswith("https://"):
        problems.append("CP_OPERATORS__OIDC__ISSUER must be an https address")
    if settings.keys.provider == "local":
        problems.append("CP_KEYS__PROVIDER must be kms or vault: a key file beside the data protects nothing")
    return problems
