"""The sending domain of a tenant: made at the mail vendor, its records into the tenant's stack, its proof watched.

Asking for verification resets it at the vendor, so it is asked once, after our own look-up has seen the records.
"""

from datetime import timedelta
from typing import Any

from sqlmodel import Session, select

from controlplane.core.errors import NotFound
from controlplane.core.queue import Wakeup
from controlplane.domains.models import MailDomain, Transport
from controlplane.gateways import Gateways
from tenants.models import Tenant

CHECK = "mail_domain.check"
VERIFIED, ASKED = "verified", "pending"
WAITING = frozenset({"not_started", ASKED})
ASK_AGAIN = timedelta(minutes=10)  # for one that failed: the vendor then begins from the start
EVERY = {VERIFIED: timedelta(hours=6)}


def name_for(gateways: Gateways, tenant: Tenant) -> str:
    return f"mail.{tenant.slug}.{gateways.settings.cloudflare.sites_zone}"


def below(host: str) -> str:
    """The sending domain of an own name."""
    return f"mail.{host.removeprefix('www.')}"


def of_tenant(session: Session, tenant_id: str, transport: Transport = Transport.RESEND) -> MailDomain | None:
    own = select(MailDomain).where(MailDomain.tenant_id == tenant_id, MailDomain.transport == transport)
    return session.exec(own).first()


def all_of(session: Session, tenant_id: str) -> list[MailDomain]:
    """The creator's own first."""
    found = session.exec(select(MailDomain).where(MailDomain.tenant_id == tenant_id)).all()
    return sorted(found, key=lambda row: row.transport != Transport.SES)


def require(session: Session, tenant_id: str) -> MailDomain:
    row = of_tenant(session, tenant_id)
    if row is None:
        raise NotFound("There is no sending domain yet.")
    return row


def ensure(gateways: Gateways, tenant: Tenant) -> MailDomain:
    """Ours by its name: what an attempt that died has made is found again."""
    with gateways.db.transaction() as session:
        row = of_tenant(session, tenant.id) or MailDomain(tenant_id=tenant.id, name=name_for(gateways, tenant))
        session.add(row)
    if row.vendor_id:
        return row
    found = gateways.resend.ensure_domain(row.name)
    with gateways.db.transaction() as session:
        row = session.get_one(MailDomain, row.id)
        row.vendor_id, row.status, row.records = found.id, found.status, [dict(record) for record in found.records]
        session.add(row)
    return row


def exists(gateways: Gateways, tenant: Tenant) -> bool:
    return gateways.resend.find_domain(name_for(gateways, tenant)) is not None


def stack_records(row: MailDomain) -> list[dict[str, Any]]:
    """As the site program takes them: full names, no vendor words."""
    return [
        {
            "type": record["type"],
            "name": full_name(record["name"], row.name),
            "content": record["value"].strip('"'),
            "priority": record.get("priority"),
        }
        for record in row.records
        if record["type"] in {"MX", "TXT", "CNAME"}
    ]


def full_name(name: str, domain: str) -> str:
    """The vendor gives names below the registrable domain: `send.mail` of `mail.anna.example` is `send.` + it."""
    labels, own = name.split("."), domain.split(".")
    for cut in range(len(labels)):
        if labels[cut:] == own[: len(labels) - cut]:
            return ".".join([*labels[:cut], domain])
    return f"{name}.{domain}"


def check(gateways: Gateways, row: MailDomain) -> MailDomain:
    """Ask for the proof once, later only look; ask again when it was refused or lost."""
    now, asked_at = gateways.now(), row.asked_at
    lost = row.status not in {VERIFIED, *WAITING}
    if asked_at is None or (lost and asked_at + ASK_AGAIN <= now):
        gateways.resend.verify_domain(row.vendor_id)
        asked_at, status = now, ASKED
    else:
        found = gateways.resend.domain(row.vendor_id)
        status = found.status if found else "gone"
    with gateways.db.transaction() as session:
        row = session.get_one(MailDomain, row.id)
        row.asked_at, row.status = asked_at, status
        row.verified_at = row.verified_at or (now if row.status == VERIFIED else None)
        row.next_check_at = now + EVERY.get(row.status, timedelta(seconds=30))
        session.add(row)
    return row


def look_again(session: Session, gateways: Gateways, row: MailDomain) -> None:
    """Asked by a person: one that failed is asked for once more, not only looked at."""
    if row.status not in {VERIFIED, *WAITING}:
        row.asked_at = None
    _look_now(session, gateways, row)


def heard(session: Session, gateways: Gateways, vendor_id: str, *, status: str) -> None:
    """The vendor says that something changed: worth a look, unless we know it or nobody has asked for a proof yet."""
    row = session.exec(select(MailDomain).where(MailDomain.vendor_id == vendor_id)).first()
    if row and row.asked_at and row.status != status:
        _look_now(session, gateways, row)


def _look_now(session: Session, gateways: Gateways, row: MailDomain) -> None:
    row.next_check_at = gateways.now()
    session.add(row)
    gateways.queue.defer(session, Wakeup(CHECK, row.id))


def release(gateways: Gateways, tenant_id: str) -> None:
    with gateways.db.transaction() as session:
        rows = all_of(session, tenant_id)
    for row in rows:
        if row.vendor_id:
            gateways.resend.delete_domain(row.vendor_id)
        with gateways.db.transaction() as session:
            session.delete(session.get_one(MailDomain, row.id))
