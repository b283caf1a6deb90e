"""Who has paid while there is no account waits in a state of its own, and is told until when."""

from datetime import timedelta

from controlplane.accounts import factory, pool
from controlplane.accounts.models import Account
from controlplane.gateways import Gateways
from controlplane.provisioning import lease
from controlplane.provisioning.models import Kind
from controlplane.provisioning.service import request
from controlplane.provisioning.steps import creator as steps
from controlplane.provisioning.work import Work
from tenants.lifecycle import State
from tenants.models import Tenant
from tests.contract.aws.conftest import Aws
from tests.fixtures.product import TestClock
from tests.integration.accounts.conftest import ordered, read, work
from tests.integration.accounts.test_alarms import creator
from tests.integration.accounts.test_pool import with_aws


def paid(gateways: Gateways) -> Work:
    """On its way, at the step that wants an account."""
    with gateways.db.transaction() as session:
        tenant = session.get_one(Tenant, creator(gateways, None))
        tenant.state, tenant.promised_at = State.QUEUED, gateways.now() + timedelta(minutes=1)
        session.add(tenant)
        session.flush()
        operation = request(session, gateways, tenant, Kind.PROVISION, cause="test")
    claimed = lease.claim(gateways, operation.id)
    assert claimed
    found = Work(gateways, claimed, tenant, lease.Lease(gateways, claimed))
    found.move(State.PROVISIONING, reason="test")
    return found


def asked(found: Work) -> str:
    """What the step answers: the account's number, or why not yet."""
    try:
        return str((steps.account(found) or {})["account_id"])
    except steps.TryLater as error:
        return error.reason


def seen(gateways: Gateways, found: Work) -> Tenant:
    with gateways.db.transaction() as session:
        return session.get_one(Tenant, found.tenant.id)


def test_who_waits_is_told_an_honest_time_and_goes_on_by_itself(gateways: Gateways, aws: Aws, clock: TestClock) -> None:
    with_aws(gateways, pool_stock=0, daily_cap=1)
    aws.sim("PATCH", "/settings", json={"account_seconds": 3600})
    account = begun(gateways)
    assert account.asked_at
    first, second = paid(gateways), paid(gateways)
    for found in (first, second):
        assert asked(found).startswith("no account in stock")
        assert seen(gateways, found).state is State.QUEUED_CAPACITY
        clock.advance(seconds=1)
    soon, later = (seen(gateways, found).promised_at for found in (first, second))
    assert soon == account.asked_at + pool.USUAL + steps.BUILD  # the account that is made, and the platform in it
    assert later == soon + timedelta(days=1)  # one account a day: the second one knows
    assert asked(first).startswith("no account in stock")
    assert seen(gateways, first).promised_at == soon  # not put off at every look

    aws.sim("POST", "/clock/advance", json={"seconds": 3601}).raise_for_status()  # the vendor is through with it
    made = work(gateways, account, until="active")  # given to who asked first, and put into its place
    assert asked(first) == made.account_id
    assert seen(gateways, first).state is State.PROVISIONING
    assert seen(gateways, second).state is State.QUEUED_CAPACITY


def begun(gateways: Gateways) -> Account:
    """Asked of the vendor, who takes a while."""
    account = ordered(gateways)
    factory.advance(gateways, account.id)
    return read(gateways, account)
