"""Idempotency keys: what was answered once is answered again, and the work is done once."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, UniqueConstraint, col, select

from controlplane.core.crypto import Place
from controlplane.core.db import Row, Stamp, json_field, stamp_field
from controlplane.core.errors import Conflict, Invalid
from controlplane.core.ids import new_id
from controlplane.gateways import Gateways

KEPT = timedelta(hours=24)
SECRET_KEPT = timedelta(minutes=10)
ABANDONED = timedelta(seconds=60)  # the process that began it is gone


class Replay(Row, table=True):
    __tablename__ = "replays"
    __table_args__ = (UniqueConstraint("actor", "key"),)

    actor: str
    key: str
    route: str  # method and path
    body_digest: str
    begun_at: Stamp = stamp_field()
    expires_at: Stamp = stamp_field(index=True)
    status: int | None = None
    headers: dict[str, Any] = json_field()
    body: str = ""  # sealed when it carries a secret
    sealed: bool = False


@dataclass(frozen=True)
class Given:
    """The first answer."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Claim:
    row_id: str
    answer: Given | None = None


def claim(gateways: Gateways, *, actor: str, key: str, route: str, body: bytes) -> Claim:
    """Ours to do, or done before. In a transaction of its own, so that a twin at the same time sees it."""
    now, digest = gateways.now(), hashlib.sha256(body).hexdigest()
    new = insert(Replay).values(
        id=new_id(), actor=actor, key=key, route=route, body_digest=digest, begun_at=now, expires_at=now + KEPT
    )
    with gateways.db.transaction() as session:
        fresh = session.execute(new.on_conflict_do_nothing().returning(col(Replay.id))).scalar()
        if fresh:
            return Claim(fresh)
        query = select(Replay).where(Replay.actor == actor, Replay.key == key).with_for_update()
        return _seen(session, gateways, session.exec(query).one(), route, digest)


def settle(session: Session, gateways: Gateways, row_id: str, answer: Given, *, secret: bool) -> None:
    """In the transaction of the work itself."""
    row = session.get_one(Replay, row_id)
    text = answer.body.decode()
    row.status, row.headers, row.sealed = answer.status, answer.headers, secret
    row.body = gateways.seal.seal(text, _place(row)) if secret else text
    if secret:
        row.expires_at = gateways.now() + SECRET_KEPT
    session.add(row)


def forget(gateways: Gateways, row_id: str) -> None:
    """It did not work: the same key may try again."""
    with gateways.db.transaction() as session:
        row = session.get(Replay, row_id)
        if row and row.status is None:
            session.delete(row)


def _seen(session: Session, gateways: Gateways, row: Replay, route: str, digest: str) -> Claim:
    now = gateways.now()
    if row.expires_at <= now:
        row.status, row.body, row.sealed, row.headers = None, "", False, {}
        row.route, row.body_digest, row.begun_at, row.expires_at = route, digest, now, now + KEPT
        session.add(row)
        return Claim(row.id)
    if (row.route, row.body_digest) != (route, digest):
        raise Invalid(
            "This Idempotency-Key was used for another request.",
            code="idempotency_mismatch",
            next_step="Send the same request again, or use a new key.",
        )
    if row.status is not None:
        body = gateways.seal.open_seal(row.body, _place(row)) if row.sealed else row.body
        return Claim(row.id, Given(row.status, row.headers, body.encode()))
    if now - row.begun_at < ABANDONED:
        raise Conflict("The first request with this key is still being worked on.", code="idempotency_busy")
    row.begun_at = now
    session.add(row)
    return Claim(row.id)


def _place(row: Replay) -> Place:
    return Place("replays", "body", row.id)
