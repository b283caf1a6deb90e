"""Stock, queue, breaker: who gets which account, and when none is made."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from controlplane.accounts import pool, service
from controlplane.accounts.models import Account
from controlplane.accounts.models import AccountState as S
from controlplane.gateways import Gateways
from tests.fixtures.product import TestClock
from tests.integration.accounts.conftest import ordered, read, unit_of, work


def with_aws(gateways: Gateways, **values: object) -> None:
    object.__setattr__(gateways.settings, "aws", gateways.settings.aws.model_copy(update=values))


def in_stock(gateways: Gateways, count: int) -> list[Account]:
    """As the factory leaves them, without the vendor: these tests are about who gets them."""
    rows = []
    for number in range(count):
        row = ordered(gateways)
        with gateways.db.transaction() as session:
            row = session.get_one(Account, row.id)
            row.state, row.account_id, row.ready_at = S.READY, f"{number:012}", gateways.now()
            row.asked_at, row.next_check_at = gateways.now(), None
            session.add(row)
        rows.append(row)
    return rows


def claim(gateways: Gateways, tenant: str) -> str | None:
    with gateways.db.transaction() as session:
        found = pool.claim(session, gateways, tenant)
        return found.account_id if found else None


def test_the_oldest_goes_to_who_asked_first(gateways: Gateways, clock: TestClock) -> None:
    assert claim(gateways, "first") is None
    clock.advance(seconds=1)
    assert claim(gateways, "second") is None
    in_stock(gateways, 1)
    assert claim(gateways, "third") is None
    assert claim(gateways, "first") == "000000000000"
    assert claim(gateways, "first") == "000000000000"
    assert claim(gateways, "second") is None


def test_many_at_once_never_share_one(gateways: Gateways) -> None:
    in_stock(gateways, 4)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda number: claim(gateways, f"tenant-{number % 6}"), range(12)))
    given: dict[str, str] = {}
    for number, account in enumerate(found):
        if account:
            assert given.setdefault(f"tenant-{number % 6}", account) == account
    assert len(set(given.values())) == len(given)
    with gateways.db.transaction() as session:
        assert pool.stock(session, gateways).given == 4


def test_the_stock_is_filled_to_its_size_and_for_those_who_wait(gateways: Gateways) -> None:
    with_aws(gateways, pool_stock=2, daily_cap=10)
    claim(gateways, "waits")
    assert [pool.fill(gateways), pool.fill(gateways)] == [3, 0]


def test_the_daily_cap_holds(gateways: Gateways, clock: TestClock) -> None:
    with_aws(gateways, pool_stock=5, daily_cap=3)
    assert pool.fill(gateways) == 3
    assert pool.fill(gateways) == 0


def test_who_waits_behind_others_is_told_of_the_days_that_takes(gateways: Gateways, clock: TestClock) -> None:
    with_aws(gateways, pool_stock=0, daily_cap=2)
    for number in range(5):
        claim(gateways, f"tenant-{number}")
        clock.advance(seconds=1)
    assert pool.fill(gateways) == 2
    with gateways.db.transaction() as session:
        told = [pool.expected(session, gateways, f"tenant-{number}") - gateways.now() for number in range(5)]
    assert [wait.days for wait in told] == [0, 0, 1, 1, 2]


def test_the_breaker_opens_when_accounts_are_made_that_nobody_gets(gateways: Gateways) -> None:
    with_aws(gateways, pool_stock=1, daily_cap=100)
    for row in in_stock(gateways, 4):
        with gateways.db.transaction() as session:
            row = session.get_one(Account, row.id)
            row.state = S.QUARANTINED
            session.add(row)
    with gateways.db.transaction() as session:
        assert pool.stock(session, gateways).is_broken
    assert pool.fill(gateways) == 0


def test_who_leaves_waits_no_longer(gateways: Gateways) -> None:
    claim(gateways, "leaves")
    with gateways.db.transaction() as session:
        pool.withdraw(session, "leaves")
    in_stock(gateways, 1)
    assert claim(gateways, "stays") == "000000000000"


def test_a_claimed_account_works_rests_and_is_closed_and_nobody_else_gets_it(gateways: Gateways) -> None:
    account = work(gateways, ordered(gateways))
    assert claim(gateways, "anna") == account.account_id
    row = work(gateways, account, until="active")
    assert unit_of(gateways, row) == "active"
    for state, unit in ((S.SUSPENDED, "suspended"), (S.ACTIVE, "active"), (S.QUARANTINED, "quarantine")):
        wish(gateways, account, state)
        assert unit_of(gateways, work(gateways, account, until=state)) == unit
    wish(gateways, account, S.CLOSED)
    row = work(gateways, account, until="closed")
    seen = gateways.aws.organization.account(str(row.account_id))
    assert seen is not None
    assert (seen.is_closed, row.tenant_id, unit_of(gateways, row)) == (True, "anna", "closing")
    with pytest.raises(Exception, match="closed"):
        wish(gateways, account, S.ACTIVE)
    assert claim(gateways, "bert") is None


def wish(gateways: Gateways, account: Account, state: S) -> None:
    with gateways.db.transaction() as session:
        service.want(session, gateways, account.id, state, actor="operator:test", reason="test")
    assert read(gateways, account).wanted is state
