"""What stands above a list: how many there are, what changed since, and which filter left nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sql
from sqlmodel import Session, col

from controlplane.api.tenants import matching
from controlplane.web.console.counting import ENOUGH, Count, capped
from tenants.lifecycle import State
from tenants.models import History, Tenant

NONE = {"state": "", "product": "", "health": "", "q": ""}


@dataclass(frozen=True)
class Above:
    number: Count
    seen: int  # the newest change that whoever reads the list has seen
    tabs: list[tuple[str, Count]]  # of each state that somebody is in


def above(session: Session, given: Mapping[str, str]) -> Above:
    """One question; each count reads an index, and no further than anybody wants to know."""
    query = sql.select(capped(_matching(given)), NEWEST, BY_STATE)
    number, newest, by_state = session.execute(query, {"states": [*State], "enough": ENOUGH + 1}).one()
    tabs = [(state.value, Count(by_state[state])) for state in State if state in (by_state or {})]
    return Above(Count(number), newest, tabs)


def newest(session: Session, tenant_id: str) -> int:
    query = sql.select(sql.func.coalesce(sql.func.max(History.id), 0)).where(col(History.tenant_id) == tenant_id)
    return int(session.execute(query).scalar_one())


def changes(session: Session, seen: int, tenant_id: str = "") -> Count:
    query = sql.select(col(History.id)).where(col(History.id) > seen)
    query = query.where(col(History.tenant_id) == tenant_id) if tenant_id else query
    return Count(session.execute(sql.select(capped(query))).scalar_one())


def most_excluding(session: Session, given: Mapping[str, str]) -> str:
    """The filter without which most would be found; none where each alone leaves nothing."""
    without = {name: _matching({**given, name: ""}) for name, value in given.items() if value}
    if len(without) < 2:
        return next(iter(without), "")
    row = session.execute(sql.select(*(capped(query) for query in without.values()))).one()
    found = dict(zip(without, row, strict=True))
    return max(found, key=lambda name: found[name]) if any(found.values()) else ""


NEWEST = sql.select(sql.func.coalesce(sql.func.max(History.id), 0)).scalar_subquery()


# As text: fourteen counts take longer to be put together than to be answered. By a range: of equality the planner
# believes that each state is as common as any, and reads the whole table for those that nobody is in.
BY_STATE = sql.text(
    "(SELECT jsonb_object_agg(name, number) FROM unnest(CAST(:states AS text[])) AS known(name), LATERAL"
    " (SELECT count(*) AS number FROM (SELECT FROM tenants WHERE state BETWEEN known.name AND known.name"
    " LIMIT :enough) AS few) AS counted WHERE number > 0) AS by_state"
)


def _matching(given: Mapping[str, str]) -> sql.Select[str]:
    return sql.select(col(Tenant.id)).where(*matching(**{**NONE, **given}))
