"""What must hold for the service to do its work, each in one word."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path

from redis import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, func, select

from controlplane.core.telemetry import OLDEST_EVENT
from controlplane.gateways import Gateways
from controlplane.inbox import service as inbox
from controlplane.provisioning.models import Operation, Phase

OLDEST = 60.0  # seconds an event may wait
OVERDUE = timedelta(minutes=2)  # past its time: no worker, or far too few
MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
_REVISION, _BEFORE = (
    re.compile(rf"""^{name}\b[^=]*= ["'](\w+)["']""", re.MULTILINE) for name in ("revision", "down_revision")
)


def checks(gateways: Gateways) -> dict[str, str]:
    found = {"database": "ok", "redis": _redis(gateways)}
    try:
        with gateways.db.transaction() as session:
            for name, check in _CHECKS.items():
                found[name] = check(session, gateways)
    except SQLAlchemyError:
        found["database"] = "unreachable"
    return found


@cache
def head() -> str:
    """The newest revision that this code knows. Read as text: Alembic would cost the API megabytes for one word."""
    texts = [path.read_text() for path in (MIGRATIONS / "versions").glob("*.py")]
    known, replaced = ({name for text in texts for name in wanted.findall(text)} for wanted in (_REVISION, _BEFORE))
    [newest] = known - replaced
    return str(newest)


def _migrations(session: Session, _gateways: Gateways) -> str:
    found = session.execute(text("SELECT to_regclass('alembic_version')")).scalar()
    at = session.execute(text("SELECT version_num FROM alembic_version")).scalar() if found else None
    return "ok" if at == head() else f"at {at or 'none'}, needs {head()}"


def _events(session: Session, gateways: Gateways) -> str:
    age = inbox.measure(session, now=gateways.now())
    OLDEST_EVENT.set(age)
    return "ok" if age <= OLDEST else f"oldest waits {age:.0f} s"


def _operations(session: Session, gateways: Gateways) -> str:
    due = select(func.count()).select_from(Operation).where(Operation.phase == Phase.WAITING)
    late = session.exec(due.where(col(Operation.next_attempt_at) < gateways.now() - OVERDUE)).one()
    return "ok" if not late else f"{late} overdue"


def _redis(gateways: Gateways) -> str:
    try:
        gateways.queue.ping()
    except RedisError:
        return "unreachable"
    return "ok"


_CHECKS: dict[str, Callable[[Session, Gateways], str]] = {
    "migrations": _migrations,
    "events": _events,
    "operations": _operations,
}
