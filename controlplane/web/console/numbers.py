"""Are we earning, fast and reliable: money by month, time to live, failures by class."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from controlplane.billing.ledger import Payment
from controlplane.gateways import Gateways
from controlplane.provisioning.models import Operation, Phase
from controlplane.web import plots
from controlplane.web.language import Language
from tenants.models import Tenant

MONTHS = 12
LAST = 500


def of_business(session: Session, gateways: Gateways) -> dict[str, Any]:
    seconds = _to_live(session)
    promise = gateways.settings.edge.promise_seconds
    kept = sum(value <= promise for value in seconds)
    money = revenue(session)
    return {
        "revenue": plots.columns([(month, amount, Language("de").money(amount)) for month, amount in money]),
        "tenants": _count(session, Tenant.state),
        "live": {"n": len(seconds), "median": median(seconds) if seconds else 0, "kept": kept, "promise": promise},
        "failures": _failures(session),
    }


def revenue(session: Session) -> Sequence[tuple[str, int]]:
    """What was paid, by month; refunds are not in it."""
    month = func.to_char(col(Payment.created_at), "YYYY-MM")
    query = (
        select(month, func.coalesce(func.sum(Payment.amount), 0)).group_by(month).order_by(month.desc()).limit(MONTHS)
    )
    return [(str(name), int(amount)) for name, amount in reversed(session.exec(query).all())]


def _to_live(session: Session) -> list[float]:
    query = select(Tenant.created_at, Tenant.live_at).where(col(Tenant.live_at).is_not(None))
    rows = session.exec(query.order_by(col(Tenant.id).desc()).limit(LAST)).all()
    return [(live - created).total_seconds() for created, live in rows if live]


def _count(session: Session, column: Any) -> list[tuple[str, int]]:
    query = select(column, func.count()).group_by(column).order_by(func.count().desc())
    return [(str(name), int(number)) for name, number in session.exec(query).all()]


def _failures(session: Session) -> list[tuple[str, int]]:
    query = select(Operation.error_class, func.count()).where(
        Operation.error_class != "", Operation.phase != Phase.DONE
    )
    rows = session.exec(query.group_by(Operation.error_class).order_by(func.count().desc()).limit(6)).all()
    return [(str(name), int(number)) for name, number in rows]
