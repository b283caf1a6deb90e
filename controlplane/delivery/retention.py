"""Letters lose their contents after a month and their row after thirteen; the address becomes a blind index."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from controlplane.core.retention import BATCH, forget, in_batches
from controlplane.delivery.models import OPEN, Email
from controlplane.delivery.service import address_key
from controlplane.gateways import Gateways

CONTENTS = timedelta(days=30)
ROWS = timedelta(days=395)


def sweep(gateways: Gateways) -> dict[str, int]:
    now = gateways.now()
    blinded = in_batches(gateways.db, lambda session: _blind(session, now - CONTENTS))
    over = col(Email.state).not_in(OPEN)
    return {"blinded": blinded, "deleted": forget(gateways.db, Email, col(Email.created_at) < now - ROWS, over)}


def _blind(session: Session, before: datetime) -> int:
    query = select(Email).where(
        col(Email.created_at) < before, col(Email.state).not_in(OPEN), col(Email.to).contains("@")
    )
    found = session.exec(query.limit(BATCH).with_for_update(skip_locked=True)).all()
    for letter in found:
        forget_contents(letter)
        session.add(letter)
    return len(found)


def forget_contents(letter: Email) -> None:
    letter.to, letter.data, letter.sealed = address_key(letter.to), {}, ""


def is_forgotten(letter: Email) -> bool:
    return "@" not in letter.to


def tick(gateways: Gateways) -> None:
    sweep(gateways)
