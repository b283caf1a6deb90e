"""Two persons for what cannot be undone: one asks, another agrees, then the first sends the same request again."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from controlplane.audit.service import record
from controlplane.core.errors import Conflict, Forbidden, NotFound
from controlplane.core.ids import new_id
from controlplane.gateways import Gateways
from controlplane.identity import operators, policy
from controlplane.identity.models import Act

LIFE = timedelta(hours=72)
ALONE = timedelta(hours=1)  # when nobody else could agree, time to think has to do


def open_act(
    session: Session, gateways: Gateways, *, group: str, method: str, path: str, digest: str, by: str, reason: str
) -> Act:
    """The same request of the same person is the same act as long as it lives."""
    query = select(Act).where(
        Act.requested_by == by,
        Act.method == method,
        Act.path == path,
        Act.body_digest == digest,
        col(Act.used_at).is_(None),
        Act.expires_at > gateways.now(),
    )
    found = session.exec(query.order_by(col(Act.id).desc()).with_for_update()).first()
    if found and found.decision != "refused":
        return found
    roles = policy.roles_of(group) & set(policy.OPERATOR_ROLES)
    row = Act(
        id=new_id(),
        access=group,
        method=method,
        path=path,
        body_digest=digest,
        requested_by=by,
        reason=reason[:500],
        alone=operators.count_with(session, roles) <= 1,
        expires_at=gateways.now() + LIFE,
        created_at=gateways.now(),
    )
    session.add(row)
    session.flush()
    _note(session, row, "requested", by)
    return row


def ripe(gateways: Gateways, row: Act) -> bool:
    waited = gateways.now() - row.created_at >= ALONE
    return row.decision == "approved" or (row.alone and row.decision is None and waited)


def use(session: Session, gateways: Gateways, row: Act) -> None:
    row.used_at = gateways.now()
    session.add(row)
    _note(session, row, "used", row.requested_by)


def unused(session: Session, act_id: str) -> None:
    """The request itself failed: the agreement still stands."""
    row = session.get(Act, act_id)
    if row:
        row.used_at = None
        session.add(row)


def decide(session: Session, gateways: Gateways, act_id: str, *, by: str, role: str, agree: bool, reason: str) -> Act:
    row = session.exec(select(Act).where(Act.id == act_id).with_for_update()).first()
    if row is None:
        raise NotFound("There is no such request.")
    if row.decision or row.used_at or row.expires_at <= gateways.now():
        raise Conflict("It was decided already, or has expired.")
    if role not in policy.roles_of(row.access):
        raise Forbidden("Your role does not include this.", code="role")
    if row.requested_by == by:
        raise Forbidden("Who asked cannot agree.", code="second_person", next_step="Ask another engineer.")
    row.decision, row.decided_by, row.decided_at = "approved" if agree else "refused", by, gateways.now()
    session.add(row)
    _note(session, row, row.decision, by, reason)
    return row


def undecided(now: datetime | BindParameter[datetime]) -> SelectOfScalar[Act]:
    query = select(Act).where(col(Act.decision).is_(None), col(Act.used_at).is_(None), col(Act.expires_at) > now)
    return query.order_by(col(Act.id))


def waiting(session: Session, gateways: Gateways) -> list[Act]:
    return list(session.exec(undecided(gateways.now()).limit(100)).all())


def shown(row: Act) -> dict[str, Any]:
    return row.model_dump(exclude={"body_digest"})


def _note(session: Session, row: Act, verb: str, by: str, reason: str = "") -> None:
    record(
        session,
        actor=by,
        action=f"act.{verb}",
        object_type="act",
        object_id=row.id,
        stream="identity",
        reason=reason or f"{row.method} {row.path}",
    )
