"""What runs now, and what the last day brought."""

from typing import Any

import sqlalchemy as sql
from sqlmodel import Session, col, select

from controlplane.core.ids import lowest_id
from controlplane.delivery.models import Email
from controlplane.inbox.models import InboxEvent
from controlplane.provisioning.models import Operation, Phase
from controlplane.web.console.attention import MOST, slugs
from controlplane.web.console.counting import Count, capped
from tenants.models import Tenant

DAY = 86_400.0


def running(session: Session) -> list[tuple[Operation, str]]:
    rows = session.exec(RUNNING).all()
    names = slugs(session, rows)
    return [(row, names.get(row.tenant_id, row.tenant_id)) for row in rows]


def numbers(session: Session) -> list[tuple[str, str, Count]]:
    """Each a name, the list that has them, and how many; none counts further than a list does."""
    row = session.execute(COUNTS, {"since": lowest_id(DAY)}).one()
    return [(name, href, Count(number)) for (name, (href, _query)), number in zip(COUNTED.items(), row, strict=True)]


def _since(kind: Any, *where: Any) -> Any:
    return sql.select(col(kind.id)).where(col(kind.id) > sql.bindparam("since"), *where)


RUNNING = (
    select(Operation)
    .where(col(Operation.phase).in_((Phase.RUNNING, Phase.WAITING)))
    .order_by(col(Operation.id).desc())
    .limit(MOST)
)
COUNTED: dict[str, tuple[str, Any]] = {
    "tenants": ("/console/tenants", _since(Tenant)),
    "done": (f"/console/operations?phase={Phase.DONE}", _since(Operation, col(Operation.phase) == Phase.DONE)),
    "parked": (f"/console/operations?phase={Phase.PARKED}", _since(Operation, col(Operation.phase) == Phase.PARKED)),
    "events": ("/console/inbox", _since(InboxEvent)),
    "letters": ("/console/emails", _since(Email)),
}
COUNTS = sql.select(*(capped(query) for _href, query in COUNTED.values()))
