"""An organisation on the AWS stand-in, and the product wired to it. Each test has units of its own."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from controlplane.accounts import factory, units
from controlplane.accounts.models import Account
from controlplane.accounts.pool import order
from controlplane.core.db import Database
from controlplane.gateways import Gateways
from tests.contract.aws.conftest import SECRETS, Aws, start
from tests.fixtures.polling import poll
from tests.fixtures.product import TestClock, empty, settings_for

QUICK = {"account_seconds": 0.0, "close_seconds": 0.0, "account_limit": 100_000, "accounts_per_day": 100_000}


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    running = start(tmp_path_factory.mktemp("aws"))
    yield running
    running.stop()
    assert running.process.stdout is not None
    running.process.stdout.close()


@pytest.fixture(scope="session", autouse=True)
def identity_of_this_machine() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", SECRETS["aws_access_key_id"])
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRETS["aws_secret_access_key"])
        yield


@pytest.fixture
def gateways(
    database: Database, database_url: str, redis_url: str, tmp_path: Path, clock: TestClock, aws: Aws
) -> Iterator[Gateways]:
    values = {
        "management_account": "100000000001",
        "endpoint_url": aws.url,
        "account_email": "aws+{alias}@portal.example",
        "write_spacing_seconds": 0,
        "probe_seconds": 0,
    }
    aws.sim("PATCH", "/settings", json=QUICK)
    settings = settings_for(database_url, redis_url, tmp_path, aws=values)
    built = replace(Gateways.build(settings, database), now=clock)
    empty(built)
    yield built
    aws.sim("DELETE", "/settings")
    aws.sim("DELETE", "/faults")
    built.close()


def ordered(gateways: Gateways) -> Account:
    with gateways.db.transaction() as session:
        return order(session, gateways, actor="operator:test")


def read(gateways: Gateways, account: Account) -> Account:
    with gateways.db.transaction() as session:
        return session.get_one(Account, account.id)


def make_due(gateways: Gateways, account: Account) -> None:
    """As when the time has come; nobody holds it."""
    with gateways.db.transaction() as session:
        row = session.get_one(Account, account.id)
        row.next_check_at = row.lease_until = None
        session.flush()
        row.next_check_at = gateways.now()
        session.add(row)


def work(gateways: Gateways, account: Account, *, until: str = "ready") -> Account:
    def go_on() -> Account:
        make_due(gateways, account)
        factory.advance(gateways, account.id)
        return read(gateways, account)

    return poll(go_on, until=lambda row: row.state == until, seconds=90)


def unit_of(gateways: Gateways, account: Account) -> str:
    assert account.account_id
    parent = gateways.aws.organization.parent(account.account_id)
    return next(name for name, identity in units.ids(gateways).items() if identity == parent)


def woken(gateways: Gateways) -> list[bytes]:
    """The counts that were asked for."""
    found: list[bytes] = gateways.queue._redis.zrange(gateways.queue.name("quick"), 0, -1)  # type: ignore[assignment]
    return [one for one in found if one.startswith(b"account.margin")]
