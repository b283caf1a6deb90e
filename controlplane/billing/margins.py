"""What a creator platform was expected to cost, what it does cost, and who has to look when these part."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import structlog
from sqlmodel import Session, col, select

from controlplane.accounts import costs
from controlplane.accounts.models import AccountUse
from controlplane.billing import caps, metering
from controlplane.billing.models import Order, Quote
from controlplane.billing.running_cost import price_book
from controlplane.core.errors import TryLater
from controlplane.gateways import Gateways
from controlplane.provisioning.steps.creator_stack import physical
from tenants import service as tenants
from tenants.conditions import OK, Concern, Finding, Health, Who
from tenants.lifecycle import SERVING
from tenants.models import Tenant

log = structlog.get_logger(__name__)

FAR, LEAST_CENTS = 25, 500  # percent over what was expected; below five dollars nobody is called
FINAL_DAY, EARLY_DAYS = 8, 7  # a bill is final on the 8th; of a month that has hardly begun nobody knows
METER = "creator-overage"
OVER, USED_UP, NEAR = "cost_over_estimate", "usage_over_package", "usage_near_package"


@dataclass(frozen=True)
class Month:
    """In US cents. What was expected is that of the days which the bill covers."""

    name: str
    expected: int
    actual: int
    days: int
    is_final: bool
    services: dict[str, int]

    @property
    def deviation(self) -> int | None:
        return round((self.actual / self.expected - 1) * 100) if self.expected else None

    @property
    def is_far_over(self) -> bool:
        known = self.is_final or self.days >= EARLY_DAYS
        return known and (self.deviation or 0) > FAR and self.actual - self.expected >= LEAST_CENTS


def report(session: Session, gateways: Gateways, tenant: Tenant) -> dict[str, Any]:
    expected, today = expectation(session, tenant), gateways.now().date()
    kept = costs.of_tenant(session, tenant.id)
    months = [_month(name, rows, expected, tenant.live_at, today) for name, rows in kept.items()]
    used = {
        row.service: row.thousandths / 1000 for row in kept.get(costs.month_of(today), []) if row.unit != costs.DOLLARS
    }
    usage = [
        {"what": name, "unit": unit, "used": used.get(name, 0.0), "included": included(expected, name)}
        for name, unit in costs.UNITS.items()
    ]
    bill = sum(month.actual for month in months if month.name == costs.month_of(today))
    return {
        "currency": "usd",
        "expected": expected,
        "months": [{**vars(month), "deviation": month.deviation, "far_over": month.is_far_over} for month in months],
        "usage": usage,
        "level": caps.level(expected, usage, bill),
        "cap": caps.of(tenant),
    }


def expectation(session: Session, tenant: Tenant) -> dict[str, Any]:
    """As it was estimated when it was sold."""
    query = select(Quote.running_cost).join(Order, col(Order.quote_id) == Quote.id).where(Order.id == tenant.order_id)
    return dict(session.exec(query).first() or {})


def included(expected: dict[str, Any], what: str) -> float:
    """What the estimate reckons with in a month; 0: nothing was said."""
    usage = expected.get("included") or {}
    if what == costs.STREAM:
        return float(usage.get("stream_hours", 0))
    each: float = max(price_book()["shape"]["megabytes_per_view"].values())
    return float(usage.get("page_views", 0)) * each / 1024


def _month(name: str, rows: list[AccountUse], expected: dict[str, Any], live_at: datetime | None, today: date) -> Month:
    first = date.fromisoformat(f"{name}-01")
    length = monthrange(first.year, first.month)[1]
    running = name == costs.month_of(today)
    last = today.day - 1 if running else length  # the bill of today comes tomorrow
    began = live_at.day if live_at and costs.month_of(live_at.date()) == name else 1
    days = max(0, last - began + 1)
    services = {row.service: round(row.thousandths / 10) for row in rows if row.unit == costs.DOLLARS}
    final = not running and (first != costs.previous(today) or today.day >= FINAL_DAY)
    share = round(expected.get("total", 0) * days / length)
    return Month(name, share, round(costs.dollars(rows) * 100), days, final, services)


def finding(found: dict[str, Any]) -> Finding:
    over = [month for month in found["months"][:2] if month["far_over"]]
    if over:
        text = "; ".join(f"{one['name']}: {one['actual']} instead of {one['expected']} cents" for one in over)
        return Finding(Health.ATTENTION, OVER, text, "look_at_costs", Who.OPERATOR)
    used_up = [use for use in found["usage"] if use["included"] and use["used"] > use["included"]]
    if used_up:
        text = "; ".join(f"{use['what']}: {use['used']:.1f} of {use['included']:.0f} {use['unit']}" for use in used_up)
        return Finding(Health.ATTENTION, USED_UP, text, "look_at_usage", Who.OPERATOR)
    if found["level"] >= caps.NEAR:
        text = f"{found['level']} percent of the package; it pauses at {found['cap']}"
        return Finding(Health.ATTENTION, NEAR, text, "look_at_usage", Who.CUSTOMER)
    return OK


def check(gateways: Gateways, tenant_id: str) -> None:
    """Count what is used now, compare, and say so where it shows."""
    with gateways.db.transaction() as session:
        tenant = session.get_one(Tenant, tenant_id)
    if tenant.state not in SERVING:
        return
    facts = {"channel": tenant.facts.get("channel_arn", ""), "distribution": tenant.facts.get("distribution_id", "")}
    try:
        costs.count(gateways, tenant_id, table=physical(tenant, "streams"), **facts)
    except TryLater as error:
        log.warning("margin.uncounted", tenant=tenant_id, error=error.reason)
    with gateways.db.transaction() as session:
        row = tenants.locked(session, tenant_id)
        assert row is not None
        known, before = report(session, gateways, row), tenants.conditions(session, tenant_id).get(Concern.CLOUD)
        if before is None or before.health is Health.OK or before.reason in {OVER, USED_UP, NEAR}:
            tenants.set_condition(session, row, Concern.CLOUD, finding(known), now=gateways.now())
        caps.follow(session, gateways, row, known["level"])
        _charge(session, gateways, row, known["months"])


def _charge(session: Session, gateways: Gateways, tenant: Tenant, months: list[dict[str, Any]]) -> None:
    """What the last month has cost beyond the package, once its bill is final; nothing as long as nobody has set what a
    dollar costs us."""
    settings, name = gateways.settings, costs.month_of(costs.previous(gateways.now().date()))
    rate = settings.pages.euro_per_dollar * (1 + settings.selling.overage_percent / 100)
    month = next((each for each in months if each["name"] == name and each["is_final"]), None)
    if month is None or not rate or not month["expected"]:
        return
    metering.note(
        session, gateways, tenant_id=tenant.id, order_id=tenant.order_id, meter=METER, period=name,
        quantity=max(0, round((month["actual"] - month["expected"]) * rate)), used_at=gateways.now(),
    )  # fmt: skip


def choose_cap(session: Session, gateways: Gateways, tenant: Tenant, percent: int, *, actor: str) -> dict[str, Any]:
    row = tenants.locked(session, tenant.id)
    assert row is not None
    known = report(session, gateways, row)
    caps.choose(session, gateways, row, percent, now_at=known["level"], actor=actor)
    return {**known, "cap": percent}


def daily(gateways: Gateways) -> None:
    """One request for the costs of all. Each creator is set against them beside its own daily look."""
    if gateways.settings.aws.management_account:
        costs.read(gateways)
