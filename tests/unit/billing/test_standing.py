"""Where the money says a tenant should stand."""

from datetime import UTC, datetime, timedelta

import pytest

from controlplane.billing.ledger import Subscription
from controlplane.billing.models import Order
from controlplane.billing.standing import Standing, standing

NOW = datetime(2026, 11, 21, tzinfo=UTC)
GRACE = timedelta(days=7)


def found(
    status: str | None, *, since_days: float | None = None, frozen: str = "", ended: bool = False, capped: bool = False
) -> Standing:
    order = Order(
        token="t",
        quote_id="q",
        customer_id="c",
        product="site",
        slug="s",
        frozen=frozen,
        ended_at=NOW if ended else None,
    )
    since = NOW - timedelta(days=since_days) if since_days is not None else None
    subscription = (
        Subscription(stripe_id="sub", order_id="o", status=status, past_due_since=since, read_at=NOW)
        if status
        else None
    )
    return standing(order, subscription, now=NOW, grace=GRACE, capped=capped)


@pytest.mark.parametrize(
    ("status", "days", "expected"),
    [
        (None, None, Standing.RUNNING),
        ("active", None, Standing.RUNNING),
        ("trialing", None, Standing.RUNNING),
        ("incomplete", None, Standing.RUNNING),
        ("past_due", 0, Standing.PAST_DUE),
        ("past_due", 6.9, Standing.PAST_DUE),
        ("past_due", 7, Standing.SUSPENDED),
        ("unpaid", None, Standing.SUSPENDED),
        ("paused", None, Standing.SUSPENDED),
        ("canceled", None, Standing.ENDED),
        ("incomplete_expired", None, Standing.ENDED),
    ],
)
def test_each_status_of_a_subscription(status: str | None, days: float | None, expected: Standing) -> None:
    assert found(status, since_days=days) is expected


def test_a_freeze_comes_before_everything() -> None:
    assert found("active", frozen="dispute") is Standing.FROZEN
    assert found("canceled", frozen="dispute", ended=True) is Standing.FROZEN


def test_what_is_over_stays_over() -> None:
    assert found("active", ended=True) is Standing.ENDED


def test_a_reached_limit_pauses_what_is_paid_and_nothing_else_is_hidden_by_it() -> None:
    assert found("active", capped=True) is found("past_due", since_days=1, capped=True) is Standing.CAPPED
    assert found("past_due", since_days=8, capped=True) is Standing.SUSPENDED
    assert found("canceled", capped=True) is Standing.ENDED
    assert found("active", frozen="dispute", capped=True) is Standing.FROZEN
