"""What was typed when a session had ended: kept for half an hour, for the same person."""

from datetime import timedelta
from urllib.parse import parse_qs, urlencode

from sqlalchemy import delete
from sqlmodel import Field, Session, col

from controlplane.core.crypto import Place
from controlplane.core.db import Row, Stamp, stamp_field
from controlplane.core.ids import new_id
from controlplane.gateways import Gateways
from controlplane.identity import sign_ins

LIFE = timedelta(minutes=30)
Values = dict[str, list[str]]


class Draft(Row, table=True):
    __tablename__ = "drafts"

    owner: str = Field(max_length=40)
    path: str = Field(max_length=500)
    body: str  # sealed
    expires_at: Stamp = stamp_field(index=True)


def keep(gateways: Gateways, token: str, path: str, values: Values) -> str:
    """The id; empty when nobody knows whose it is."""
    with gateways.db.transaction() as session:
        forget(session, gateways)
        owner = sign_ins.owner_of(session, gateways, token)
        if owner is None:
            return ""
        row = Draft(id=new_id(), owner=owner, path=path[:500], body="", expires_at=gateways.now() + LIFE)
        row.body = gateways.seal.seal(urlencode(values, doseq=True), _place(row))
        session.add(row)
    return row.id


def find(gateways: Gateways, draft_id: str, owner: str) -> tuple[str, Values] | None:
    """Where it was sent to, and what was in it."""
    with gateways.db.transaction() as session:
        row = session.get(Draft, draft_id)
    if row is None or row.owner != owner or row.expires_at <= gateways.now():
        return None
    return row.path, parse_qs(gateways.seal.open_seal(row.body, _place(row)), keep_blank_values=True)


def forget(session: Session, gateways: Gateways) -> None:
    session.execute(delete(Draft).where(col(Draft.expires_at) < gateways.now()))


def _place(row: Draft) -> Place:
    return Place("drafts", "body", row.id)
