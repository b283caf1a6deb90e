"""From the intent to an account in stock, through crashes, limits and slow services."""

import pytest
from sqlmodel import select

from controlplane.accounts import factory, pool, readiness, turn
from controlplane.accounts.models import Account
from controlplane.gateways import Gateways
from controlplane.vendors import aws_probes
from tests.contract.aws.conftest import Aws
from tests.fixtures.polling import poll
from tests.fixtures.product import TestClock
from tests.integration.accounts.conftest import make_due, ordered, read, unit_of, work


def once(gateways: Gateways, account: Account) -> Account:
    make_due(gateways, account)
    factory.advance(gateways, account.id)
    return read(gateways, account)


def ours(gateways: Gateways, account: Account) -> list[str]:
    found = gateways.aws.organization.accounts()
    return [entry.id for entry in found if entry.email == account.email or entry.name == account.name]


def test_an_account_becomes_ready(gateways: Gateways, aws: Aws) -> None:
    account = work(gateways, ordered(gateways))
    assert account.account_id in ours(gateways, account)
    assert (unit_of(gateways, account), account.unit) == ("pool", "pool")
    assert {name for name, entry in account.probes.items() if entry["ok"]} == set(account.probes) > {"s3", "delivery"}
    assert account.quotas["lambda_concurrency"] == 1000
    member = aws.assume(str(account.account_id))
    assert aws.client("s3", member).list_buckets()["Buckets"] == []
    assert aws.client("lambda", member).list_functions()["Functions"] == []
    contact = aws.client("account", member).get_alternate_contact(AlternateContactType="SECURITY")
    assert contact["AlternateContact"]["Title"] == "Platform"


@pytest.fixture
def few_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    """One test looks at all of them; the others are about something else."""
    kept = {name: probe for name, probe in aws_probes.PROBES.items() if name in {"sts", "stores", "delivery"}}
    monkeypatch.setattr(readiness, "PROBES", kept)


few = pytest.mark.usefixtures("few_probes")


@few
def test_a_lost_answer_is_found_again_by_its_address(gateways: Gateways, aws: Aws) -> None:
    """The call was made, the process died before it knew the id of the request, and the account exists by now."""
    account = ordered(gateways)
    with gateways.db.transaction() as session:
        row = session.get_one(Account, account.id)
        row.asked_at = gateways.now()
        session.add(row)
    gateways.aws.organization.create(email=account.email, name="another name", tags={})
    row = work(gateways, account)
    assert ours(gateways, row) == [row.account_id]


@few
def test_an_account_that_the_vendor_calls_a_duplicate_of_ours_is_adopted(gateways: Gateways, aws: Aws) -> None:
    account = ordered(gateways)
    first = gateways.aws.organization.create(email=account.email, name=account.name, tags={})
    row = work(gateways, account)
    assert ours(gateways, row) == [row.account_id]
    assert row.request_id != first.id


@few
class TestLimits:
    def test_the_daily_limit_pauses_and_fails_nobody(self, gateways: Gateways, aws: Aws, clock: TestClock) -> None:
        account = ordered(gateways)
        aws.sim("PATCH", "/settings", json={"accounts_per_day": 0})
        factory.advance(gateways, account.id)
        row = read(gateways, account)
        assert (row.state, "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED" in row.error) == ("requested", True)
        with gateways.db.transaction() as session:
            found = pool.stock(session, gateways)
            assert found.paused_reason == "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED"
            assert pool.expected(session, gateways) > gateways.now() + factory.RATE
        assert pool.fill(gateways) == 0
        aws.sim("PATCH", "/settings", json={"accounts_per_day": 100_000})
        clock.advance(hours=7)
        assert work(gateways, account).state == "ready"

    def test_a_full_organisation_makes_nobody_fail_and_replaces_nobody(
        self, gateways: Gateways, aws: Aws, clock: TestClock
    ) -> None:
        account = ordered(gateways)
        aws.sim("PATCH", "/settings", json={"failure_reason": "ACCOUNT_LIMIT_EXCEEDED"})
        row = poll(lambda: once(gateways, account), until=lambda row: "LIMIT" in row.error)
        assert (row.state, row.asked_at) == ("requested", None)
        aws.sim("PATCH", "/settings", json={"failure_reason": None})
        clock.advance(hours=13)
        row = work(gateways, account)
        assert ours(gateways, row) == [row.account_id]

    def test_writes_to_the_organisation_keep_their_distance(self, gateways: Gateways, clock: TestClock) -> None:
        spaced = gateways.settings.aws.model_copy(update={"write_spacing_seconds": 30})
        object.__setattr__(gateways.settings, "aws", spaced)
        with turn.turn(gateways):
            pass
        account = ordered(gateways)
        factory.advance(gateways, account.id)
        row = read(gateways, account)
        assert (row.state, row.asked_at, row.error) == (
            "requested",
            None,
            "another write to the organisation goes first",
        )
        assert row.next_check_at
        assert 25 < (row.next_check_at - gateways.now()).total_seconds() <= 30
        clock.advance(seconds=31)
        factory.advance(gateways, account.id)
        assert read(gateways, account).state in {"creating", "created"}


@few
class TestReadiness:
    def test_what_answers_late_is_waited_for(self, gateways: Gateways, aws: Aws) -> None:
        aws.sim("PATCH", "/settings", json={"readiness": {"dynamodb": 3600}})
        row = account = work(gateways, ordered(gateways), until="probing")
        assert [name for name, entry in row.probes.items() if not entry["ok"]] == ["stores"]
        aws.sim("PATCH", "/settings", json={"readiness": {}})
        assert work(gateways, account).error == ""

    def test_a_distribution_that_needs_the_vendors_word_names_the_vendor(self, gateways: Gateways, aws: Aws) -> None:
        aws.sim("PATCH", "/settings", json={"readiness": {"iam": 3600}})
        account = work(gateways, ordered(gateways), until="placed")
        settings = {"cloudfront_unverified": [account.account_id], "readiness": {}}
        aws.sim("PATCH", "/settings", json=settings)
        make_due(gateways, account)
        factory.advance(gateways, account.id)
        row = read(gateways, account)
        assert (row.state, row.who) == ("probing", "vendor")
        aws.sim("PATCH", "/settings", json={"cloudfront_unverified": []})
        assert work(gateways, account).who == ""


@few
def test_every_move_is_in_the_trail(gateways: Gateways) -> None:
    from controlplane.audit.models import AuditEntry

    account = work(gateways, ordered(gateways))
    with gateways.db.transaction() as session:
        entries = session.exec(select(AuditEntry).where(AuditEntry.object_id == account.id)).all()
    actions = sorted(entry.action.removeprefix("account.") for entry in entries)
    assert actions == ["created", "creating", "placed", "probing", "ready", "requested"]
