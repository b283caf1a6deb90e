"""What an account costs is read once a day for all, set against what was promised, and somebody is called in time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from controlplane.accounts import costs
from controlplane.accounts.models import Account, AccountUse
from controlplane.audit.service import tenant_recorder
from controlplane.billing import caps, margins, standing
from controlplane.billing.catalog import catalog
from controlplane.billing.ledger import Usage
from controlplane.billing.models import Customer, Order, Quote
from controlplane.billing.selection import of_json, rights
from controlplane.core.ids import new_id
from controlplane.delivery.models import Email
from controlplane.gateways import Gateways
from controlplane.provisioning import copies
from controlplane.provisioning.lease import Lease
from controlplane.provisioning.models import Kind, Operation
from controlplane.provisioning.work import Work
from tenants import service as tenants
from tenants.conditions import OK, Concern, Who
from tenants.lifecycle import State
from tenants.models import Tenant
from tests.contract.aws.conftest import Aws
from tests.fixtures.http import Door
from tests.fixtures.product import TestClock
from tests.integration.accounts.conftest import ordered, woken, work

BOUGHT = {"line": "creator", "interval": "month", "offers": {"creator-small": 1}}
EXPECTED = {
    "total": 6000, "included": {"stream_hours": 2, "page_views": 1000}, "usage": {"stream_hours": 1, "page_views": 0},
    "rows": [{"service": "streaming", "amount": 2000}, {"service": "delivery", "amount": 100}],
}  # fmt: skip


@pytest.fixture
def today(clock: TestClock) -> datetime:
    """The 20th of a month that is over: the bill of it and of the one before is known to the vendor."""
    real = datetime.now(UTC)
    wanted = (real.replace(day=1) - timedelta(days=1)).replace(day=20, hour=12)
    clock.offset = wanted - real
    return wanted


def sold(gateways: Gateways, account: Account, live_at: datetime) -> Tenant:
    """A creator that has been live since then, with what it was expected to cost."""
    with gateways.db.transaction() as session:
        quote = Quote(line="creator", subtotal=0, total=0, running_cost=EXPECTED, valid_until=gateways.now())
        session.add(quote)
        session.flush()
        order = Order(
            token=new_id(), quote_id=quote.id, customer_id=_customer(session), product="creator", slug="anna",
            buyer={"email": "anna@customer.example"}, selection=BOUGHT,
        )  # fmt: skip
        session.add(order)
        session.flush()
        new = tenants.NewTenant(
            id=new_id(), order_id=order.id, customer_id=order.customer_id, product="creator", slug="anna", name="Anna",
            locale="de", spec={"owner_email": "anna@customer.example", **rights(catalog(), of_json(BOUGHT))},
        )  # fmt: skip
        tenant, _ = tenants.start(session, new, now=gateways.now(), record=tenant_recorder(session))
        tenant.state, tenant.live_at = State.ACTIVE, live_at
        tenant.facts, order.tenant_id = {"channel_arn": "arn", "distribution_id": "D"}, tenant.id
        session.flush()
        tenants.set_condition(session, tenant, Concern.CLOUD, OK, now=gateways.now())
        row = session.get_one(Account, account.id)
        row.tenant_id = tenant.id
        session.add_all((tenant, row))
    return tenant


def _customer(session: Session) -> str:
    customer = Customer(email="anna@customer.example", email_key=new_id())
    session.add(customer)
    session.flush()
    return str(customer.id)


def streamed(aws: Aws, account: str, hours: float, until: datetime) -> None:
    tables = aws.client("dynamodb", aws.assume(account))
    key = {"AttributeName": "streamId"}
    tables.create_table(
        TableName="creator-streams", KeySchema=[{**key, "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{**key, "AttributeType": "S"}],
    )  # fmt: skip
    began = until - timedelta(hours=hours)
    times = {"startedAt": {"S": began.isoformat()}, "endedAt": {"S": until.isoformat()}}
    tables.put_item(TableName="creator-streams", Item={"streamId": {"S": "s1"}, "state": {"S": "ended"}, **times})


def bill(aws: Aws, account: str, first: datetime, days: int, dollars: float) -> None:
    named = {f"{first + timedelta(days=day):%Y-%m-%d}": {"Amazon DynamoDB": dollars} for day in range(days)}
    aws.sim("POST", "/costs", json={"account": account, "days": named}).raise_for_status()


def condition(gateways: Gateways, tenant: Tenant) -> tuple[str, str]:
    with gateways.db.transaction() as session:
        found = tenants.conditions(session, tenant.id)[Concern.CLOUD]
    return found.reason, found.next_action


@pytest.fixture
def billed(gateways: Gateways, aws: Aws, today: datetime) -> Tenant:
    """Two dollars a day in the last month and in this one, and three hours streamed."""
    account = work(gateways, ordered(gateways))
    number = str(account.account_id)
    tenant = sold(gateways, account, live_at=today - timedelta(days=100))
    bill(aws, number, last_month(today), 28, 2.0)
    bill(aws, number, today.replace(day=1), 19, 2.0)
    streamed(aws, number, 3, today)
    return tenant


def delivered(aws: Aws, account: str) -> None:
    """As CloudFront counts; and somebody else's. The cloud keeps such numbers by its own clock."""
    metrics, region = aws.client("cloudwatch", aws.assume(account), "us-east-1"), {"Name": "Region", "Value": "Global"}
    data = [
        {"MetricName": "BytesDownloaded", "Value": count,
         "Dimensions": [{"Name": "DistributionId", "Value": name}, region]}
        for name, count in (("D", 1.5e9), ("D", 2.5e9), ("other", 9e9))
    ]  # fmt: skip
    metrics.put_metric_data(Namespace="AWS/CloudFront", MetricData=data)


def last_month(today: datetime) -> datetime:
    last = costs.previous(today.date())
    return datetime(last.year, last.month, 1, tzinfo=UTC)


def account_of(gateways: Gateways, tenant: Tenant) -> str:
    with gateways.db.transaction() as session:
        return str(session.exec(select(Account.account_id).where(Account.tenant_id == tenant.id)).one())


def test_what_it_costs_is_shown_beside_what_was_promised(
    gateways: Gateways, aws: Aws, billed: Tenant, build_app: Callable[[Gateways], FastAPI]
) -> None:
    assert costs.read(gateways) == 2
    assert costs.read(gateways) == 2  # the newest word counts, nothing is added up
    margins.check(gateways, billed.id)
    assert condition(gateways, billed) == ("usage_over_package", "look_at_usage")

    door = Door(build_app(gateways), gateways)
    found = door.operator("engineer").get(f"/v1/tenants/{billed.id}/costs").json()
    running, before = found["months"]
    assert (running["actual"], running["days"], running["is_final"]) == (3800, 19, False)
    assert (before["actual"], before["expected"], before["is_final"]) == (5600, 6000, True)
    assert before["services"] == {"Amazon DynamoDB": 5600}
    assert {use["what"]: use["used"] for use in found["usage"]} == {"stream": 3.0, "traffic": 0.0}
    assert door.operator("support").get(f"/v1/tenants/{new_id()}/costs").status_code == 404

    delivered(aws, account_of(gateways, billed))
    now = replace(gateways, now=lambda: datetime.now(UTC) + timedelta(seconds=1))
    assert costs.count(now, billed.id, channel="", distribution="D", table="") == {"stream": 0.0, "traffic": 4.0}


def test_from_the_bill_to_the_call(gateways: Gateways, aws: Aws, today: datetime, billed: Tenant) -> None:
    number, first = account_of(gateways, billed), last_month(today)
    bill(aws, number, first, 28, 4.0)
    costs.read(gateways)
    margins.check(gateways, billed.id)
    assert condition(gateways, billed) == ("cost_over_estimate", "look_at_costs")
    assert charged(gateways) == []  # nobody has set what a dollar costs us
    pages = gateways.settings.pages.model_copy(update={"euro_per_dollar": 0.5})
    object.__setattr__(gateways.settings, "pages", pages)
    for _day in range(2):
        margins.check(gateways, billed.id)
    assert charged(gateways) == [("creator-overage", f"{first:%Y-%m}", 3120)]  # 52 dollars, and a fifth on top, once

    bill(aws, number, first, 28, 2.0)
    costs.read(gateways)
    with gateways.db.transaction() as session:
        [stream] = session.exec(select(AccountUse).where(AccountUse.service == costs.STREAM)).all()
        assert stream.thousandths == 3000
    aws.client("dynamodb", aws.assume(number)).delete_item(TableName="creator-streams", Key={"streamId": {"S": "s1"}})
    margins.check(gateways, billed.id)
    assert condition(gateways, billed) == ("", "")


def charged(gateways: Gateways) -> list[tuple[str, str, int]]:
    with gateways.db.transaction() as session:
        return [(row.meter, row.period, row.quantity) for row in session.exec(select(Usage)).all()]


def test_at_the_limit_that_the_customer_chose_it_pauses_until_more_is_allowed_or_the_month_is_over(
    gateways: Gateways, billed: Tenant, build_app: Callable[[Gateways], FastAPI], clock: TestClock
) -> None:
    """Three hours of two: the one too many costs what two hours of the estimate did, a third of the package."""
    margins.check(gateways, billed.id)
    door = Door(build_app(gateways), gateways)
    customer = door.customer(buyer(gateways, billed))
    path = f"/v1/tenants/{billed.id}/usage"
    assert [customer.get(path).json()[name] for name in ("level", "cap")] == [133, 300]
    assert steered(gateways, billed) == ("", State.ACTIVE, None)

    assert customer.put(f"{path}/cap", json={"percent": 120}).status_code == 422
    assert customer.put(f"{path}/cap", json={"percent": 100}).json()["cap"] == 100
    assert steered(gateways, billed) == ("usage_cap_reached", State.ACTIVE, Kind.SUSPEND)
    with gateways.db.transaction() as session:
        letters = session.exec(select(Email.kind).where(Email.order_id == billed.order_id)).all()
    assert sorted(letters) == ["usage_capped", "usage_near"]

    assert customer.put(f"{path}/cap", json={"percent": 150}).json()["cap"] == 150
    assert steered(gateways, billed, paused=True) == ("", State.SUSPENDED, Kind.RESUME)
    customer.put(f"{path}/cap", json={"percent": 100}).raise_for_status()
    assert steered(gateways, billed, paused=True) == ("usage_cap_reached", State.SUSPENDED, None)
    clock.advance(days=12)
    assert steered(gateways, billed, paused=True) == ("", State.SUSPENDED, Kind.RESUME)


def buyer(gateways: Gateways, tenant: Tenant) -> Customer:
    with gateways.db.transaction() as session:
        return session.get_one(Customer, tenant.customer_id)


def steered(gateways: Gateways, tenant: Tenant, *, paused: bool = False) -> tuple[str, State, Kind | None]:
    """What the money says now, and what is asked for because of it; `paused`: what was asked for is done."""
    with gateways.db.transaction() as session:
        row, order = session.get_one(Tenant, tenant.id), session.get_one(Order, tenant.order_id)
        for operation in session.exec(select(Operation).where(Operation.tenant_id == tenant.id)).all():
            session.delete(operation)
        row.state = State.SUSPENDED if paused else State.ACTIVE
        session.flush()
        standing.steer(session, gateways, order)
        asked = session.exec(select(Operation.kind).where(Operation.tenant_id == tenant.id)).first()
        found = tenants.conditions(session, tenant.id).get(Concern.BILLING, OK)
        return found.reason, State(row.state), asked


@pytest.mark.parametrize(
    ("stream", "page_views", "bill", "level"),
    [(0, 0, 0, 0), (1.6, 0, 0, 80), (2, 0, 4000, 100), (2.2, 0, 0, 106), (0, 3, 0, 100), (0, 0, 9000, 150)],
)
def test_below_the_package_the_fullest_counts_and_above_it_the_money(
    stream: float, page_views: float, bill: int, level: int
) -> None:
    """Of page views the buyer had told none: what more of them cost nobody can say before the bill does."""
    usage = [
        {"what": costs.STREAM, "used": stream, "included": 2},
        {"what": costs.TRAFFIC, "used": page_views, "included": 1},
    ]
    assert caps.level(EXPECTED, usage, bill) == level


def test_at_four_fifths_of_the_package_the_customer_is_told() -> None:
    found = {"months": [], "usage": [], "level": 80, "cap": 150}
    seen = margins.finding(found)
    assert (seen.reason, seen.next_action, seen.who) == ("usage_near_package", "look_at_usage", Who.CUSTOMER)
    assert margins.finding(found | {"level": 79}) == OK


def test_the_night_wakes_nobody_and_each_day_of_a_creator_its_own_count(gateways: Gateways, billed: Tenant) -> None:
    margins.daily(gateways)
    assert woken(gateways) == []
    look = Operation(tenant_id=billed.id, kind=Kind.DRIFT)
    assert copies.tidy(Work(gateways, look, billed, Lease(gateways, look))) == {"forgotten": 0}
    assert woken(gateways) == [f"account.margin:{billed.id}:{gateways.now().toordinal()}".encode()]


def test_of_a_month_that_has_hardly_begun_nobody_is_called() -> None:
    def month(days: int) -> margins.Month:
        return margins.Month("2026-11", expected=200, actual=4000, days=days, is_final=False, services={})

    assert not month(2).is_far_over
    assert month(10).is_far_over
