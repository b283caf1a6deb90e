"""Who may come in, and with what."""

from enum import StrEnum

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Index, String, text
from sqlmodel import Field, UniqueConstraint

from controlplane.core.db import Row, Stamp, stamp_field, words


class Role(StrEnum):
    AUDITOR = "auditor"
    SUPPORT = "support"
    ENGINEER = "engineer"
    ADMIN = "admin"


class Principal(StrEnum):
    OPERATOR = "operator"
    CUSTOMER = "customer"


def _texts() -> list[str]:
    return Field(default_factory=list, sa_type=ARRAY(String))  # type: ignore[no-any-return]


class Operator(Row, table=True):
    __tablename__ = "operators"

    email: str = Field(unique=True, max_length=254)  # lower case
    name: str = Field(default="", max_length=120)
    role: Role = Field(sa_type=words(Role))
    password: str  # argon2id
    totp_seed: str | None = None  # sealed; counts from the first right code on
    totp_counter: int = Field(default=0, sa_type=BigInteger)  # of the last code taken: no older one counts again
    totp_since: Stamp | None = stamp_field()
    disabled_at: Stamp | None = stamp_field()


class FederatedIdentity(Row, table=True):
    """Who somebody is at an identity provider. Addresses change hands there; issuer and subject do not."""

    __tablename__ = "federated_identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    operator_id: str = Field(foreign_key="operators.id", index=True)
    issuer: str
    subject: str
    used_at: Stamp | None = stamp_field()


class FederatedAttempt(Row, table=True):
    """Somebody on the way to the identity provider and back: once, in the browser that began."""

    __tablename__ = "federated_attempts"

    digest: str = Field(unique=True)  # of the state
    browser_digest: str
    back: str = "/"
    sign_in_id: str = ""  # whose proof is to be renewed; empty: somebody signs in
    expires_at: Stamp = stamp_field(index=True)
    used_at: Stamp | None = stamp_field()


class EmergencyKey(Row, table=True):
    """Opened on the host when the usual ways in are gone."""

    __tablename__ = "emergency_keys"

    operator_id: str = Field(foreign_key="operators.id", index=True)
    digest: str = Field(unique=True)
    reason: str
    expires_at: Stamp = stamp_field(index=True)
    used_at: Stamp | None = stamp_field()
    closed_at: Stamp | None = stamp_field()


class RecoveryCode(Row, table=True):
    __tablename__ = "recovery_codes"

    operator_id: str = Field(foreign_key="operators.id", index=True)
    digest: str = Field(unique=True)
    used_at: Stamp | None = stamp_field()


class SignIn(Row, table=True):
    """A person who is signed in at one browser or command line."""

    __tablename__ = "sign_ins"

    principal: Principal = Field(sa_type=words(Principal))
    principal_id: str = Field(index=True)
    digest: str = Field(unique=True)
    factors: list[str] = _texts()
    auth_at: Stamp = stamp_field()  # of the last proof of identity; step-up renews it
    seen_at: Stamp = stamp_field()
    idle_seconds: int
    expires_at: Stamp = stamp_field(index=True)
    ended_at: Stamp | None = stamp_field()
    address: str = ""  # cut to its network
    agent: str = Field(default="", max_length=200)


class Client(Row, table=True):
    """A machine; ours, or bound to one customer."""

    __tablename__ = "clients"

    name: str = Field(max_length=120)
    digest: str = Field(unique=True)
    last_four: str
    scopes: list[str] = _texts()
    customer_id: str | None = Field(default=None, index=True)
    networks: list[str] = _texts()  # empty: from anywhere
    created_by: str
    expires_at: Stamp = stamp_field()
    used_on: Stamp | None = stamp_field()
    disabled_at: Stamp | None = stamp_field()


class AccessToken(Row, table=True):
    """Good for minutes; kept as a row so that it ends at once when it must."""

    __tablename__ = "access_tokens"

    client_id: str = Field(foreign_key="clients.id", index=True)
    digest: str = Field(unique=True)
    scopes: list[str] = _texts()
    expires_at: Stamp = stamp_field(index=True)
    revoked_at: Stamp | None = stamp_field()


class Link(Row, table=True):
    """A letter that lets one customer in, once; made for unknown addresses too, so that both take the same time."""

    __tablename__ = "sign_in_links"

    customer_id: str | None = Field(default=None, index=True)
    address_key: str = Field(index=True)  # keyed hash of the e-mail address: for the limit per account
    digest: str = Field(unique=True)
    code_digest: str
    browser_digest: str  # of the cookie of the browser that asked
    back: str = "/"
    tries: int = 0
    expires_at: Stamp = stamp_field(index=True)
    used_at: Stamp | None = stamp_field()


class Grant(Row, table=True):
    """An authorisation code: one exchange within a minute, bound to all it was given for."""

    __tablename__ = "oauth_grants"
    __table_args__ = (
        Index(
            "ix_oauth_grants_untold",
            "edge_ends_at",
            postgresql_where=text("edge_ends_at IS NOT NULL AND edge_told_at IS NULL"),
        ),
    )

    digest: str = Field(unique=True)
    client_id: str
    customer_id: str
    sign_in_id: str
    redirect_uri: str
    challenge: str
    auth_at: Stamp = stamp_field()
    expires_at: Stamp = stamp_field(index=True)
    used_at: Stamp | None = stamp_field()
    reused_at: Stamp | None = stamp_field()
    edge_ends_at: Stamp | None = stamp_field()  # all that this person began at the edge until then is over
    edge_told_at: Stamp | None = stamp_field()


class UsedJti(Row, table=True):
    """Assertions already taken; kept a little longer than they are valid."""

    __tablename__ = "used_jtis"
    __table_args__ = (UniqueConstraint("issuer", "jti"),)

    issuer: str
    jti: str
    expires_at: Stamp = stamp_field(index=True)


class Member(Row, table=True):
    """Somebody whom the owner let in to one tenant."""

    __tablename__ = "members"
    __table_args__ = (
        UniqueConstraint("tenant_id", "customer_id"),
        CheckConstraint("role IN ('owner', 'editor', 'reader')", name="role"),
    )

    tenant_id: str = Field(index=True)
    customer_id: str = Field(index=True)
    role: str


class Act(Row, table=True):
    """A request that needs a second person: who asked for what, and who agreed."""

    __tablename__ = "acts"
    __table_args__ = (CheckConstraint("decided_by IS NULL OR decided_by <> requested_by", name="two"),)

    access: str  # the row of the policy table
    method: str
    path: str
    body_digest: str
    requested_by: str
    reason: str = ""
    alone: bool = False  # nobody else could agree: it ripens by waiting
    expires_at: Stamp = stamp_field(index=True)
    decision: str | None = None  # approved, refused
    decided_by: str | None = None
    decided_at: Stamp | None = stamp_field()
    used_at: Stamp | None = stamp_field()
