"""Are we earning, fast and reliable: money by month, time to live by week, failures by class."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, func
from sqlmodel import Session, col, select

from controlplane.accounts.costs import cents_by_month
from controlplane.billing.ledger import Payment
from controlplane.billing.models import Order, Quote
from controlplane.gateways import Gateways
from controlplane.provisioning.models import Operation
from controlplane.web import usual
from tenants.models import Tenant

MONTHS, WEEKS, CLASSES = 12, 12, 5
Week = tuple[str, str, int, usual.Usual | None]


@dataclass(frozen=True)
class Month:
    """In minor units of our currency; the cost is what the cloud has billed, and until then what was estimated."""

    name: str
    revenue: int
    cost: int | None  # None: nobody has set what a dollar costs us

    @property
    def margin(self) -> int | None:
        return None if self.cost is None else self.revenue - self.cost


def of_business(session: Session, gateways: Gateways) -> dict[str, Any]:
    now = gateways.now()
    seconds = _seconds(session, since=now - timedelta(weeks=WEEKS))
    promise = gateways.settings.edge.promise_seconds
    everything = [value for values in seconds.values() for value in values]
    return {
        "months": months(session, rate=gateways.settings.pages.euro_per_dollar, now=now),
        "tenants": _count(session, Tenant.state),
        "weeks": _by_week(seconds),
        "live": {"n": len(everything), "usual": usual.of(everything), "promise": promise,
                 "kept": sum(value <= promise for value in everything)},
        "failures": failures(session, since=now - timedelta(weeks=WEEKS)),
    }  # fmt: skip


def weeks(session: Session, *, now: datetime) -> list[Week]:
    return _by_week(_seconds(session, since=now - timedelta(weeks=WEEKS)))


def _by_week(seconds: dict[tuple[str, str], list[float]]) -> list[Week]:
    return [(week, product, len(found), usual.of(found)) for (week, product), found in sorted(seconds.items())]


def months(session: Session, *, rate: float, now: datetime) -> list[Month]:
    """Every month from the first payment on, those without any too; at most a year."""
    name = func.to_char(col(Payment.created_at), "YYYY-MM")
    kept = func.coalesce(func.sum(Payment.amount - Payment.refunded), 0)
    query = select(name, kept).where(col(Payment.status) == "succeeded").group_by(name)
    paid = {str(month): int(amount) for month, amount in session.exec(query).all()}
    if not paid:
        return []
    expected = _running_cost(session) if rate else []
    billed = cents_by_month(session) if rate else {}
    billed.pop(f"{now:%Y-%m}", None)  # it is not over
    names = _names(min(paid), now)
    cents = {month: billed.get(month, _in_month(expected, month)) for month in names}
    return [Month(month, paid.get(month, 0), round(cents[month] * rate) if rate else None) for month in names]


def _running_cost(session: Session) -> list[tuple[str, str, int]]:
    """From which month to which, and how many cents a month: as estimated when it was sold."""
    each = col(Quote.running_cost)["total"].as_string().cast(Integer)
    query = (
        select(Tenant.live_at, Order.ended_at, each)
        .join(Order, col(Order.id) == Tenant.order_id)
        .join(Quote, col(Quote.id) == Order.quote_id)
        .where(col(Tenant.live_at).is_not(None), each > 0)
    )
    return [
        (f"{live:%Y-%m}", f"{ended:%Y-%m}" if ended else "9999-12", int(cents))
        for live, ended, cents in session.exec(query).all()
    ]


def _in_month(cents: Sequence[tuple[str, str, int]], month: str) -> int:
    return sum(amount for first, last, amount in cents if first <= month <= last)


def _names(first: str, now: datetime) -> list[str]:
    found: list[str] = []
    year, month = now.year, now.month
    while (name := f"{year:04}-{month:02}") >= first and len(found) < MONTHS:
        found.append(name)
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return found[::-1]


def _seconds(session: Session, *, since: datetime) -> dict[tuple[str, str], list[float]]:
    query = select(Tenant.product, Tenant.created_at, Tenant.live_at).where(col(Tenant.live_at) > since)
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for product, created, live in session.exec(query.order_by(col(Tenant.id).desc()).limit(5_000)).all():
        if live:
            found[f"{live:%G-%V}", product].append((live - created).total_seconds())
    return found


def failures(session: Session, *, since: datetime) -> list[tuple[str, int, list[tuple[str, int]]]]:
    """The most frequent classes, each with its weeks; what an operation ended with, or is stuck in."""
    week = func.to_char(col(Operation.created_at), "IYYY-IW")
    query = select(Operation.error_class, week, func.count()).where(
        Operation.error_class != "", col(Operation.created_at) > since
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for name, when, number in session.exec(query.group_by(Operation.error_class, week)).all():
        found[str(name)][str(when)] = int(number)
    totals = Counter({name: sum(weeks.values()) for name, weeks in found.items()})
    return [(name, total, sorted(found[name].items())) for name, total in totals.most_common(CLASSES)]


def _count(session: Session, column: Any) -> list[tuple[str, int]]:
    query = select(column, func.count()).group_by(column).order_by(func.count().desc())
    return [(str(name), int(number)) for name, number in session.exec(query).all()]
