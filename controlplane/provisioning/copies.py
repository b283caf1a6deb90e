"""Copies that were made before updates are needed for two weeks; then they only cost."""

from datetime import timedelta

import structlog
from sqlmodel import col, select

from controlplane.accounts import pool
from controlplane.core.queue import SLOW, Wakeup
from controlplane.gateways import Gateways
from tenants.lifecycle import SERVING
from tenants.models import Tenant

log = structlog.get_logger(__name__)

FORGET = "creator.copies"
KEPT = timedelta(days=14)
MOST = 50  # in one night; what is left is for the next


def sweep(gateways: Gateways) -> None:
    if not gateways.settings.aws.management_account:
        return
    with gateways.db.transaction() as session:
        query = select(Tenant.id).where(Tenant.product == "creator", col(Tenant.state).in_(SERVING))
        creators = session.exec(query).all()
    today = gateways.now().toordinal()
    gateways.queue.push(Wakeup(FORGET, identity, queue=SLOW, attempt=today) for identity in creators)


def forget(gateways: Gateways, tenant_id: str) -> None:
    with gateways.db.transaction() as session:
        account = pool.of_tenant(session, tenant_id)
    if account is None or not account.account_id:
        return
    member, count = gateways.aws.member(account.account_id), 0
    for arn in member.copies(before=gateways.now() - KEPT):
        if count >= MOST:
            break
        member.forget_copy(arn)
        count += 1
    log.info("copies.forgotten", tenant=tenant_id, count=count)
