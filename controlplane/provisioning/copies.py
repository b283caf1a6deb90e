"""Once a day beside the look at a creator, so that the days of all are spread: old copies go, its costs are counted."""

from datetime import timedelta

from controlplane.accounts import pool
from controlplane.accounts.costs import COUNT
from controlplane.core.errors import TryLater
from controlplane.core.queue import Wakeup
from controlplane.gateways import Gateways
from controlplane.provisioning.work import Facts, Work

KEPT = timedelta(days=14)  # copies from before updates are needed for two weeks; then they only cost
MOST = 50  # in one day; what is left is for the next


def tidy(work: Work) -> Facts:
    work.gateways.queue.push([Wakeup(COUNT, work.tenant.id, attempt=work.now.toordinal())])
    try:
        return {"forgotten": forget(work.gateways, work.tenant.id)}
    except TryLater as error:
        return {"put_off": error.reason}  # tomorrow is early enough; it says nothing about drift


def forget(gateways: Gateways, tenant_id: str) -> int:
    with gateways.db.transaction() as session:
        account = pool.of_tenant(session, tenant_id)
    if account is None or not account.account_id:
        return 0
    member, count = gateways.aws.member(account.account_id), 0
    for arn in member.copies(before=gateways.now() - KEPT):
        if count >= MOST:
            break
        member.forget_copy(arn)
        count += 1
    return count
