"""Break-glass: a key made on the host lets one administrator in for hours, without factor and second person.

For the day when the identity provider, the phones or the other people are away. All it does is in the trail.
"""

from datetime import timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from controlplane.audit.service import record
from controlplane.core.errors import Refused, Unauthenticated
from controlplane.core.tokens import Kind, mint
from controlplane.gateways import Gateways
from controlplane.identity import hashing, sign_ins
from controlplane.identity.models import EmergencyKey, Operator, Principal, Role, SignIn
from controlplane.identity.policy import EMERGENCY

LONGEST = timedelta(hours=4)


def open_key(
    session: Session, gateways: Gateways, row: Operator, *, reason: str, hours: float, by: str
) -> tuple[EmergencyKey, str]:
    """The token is shown once. An earlier key of the same person ends."""
    if row.role is not Role.ADMIN or row.disabled_at:
        raise Refused("break-glass is for an administrator who is not disabled")
    close(session, gateways, row, by=by)
    token, life = mint(Kind.BREAK_GLASS), min(timedelta(hours=hours), LONGEST)
    key = EmergencyKey(
        operator_id=row.id,
        digest=hashing.digest(gateways, token),
        reason=reason,
        expires_at=gateways.now() + life,
    )
    session.add(key)
    session.flush()
    _note(session, row, "opened", by, reason)
    return key, token


def prove(session: Session, gateways: Gateways, row: Operator, token: str) -> EmergencyKey:
    query = select(EmergencyKey).where(
        EmergencyKey.operator_id == row.id,
        col(EmergencyKey.digest).in_(hashing.candidates(gateways, token)),
        col(EmergencyKey.closed_at).is_(None),
        col(EmergencyKey.expires_at) > gateways.now(),
    )
    key = session.exec(query.with_for_update()).first()
    if key is None or row.disabled_at:
        raise Unauthenticated("This key is not valid, or not any more.", code="sign_in_refused")
    key.used_at = gateways.now()
    session.add(key)
    return key


def limit(session: Session, row: SignIn, key: EmergencyKey) -> None:
    """No session outlives the key that it came from."""
    row.expires_at = min(row.expires_at, key.expires_at)
    session.add(row)


def close(session: Session, gateways: Gateways, row: Operator, *, by: str) -> bool:
    """The key and every session that came from it end now."""
    now = gateways.now()
    mine = update(EmergencyKey).where(col(EmergencyKey.operator_id) == row.id, col(EmergencyKey.closed_at).is_(None))
    closed = bool(session.execute(mine.values(closed_at=now)).rowcount)  # type: ignore[attr-defined]
    for sign_in in sign_ins.living(session, Principal.OPERATOR, row.id, now=now):
        if EMERGENCY in sign_in.factors:
            sign_ins.end(session, sign_in, now=now)
    if closed:
        _note(session, row, "closed", by, "")
    return closed


def _note(session: Session, row: Operator, verb: str, by: str, reason: str) -> None:
    record(
        session, actor=by, action=f"break_glass.{verb}", object_type="operator", object_id=row.id, stream="identity",
        reason=reason,
    )  # fmt: skip
