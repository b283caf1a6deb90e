"""When a drill is asked for: once in four weeks, of a creator that is live, and not while something else goes on."""

from sqlmodel import select

from controlplane.accounts.models import Account, AccountReport
from controlplane.gateways import Gateways
from controlplane.provisioning import drills, generations
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
    with gateways.db.transaction() as session:
        slug = session.get_one(Tenant, tenant).slug
    drills.monthly(gateways)
    assert asked(gateways) == []
    with_aws(gateways, drill_tenant=slug)
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


def test_what_a_restore_left_behind_is_asked_to_go_after_its_time(gateways: Gateways, clock: TestClock) -> None:
    [account] = in_stock(gateways, 1)
    tenant = creator(gateways, Account.model_validate(account))
    with gateways.db.transaction() as session:
        row = session.get_one(Tenant, tenant)
        row.state = State.ACTIVE
        row.facts = {**row.facts, "generations": {"users": 3}, "oldest": {"users": 2}}
        row.facts |= {"restored_on": gateways.now().isoformat()}
        session.add(row)
        assert generations.left_behind(row) == {"users": ["creator-users-g2"]}
    generations.sweep(gateways)
    assert asked(gateways) == []  # not yet
    clock.advance(days=36)
    with_aws(gateways, generations_days=0)
    generations.sweep(gateways)
    assert asked(gateways) == []  # left to people
    with_aws(gateways, generations_days=35)
    generations.sweep(gateways)
    [operation] = asked(gateways)
    assert (operation.kind, operation.wanted, operation.requested_by) == ("update", {"retire": True}, generations.RULE)
    finish(gateways)
    generations.sweep(gateways)
    assert len(asked(gateways)) == 1  # who said no is not asked again the next night
    clock.advance(days=29)
    generations.sweep(gateways)
    assert len(asked(gateways)) == 2
