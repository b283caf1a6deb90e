"""Watching sending domains: proved, lost, proved again; while one is not, mail goes out from our own address."""

from sqlmodel import Session, col, or_, select

from controlplane.audit.service import record
from controlplane.core.errors import Outcome
from controlplane.core.queue import Wakeup
from controlplane.delivery import credentials
from controlplane.delivery.credentials_models import Credential
from controlplane.delivery.service import request_email
from controlplane.domains import mail
from controlplane.domains.models import MailDomain, Transport
from controlplane.gateways import Gateways
from controlplane.provisioning import creator_mail
from tenants import service as tenants
from tenants.conditions import OK, Concern, Finding, Health, Who
from tenants.lifecycle import SERVING
from tenants.models import Tenant

CHECK = mail.CHECK
BATCH = 100


def sweep(gateways: Gateways) -> None:
    query = select(MailDomain.id).join(Tenant, col(Tenant.id) == MailDomain.tenant_id)
    query = query.where(col(MailDomain.next_check_at) <= gateways.now())
    query = query.where(or_(col(Tenant.live_at).is_not(None), MailDomain.transport == Transport.SES))
    with gateways.db.transaction() as session:
        rows = session.exec(query.order_by(col(MailDomain.next_check_at)).limit(BATCH)).all()
    gateways.queue.push(Wakeup(CHECK, identity) for identity in rows)


def check(gateways: Gateways, row_id: str) -> None:
    with gateways.db.transaction() as session:
        row = session.get(MailDomain, row_id)
        tenant = session.get(Tenant, row.tenant_id) if row else None
    if row is None or tenant is None:
        return
    if row.transport is Transport.SES:
        creator_mail.check(gateways, row, tenant)
    elif row.vendor_id and tenant.live_at:  # until then its operation looks, and tells the edge
        _check(gateways, row, tenant)


def _check(gateways: Gateways, row: MailDomain, tenant: Tenant) -> None:
    before = row.status
    try:
        row = mail.check(gateways, row)
    except Outcome:  # could not ask: the last known truth stays
        return
    if row.status != before:
        with gateways.db.transaction() as session:
            locked = tenants.locked(session, tenant.id)
            assert locked is not None
            tenants.set_condition(session, locked, Concern.EMAIL, finding(row.status), now=gateways.now())
            if before == mail.VERIFIED and row.status not in mail.WAITING:
                _tell_owner(session, gateways, locked)
    if row.status != before or row.told != tenant.revision:
        tell_edge(gateways, tenant)
        gateways.edge.sweep(tenant.id, "mail-retry")  # what was refused under the sender of before
    credentials.retire(gateways, tenant.id)


def _tell_owner(session: Session, gateways: Gateways, tenant: Tenant) -> None:
    """Once for each loss: the next one comes after it was proved again."""
    if tenant.state not in SERVING:
        return
    request_email(
        session, gateways, kind="sender_lost", to=tenant.spec["owner_email"], locale=tenant.locale,
        data={"name": tenant.name, "url": f"{gateways.settings.public_url}/portal/t/{tenant.id}/domain"},
        dedup=f"sender_lost:{tenant.id}:{gateways.now():%Y%m%d%H}", customer_id=tenant.customer_id,
        order_id=tenant.order_id,
    )  # fmt: skip


def finding(status: str) -> Finding:
    if status == mail.VERIFIED:
        return OK
    if status in mail.WAITING:
        return Finding(Health.WORKING, "sending_domain_pending", status, "", Who.VENDOR)
    return Finding(Health.ATTENTION, "sending_domain_failed", status, "publish_records", Who.US)


def tell_edge(gateways: Gateways, tenant: Tenant) -> None:
    """Forms are sent with the tenant's own key and address once both are good, else with ours."""
    with gateways.db.transaction() as session:
        row = mail.of_tenant(session, tenant.id)
        key = credentials.living(session, tenant.id)
    proved = row is not None and row.status == mail.VERIFIED and key is not None and bool(key.body)
    document = {
        "rev": tenant.revision,
        "mode": "own" if proved else "platform",
        "from": f"form@{row.name}" if row and proved else None,
        "reply_to": None,
        "to": recipients(tenant),
        "api_key": credentials.open_for_edge(gateways, key) if key and proved else None,
        "domain_status": row.status if row else "none",
    }
    gateways.edge.configure_mail(tenant.id, document)
    if row:
        with gateways.db.transaction() as session:
            session.get_one(MailDomain, row.id).told = tenant.revision


def rotate_key(gateways: Gateways, tenant: Tenant, *, actor: str) -> Credential:
    """The old key works until the edge has the new one; a crash in between is put right by the next check."""
    with gateways.db.transaction() as session:
        row = mail.require(session, tenant.id)
        row.told, row.next_check_at = 0, gateways.now()
        session.add(row)
    fresh = credentials.rotate(gateways, tenant.id, domain_id=row.vendor_id, actor=actor)
    tell_edge(gateways, tenant)
    credentials.retire(gateways, tenant.id)
    return fresh


def change_recipients(session: Session, gateways: Gateways, tenant: Tenant, to: list[str], *, actor: str) -> None:
    """The edge takes it with the next revision, told by the check that this wakes."""
    row = tenants.locked(session, tenant.id)
    assert row is not None
    row.facts = {**row.facts, "form_recipients": list(dict.fromkeys(to))}
    row.revision += 1
    session.add(row)
    mail.look_again(session, gateways, mail.require(session, tenant.id))
    record(
        session, actor=actor, action="form.recipients_changed", object_type="tenant", object_id=tenant.id,
        stream="tenant", tenant_id=tenant.id,
    )  # fmt: skip


def recipients(tenant: Tenant) -> list[str]:
    """Who gets what visitors write: whom the owner named, else the owner."""
    return list(tenant.facts.get("form_recipients") or [tenant.spec["owner_email"]])
