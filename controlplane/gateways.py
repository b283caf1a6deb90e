"""One frozen record of everything a rule or job may reach, built once from the settings."""

import base64
import secrets as chance
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controlplane.core.clock import Now, rehearsed_now, system_now
from controlplane.core.crypto import Seal
from controlplane.core.data_keys import KeyProvider
from controlplane.core.db import Database
from controlplane.core.limits import Limiter
from controlplane.core.local_keys import LocalKeys
from controlplane.core.queue import Queue
from controlplane.core.secrets import KeptSecrets
from controlplane.settings import Settings
from controlplane.vendors.aws import Aws
from controlplane.vendors.aws_keys import KmsKeys
from controlplane.vendors.cloudflare import Cloudflare
from controlplane.vendors.edge import Edge, Signer
from controlplane.vendors.oidc import Issuer
from controlplane.vendors.resend import Resend
from controlplane.vendors.stripe import Stripe
from controlplane.vendors.vault import VaultKeys
from controlplane.vendors.visitor import Visitor

OPS_KEY = "ops_ed25519"


@dataclass(frozen=True)
class Gateways:
    settings: Settings
    now: Now
    db: Database
    queue: Queue
    seal: Seal
    secrets: KeptSecrets
    cloudflare: Cloudflare
    resend: Resend
    stripe: Stripe
    edge: Edge
    aws: Aws
    visitor: Visitor
    issuer: Issuer
    limiter: Limiter

    @classmethod
    def build(cls, settings: Settings, db: Database | None = None) -> Self:
        """With a database of its own, or with one that is open already."""
        db = db or Database(
            settings.database.url.get_secret_value(),
            pool_size=settings.database.pool_size,
            statement_timeout_ms=settings.database.statement_timeout_ms,
        )
        aws = Aws(settings.aws)
        seal = sealing(settings, aws)
        secrets = KeptSecrets(db, seal)
        # What authenticates an entry of the trail when it is inserted, on whatever connection that happens.
        db.engine.update_execution_options(audit_key=lambda: secrets.get("audit_mac", new_key))
        return cls(
            settings=settings,
            now=rehearsed_now(settings.clock_file) if settings.clock_file else system_now,
            db=db,
            queue=Queue(settings.redis.url.get_secret_value(), prefix=settings.redis.prefix),
            seal=seal,
            secrets=secrets,
            cloudflare=Cloudflare(settings.cloudflare),
            resend=Resend(settings.resend),
            stripe=Stripe(settings.stripe, environment=settings.name),
            edge=Edge(settings, _signer(secrets)),
            aws=aws,
            visitor=Visitor(settings.aws),
            issuer=Issuer(settings.operators.oidc),
            limiter=Limiter(settings.redis.url.get_secret_value(), prefix=settings.redis.prefix),
        )

    def close(self) -> None:
        for gateway in (
            self.seal,
            self.db,
            self.queue,
            self.cloudflare,
            self.edge,
            self.resend,
            self.visitor,
            self.issuer,
            self.limiter,
        ):
            gateway.close()


def ed25519(secrets: KeptSecrets, name: str) -> tuple[str, Ed25519PrivateKey]:
    kid, text = secrets.get(name, lambda: base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode())
    return kid, Ed25519PrivateKey.from_private_bytes(base64.b64decode(text))


def new_key() -> str:
    return chance.token_urlsafe(32)


def _signer(secrets: KeptSecrets) -> Signer:
    return lambda: ed25519(secrets, OPS_KEY)


def sealing(settings: Settings, aws: Aws) -> Seal:
    """The provider that is named seals; the others open what they sealed before, as long as they are set up."""
    keys = settings.keys
    makers: dict[str, Callable[[], KeyProvider]] = {}
    if keys.folder:
        makers["local"] = partial(LocalKeys, keys.folder)
    if keys.kms_key:
        makers["kms"] = partial(KmsKeys, aws, keys.kms_key)
    if keys.vault_url:
        makers["vault"] = partial(VaultKeys, keys)
    return Seal(makers.pop(keys.provider)(), environment=settings.name, others=makers)
