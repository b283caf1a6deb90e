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
    query = select(Operation).where(col(Operation.phase).in_((Phase.RUNNING, Phase.WAITING)))
    rows = session.exec(query.order_by(col(Operation.id).desc()).limit(MOST)).all()
    names = slugs(session, rows)
    return [(row, names.get(row.tenant_id, row.tenant_id)) for row in rows]


def numbers(session: Session) -> list[tuple[str, str, Count]]:
    """Each a name, the list that has them, and how many; none counts further than a list does."""
    since = lowest_id(DAY)
    counted: dict[str, tuple[str, Any]] = {
        "tenants": ("/console/tenants", sql.select(col(Tenant.id)).where(col(Tenant.id) > since)),
        "done": (f"/console/operations?phase={Phase.DONE}", _asked(since, Phase.DONE)),
        "parked": (f"/console/operations?phase={Phase.PARKED}", _asked(since, Phase.PARKED)),
        "events": ("/console/inbox", sql.select(col(InboxEvent.id)).where(col(InboxEvent.id) > since)),
        "letters": ("/console/emails", sql.select(col(Email.id)).where(col(Email.id) > since)),
    }  # fmt: skip
    row = session.execute(sql.select(*(capped(query) for _href, query in counted.values()))).one()
    return [(name, href, Count(number)) for (name, (href, _query)), number in zip(counted.items(), row, strict=True)]


def _asked(since: str, phase: Phase) -> Any:
    return sql.select(col(Operation.id)).where(col(Operation.id) > since, col(Operation.phase) == phase)
