"""How long it usually takes, from what it took: never invented, and not said of too few."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from tenants.models import Tenant

LAST, FEWEST = 50, 10


@dataclass(frozen=True)
class Usual:
    """In seconds: half were quicker than the first, nine in ten than the second."""

    half: float
    most: float
    count: int


def to_live(session: Session, product: str) -> Usual | None:
    """Of the last platforms of this kind, from the payment to the first visit."""
    query = select(Tenant.created_at, Tenant.live_at).where(Tenant.product == product, col(Tenant.live_at).is_not(None))
    rows = session.exec(query.order_by(col(Tenant.id).desc()).limit(LAST)).all()
    return of([(live - created).total_seconds() for created, live in rows if live])


def of(seconds: Sequence[float]) -> Usual | None:
    if len(seconds) < FEWEST:
        return None
    inside = sorted(seconds)
    return Usual(_share(inside, 0.5), _share(inside, 0.9), len(inside))


def _share(inside: Sequence[float], share: float) -> float:
    """Nearest rank: a length that really occurred."""
    return inside[max(0, -int(-share * len(inside) // 1) - 1)]
