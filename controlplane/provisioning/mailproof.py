"""Watching sending domains: proved, lost, proved again; while one is not, mail goes out from our own address."""

from sqlmodel import col, select

from controlplane.core.errors import Outcome
from controlplane.core.queue import Wakeup
from controlplane.delivery import credentials
from controlplane.domains import mail
from controlplane.domains.models import MailDomain
from controlplane.gateways import Gateways
from tenants import service as tenants
from tenants.conditions import OK, Concern, Finding, Health, Who
from tenants.models import Tenant

CHECK = "mail_domain.check"
BATCH = 100


def sweep(gateways: Gateways) -> None:
    query = select(MailDomain.id).where(col(MailDomain.next_check_at) <= gateways.now())
    with gateways.db.transaction() as session:
        rows = session.exec(query.order_by(col(MailDomain.next_check_at)).limit(BATCH)).all()
    gateways.queue.push(Wakeup(CHECK, identity) for identity in rows)


def check(gateways: Gateways, row_id: str) -> None:
    with gateways.db.transaction() as session:
        row = session.get(MailDomain, row_id)
        tenant = session.get(Tenant, row.tenant_id) if row else None
    if row is None or tenant is None or not row.vendor_id:
        return
    before = row.status
    try:
        row = mail.check(gateways, row)
    except Outcome:  # could not ask: the last known truth stays
        return
    if row.status == before:
        return
    with gateways.db.transaction() as session:
        locked = tenants.locked(session, tenant.id)
        assert locked is not None
        tenants.set_condition(session, locked, Concern.EMAIL, finding(row.status), now=gateways.now())
    tell_edge(gateways, tenant)


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
        "to": [tenant.spec["owner_email"]],
        "api_key": credentials.open_for_edge(gateways, key) if key and proved else None,
        "domain_status": row.status if row else "none",
    }
    gateways.edge.configure_mail(tenant.id, document)
