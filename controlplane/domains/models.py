"""Host names of tenants: who may claim them, what must be published for them, how far they are."""

from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from controlplane.core.db import Row, Stamp, json_field, stamp_field, words


class HostState(StrEnum):
    CLAIMED = "claimed"  # waiting for the TXT record that proves the claim
    REQUESTED = "requested"  # proved; the vendor is being asked
    AWAITING_DNS = "awaiting_dns"
    VERIFYING = "verifying"
    PROBING = "probing"
    LIVE = "live"
    MOVED = "moved"
    BLOCKED = "blocked"
    REMOVING = "removing"
    REMOVED = "removed"


class Found(NamedTuple):
    """What a look at an own domain brought."""

    state: HostState
    required: list[dict[str, str]]
    reason: str = ""
    wants: bool = False  # an update, so that the stack follows
    learned: dict[str, Any] | None = None  # facts about the tenant


class Domain(Row, table=True):
    __tablename__ = "domains"
    __table_args__ = (
        # several may claim a name, one can own it
        Index(
            "uq_domains_host",
            "host",
            unique=True,
            postgresql_where=text("state NOT IN ('claimed', 'removed')"),
        ),
        Index("ix_domains_lost", "id", postgresql_where=text("state IN ('moved', 'blocked')")),
        Index("ix_domains_due", "next_check_at", postgresql_where=text("next_check_at IS NOT NULL")),
    )

    tenant_id: str = Field(foreign_key="tenants.id", index=True)
    host: str = Field(index=True, max_length=253)
    state: HostState = Field(default=HostState.CLAIMED, sa_type=words(HostState))
    token: str = ""  # what the TXT record must say
    vendor_id: str = ""
    required: list[dict[str, Any]] = json_field(list)  # kept from first sight: the vendor forgets them
    seen: dict[str, Any] = json_field()
    reason: str = ""
    checks: int = 0
    next_check_at: Stamp | None = stamp_field()
    proved_at: Stamp | None = stamp_field()
    live_at: Stamp | None = stamp_field()


class Transport(StrEnum):
    RESEND = "resend"  # our account there, a domain below our zone for each tenant
    SES = "ses"  # a creator's own account, the creator's own domain


class MailDomain(Row, table=True):
    """A sending domain of a tenant at a mail vendor: one at each."""

    __tablename__ = "mail_domains"
    __table_args__ = (UniqueConstraint("tenant_id", "transport"),)

    tenant_id: str = Field(foreign_key="tenants.id")
    transport: Transport = Field(default=Transport.RESEND, sa_type=words(Transport))
    name: str = Field(unique=True)
    vendor_id: str = ""
    status: str = "not_started"
    records: list[dict[str, Any]] = json_field(list)
    told: int = 0  # the revision of the tenant that the edge was told about mail with
    asked_at: Stamp | None = stamp_field()  # when verification was asked for: asking again resets it
    verified_at: Stamp | None = stamp_field()
    next_check_at: Stamp | None = stamp_field(index=True)
