"""When a drill is asked for: once in four weeks, of a creator that is live, and not while something else goes on."""

from sqlmodel import select

from controlplane.accounts.models import Account, AccountReport
from controlplane.gateways import Gateways
from controlplane.provisioning import drills
from controlplane.provisioning.models import Operation, Phase
from tenants.lifecycle import State
from tenants.models import Tenant
from tests.fixtures.product import TestClock
from tests.integration.accounts.test_alarms import creator
from tests.integration.accounts.test_pool import in_stock, with_aws


def asked(gateways: Gateways) -> list[Operation]:
    with gateways.db.transaction() as session:
        return list(session.exec(select(Operation)).all())


def finish(gateways: Gateways) -> None:
    with gateways.db.transaction() as session:
        for row in session.exec(select(Operation)).all():
            row.phase = Phase.DONE
            session.add(row)
        session.add(AccountReport(kind="drill"))


def test_once_in_four_weeks(gateways: Gateways, clock: TestClock) -> None:
    [account] = in_stock(gateways, 1)
    tenant = creator(gateways, Account.model_validate(account))
    drills.monthly(gateways)
    assert asked(gateways) == []
    with_aws(gateways, drill_tenant="anna")
    drills.monthly(gateways)
    assert asked(gateways) == []  # not live
    with gateways.db.transaction() as session:
        row = session.get_one(Tenant, tenant)
        row.state = State.ACTIVE
        session.add(row)
    drills.monthly(gateways)
    drills.monthly(gateways)
    [operation] = asked(gateways)
    assert (operation.kind, operation.wanted, operation.requested_by) == ("restore", {"drill": True}, "rule:drill")
    finish(gateways)
    drills.monthly(gateways)
    assert len(asked(gateways)) == 1
    clock.advance(days=29)
    drills.monthly(gateways)
    assert len(asked(gateways)) == 2
