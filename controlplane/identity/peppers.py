"""Retiring a pepper: nothing that was made with it is recognised any more, so first count who would notice."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, SQLModel, col, func, select

from controlplane.core.errors import Refused
from controlplane.core.secrets import KeptSecret
from controlplane.gateways import Gateways
from controlplane.identity.hashing import PEPPER
from controlplane.identity.models import (
    AccessToken,
    Client,
    EmergencyKey,
    FederatedAttempt,
    Grant,
    Link,
    RecoveryCode,
    SignIn,
)

REST = timedelta(days=30)  # marks of freed names and erased addresses count for so long


@dataclass(frozen=True)
class Digested:
    """A table of what we handed out, and which column says that it is over."""

    model: type[SQLModel]
    over: str
    expires: bool = True

    def living(self, session: Session, kid: str, now: datetime) -> int:
        table: Any = self.model
        query = select(func.count()).select_from(table).where(col(table.digest).startswith(f"{kid}$"))
        query = query.where(col(getattr(table, self.over)).is_(None))
        return int(session.exec(query.where(table.expires_at > now) if self.expires else query).one())


DIGESTED = (
    Digested(SignIn, "ended_at"),
    Digested(Client, "disabled_at"),
    Digested(AccessToken, "revoked_at"),
    Digested(Link, "used_at"),
    Digested(Grant, "used_at"),
    Digested(FederatedAttempt, "used_at"),
    Digested(EmergencyKey, "closed_at"),
    Digested(RecoveryCode, "used_at", expires=False),
)


def living(session: Session, gateways: Gateways, kid: str) -> dict[str, int]:
    now = gateways.now()
    counted = {str(one.model.__tablename__): one.living(session, kid, now) for one in DIGESTED}
    return {name: number for name, number in counted.items() if number}


def retire(session: Session, gateways: Gateways, kid: str, *, at_once: bool) -> dict[str, int]:
    """Who loses something by it. Refused while anybody does, unless it must end at once: after a theft."""
    query = select(KeptSecret).where(KeptSecret.name == PEPPER, col(KeptSecret.retired).is_(False))
    ring = session.exec(query.order_by(col(KeptSecret.id).desc()).with_for_update()).all()
    row = next((one for one in ring if one.id == kid), None)
    if row is None:
        raise Refused(f"there is no living pepper {kid}")
    if row is ring[0]:
        raise Refused("the newest pepper stays: rotate first")
    lost = living(session, gateways, kid)
    waits = ring[0].created_at + REST
    if not at_once and lost:
        raise Refused(f"still in use: {', '.join(f'{name} {number}' for name, number in lost.items())}")
    if not at_once and waits > gateways.now():
        raise Refused(f"names rest under it until {waits:%Y-%m-%d}")
    row.retired = True
    session.add(row)
    return lost
