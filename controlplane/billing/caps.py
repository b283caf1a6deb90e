"""How far the use of a creator platform may go beyond its package. At the limit it pauses, until the customer raises it
or the month is over: a key that leaked, or a visitor who loops, must not make a bill that nobody expects.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from controlplane.accounts import costs
from controlplane.audit.service import record
from controlplane.billing import notices
from controlplane.billing.models import Order
from controlplane.core.errors import Invalid
from controlplane.gateways import Gateways
from tenants.models import Tenant

CHOICES = (100, 150, 200, 300)  # percent of what the package costs to run; further nobody goes
NEAR = 80
# What of the estimate each thing that we count ourselves pays for, and by which answer it was estimated.
PAYS = {
    costs.STREAM: ("stream_hours", ("streaming", "recordings", "chat")),
    costs.TRAFFIC: ("page_views", ("delivery",)),
}


def level(expected: dict[str, Any], usage: list[dict[str, Any]], bill: int) -> int:
    """Percent of the package: up to 100 by what is closest to its end, above that by what the rest costs."""
    total = expected.get("total", 0)
    measured = [each for each in usage if each["included"]]
    shares = [each["used"] / each["included"] for each in measured] + ([bill / total] if total else [])
    fullest = max(shares, default=0.0)
    if fullest <= 1 or not total:
        return int(100 * fullest)
    beyond = sum(max(0.0, each["used"] / each["included"] - 1) * _cents(expected, each["what"]) for each in measured)
    return 100 + int(100 * max(beyond, bill - total) / total)


def _cents(expected: dict[str, Any], what: str) -> float:
    """What the whole package of it costs; it was estimated for what the buyer had told."""
    answer, services = PAYS[what]
    told, included = (expected.get(name, {}).get(answer, 0) for name in ("usage", "included"))
    cents = sum(row["amount"] for row in expected.get("rows", ()) if row["service"] in services)
    return float(cents * included / told) if told else 0.0


def of(tenant: Tenant) -> int:
    return int(tenant.spec.get("usage_cap", CHOICES[-1]))


def is_reached(tenant: Tenant, now: datetime) -> bool:
    return bool(tenant.facts.get("capped") == costs.month_of(now.date()))


def ends_at(now: datetime) -> datetime:
    """When everything is counted from the beginning again."""
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)


def choose(session: Session, gateways: Gateways, tenant: Tenant, percent: int, *, now_at: int, actor: str) -> None:
    """`tenant` is locked. A higher limit opens what stands still, a lower one counts at once."""
    if percent not in CHOICES:
        raise Invalid(f"The limit is one of {', '.join(map(str, CHOICES))} percent.", field="percent")
    before = of(tenant)
    tenant.spec = {**tenant.spec, "usage_cap": percent}
    session.add(tenant)
    record(
        session, actor=actor, action="usage.cap_chosen", object_type="tenant", object_id=tenant.id, stream="tenant",
        tenant_id=tenant.id, changes={"usage_cap": [before, percent]},
    )  # fmt: skip
    follow(session, gateways, tenant, now_at)


def follow(session: Session, gateways: Gateways, tenant: Tenant, now_at: int) -> None:
    """`tenant` is locked. Said once a month each: that the end comes near, and that it is reached."""
    order, month = session.get(Order, tenant.order_id), costs.month_of(gateways.now().date())
    if order is None:
        return
    reached = now_at >= of(tenant)
    if reached:
        notices.usage_capped(session, gateways, order, tenant.id, month, used=now_at, cap=of(tenant))
    elif now_at >= NEAR:
        notices.usage_near(session, gateways, order, tenant.id, month, used=min(now_at, 100), cap=of(tenant))
    if reached is not is_reached(tenant, gateways.now()):
        tenant.facts = {**tenant.facts, "capped": month if reached else ""}
        order.steer_at = gateways.now()
        session.add_all((tenant, order))
