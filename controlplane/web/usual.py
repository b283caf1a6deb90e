"""How long it usually takes, from what it took: never invented, and not said of too few."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from controlplane.gateways import Gateways
from controlplane.web import paths
from tenants.models import Tenant

LAST, FEWEST = 50, 10
EVERY = timedelta(minutes=10)


@dataclass(frozen=True)
class Usual:
    """In seconds: half were quicker than the first, nine in ten than the second."""

    half: float
    most: float
    count: int


@dataclass(frozen=True)
class Lately:
    at: datetime
    to_live: Mapping[str, Usual | None]  # by product


_LATELY: WeakKeyDictionary[Engine, Lately] = WeakKeyDictionary()


def lately(gateways: Gateways) -> Mapping[str, Usual | None]:
    """Counted now and then, however many visitors and open live pages ask."""
    engine, now = gateways.db.engine, gateways.now()
    found = _LATELY.get(engine)
    if found is None or not found.at <= now < found.at + EVERY:
        with gateways.db.transaction() as session:
            found = _LATELY[engine] = Lately(now, {product: to_live(session, product) for product in paths.LINES})
    return found.to_live


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
