"""The creator's own sending domain: proved to SES by its records, let through by Amazon, then used; ours until then."""

from datetime import timedelta
from typing import Any

from sqlmodel import Session

from controlplane.accounts import pool
from controlplane.accounts.models import Account
from controlplane.core.errors import Conflict, Outcome
from controlplane.domains import mail
from controlplane.domains.models import MailDomain, Transport
from controlplane.gateways import Gateways
from controlplane.provisioning.models import Kind
from controlplane.provisioning.service import request
from controlplane.vendors.aws_member import Sender
from tenants import service as tenants
from tenants.conditions import OK, Concern, Finding, Health, Who
from tenants.lifecycle import SERVING
from tenants.models import Tenant

SOON, RARELY = timedelta(seconds=30), timedelta(hours=6)
STATUS = {"SUCCESS": mail.VERIFIED, "FAILED": "failed", "TEMPORARY_FAILURE": "temporary_failure"}
SENDS = {mail.VERIFIED, "temporary_failure"}  # records that vanish do not take the right away at once


def transport(session: Session, tenant: Tenant, account: Account | None) -> Transport:
    """SES takes mail to strangers when the domain is proved and Amazon has let the account out of its trial."""
    row = mail.of_tenant(session, tenant.id, Transport.SES)
    is_out = bool(account and (account.quotas or {}).get("ses_production"))
    return Transport.SES if row and row.status in SENDS and is_out else Transport.RESEND


def check(gateways: Gateways, row: MailDomain, tenant: Tenant) -> None:
    with gateways.db.transaction() as session:
        account = pool.of_tenant(session, tenant.id)
    found, quotas = None, (account.quotas if account else {}) or {}
    try:
        if account and tenant.facts.get("own_mail") == row.name:
            found, quotas = _ask(gateways, row, account)
    except Outcome:  # could not ask: the last known truth stays
        pass
    _settle(gateways, row.id, found, quotas)


def _ask(gateways: Gateways, row: MailDomain, account: Account) -> tuple[Sender, dict[str, Any]]:
    member = gateways.aws.member(str(account.account_id))
    found = member.sender(row.name)
    quotas = dict(account.quotas or {})
    if found.status == "SUCCESS" and not quotas.get("ses_production"):
        quotas |= member.quotas()
        if not quotas["ses_production"]:
            member.ask_to_send(f"https://{row.name.removeprefix('mail.')}")
    return found, quotas


def _settle(gateways: Gateways, row_id: str, found: Sender | None, quotas: dict[str, Any]) -> None:
    now = gateways.now()
    with gateways.db.transaction() as session:
        row = session.get(MailDomain, row_id)
        tenant = tenants.locked(session, row.tenant_id) if row else None
        if row is None or tenant is None:
            return
        account = pool.of_tenant(session, tenant.id)
        if found and account:
            row.status, row.records = STATUS.get(found.status, "pending"), _records(row.name, found)
            row.verified_at = row.verified_at or (now if row.status == mail.VERIFIED else None)
            account.quotas = {**(account.quotas or {}), **quotas}
        in_use = _used(session, gateways, tenant, account)
        row.next_check_at = now + (RARELY if in_use and row.status == mail.VERIFIED else SOON)
        session.add(row)
        tenants.set_condition(session, tenant, Concern.EMAIL, finding(session, tenant), now=now)


def _used(session: Session, gateways: Gateways, tenant: Tenant, account: Account | None) -> bool:
    """An update makes the functions send by what is best now; not while another one is open."""
    wanted = transport(session, tenant, account)
    if tenant.facts.get("mail_transport", Transport.RESEND) == wanted:
        return wanted is Transport.SES
    if tenant.state in SERVING:
        try:
            request(session, gateways, tenant, Kind.UPDATE, cause="own sending domain")
        except Conflict:
            pass
    return False


def _records(name: str, found: Sender) -> list[dict[str, Any]]:
    """As the other transport gives them: DKIM, where bounces come back to, and what others do with forged mail."""
    signed: list[dict[str, Any]] = [
        {"type": "CNAME", "name": f"{token}._domainkey.{name}", "value": f"{token}.dkim.amazonses.com"}
        for token in found.tokens
    ]
    back = found.mail_from
    returned: list[dict[str, Any]] = [
        {"type": "MX", "name": back, "value": f"feedback-smtp.{found.region}.amazonses.com", "priority": 10},
        {"type": "TXT", "name": back, "value": "v=spf1 include:amazonses.com ~all"},
    ]
    policy = {"type": "TXT", "name": f"_dmarc.{name}", "value": "v=DMARC1; p=none"}
    return [*signed, *(returned if back else []), policy]


def finding(session: Session, tenant: Tenant) -> Finding:
    """Never blocks: ours goes out meanwhile."""
    row = mail.of_tenant(session, tenant.id, Transport.SES)
    if row is None or (tenant.facts.get("mail_transport") == Transport.SES and row.status == mail.VERIFIED):
        return OK
    if not row.records:
        return Finding(Health.WORKING, "sending_domain_pending", row.name, "", Who.US)
    if row.status != mail.VERIFIED:
        return Finding(Health.ATTENTION, "own_sender_unproved", row.name, "publish_records", Who.CUSTOMER)
    return Finding(Health.WORKING, "own_sender_waits", row.name, "", Who.VENDOR)
