"""E-mails: a row before anything is sent, in the transaction of whatever it tells about."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from controlplane.core.crypto import Place
from controlplane.core.errors import Conflict
from controlplane.core.ids import new_id
from controlplane.core.queue import Wakeup
from controlplane.delivery.models import OPEN, Email, EmailState, Suppression
from controlplane.delivery.wording import KINDS
from controlplane.gateways import Gateways

SEND = "email.send"
BATCH = 100


def request_email(
    session: Session,
    gateways: Gateways,
    *,
    kind: str,
    to: str,
    locale: str,
    data: dict[str, Any],
    dedup: str,
    customer_id: str = "",
    order_id: str = "",
    secrets: dict[str, str] | None = None,
) -> str | None:
    """Queued once per dedup key; None when it was queued before. `secrets` are sealed until the letter leaves."""
    if kind not in KINDS:
        raise ValueError(f"there is no letter {kind!r}")
    identity = new_id()
    sealed = gateways.seal.seal(json.dumps(secrets), _place(identity)) if secrets else ""
    about = {"dedup": dedup, "customer_id": customer_id, "order_id": order_id}
    words = {"kind": kind, "to": to, "locale": locale if locale in {"de", "en"} else "de", "data": data}
    if not _insert(session, gateways, {"id": identity, "sealed": sealed, **about, **words}):
        return None
    gateways.queue.defer(session, Wakeup(SEND, identity))
    return identity


def _insert(session: Session, gateways: Gateways, given: dict[str, Any]) -> bool:
    fresh = {"state": EmailState.QUEUED, "vendor_id": "", "attempts": 0, "fence": 0, "error": ""}
    statement = insert(Email).values(**given, **fresh, next_attempt_at=gateways.now())
    once = statement.on_conflict_do_nothing(index_elements=["dedup"]).returning(col(Email.id))
    return session.execute(once).first() is not None


def again(session: Session, gateways: Gateways, email: Email, *, by: str) -> str | None:
    """A person sends it once more: a letter of its own, with a key of its own."""
    if email.sealed or "@" not in email.to:
        raise Conflict("What this letter lets in to is for one person and one time.", code="letter_sealed")
    return request_email(
        session, gateways, kind=email.kind, to=email.to, locale=email.locale, data=email.data,
        dedup=f"{email.dedup}:again:{by}:{gateways.now():%Y%m%d%H%M}", customer_id=email.customer_id,
        order_id=email.order_id,
    )  # fmt: skip


def contents(gateways: Gateways, email: Email) -> dict[str, Any]:
    """All that the letter names; opened for sending only."""
    hidden = json.loads(gateways.seal.open_seal(email.sealed, _place(email.id))) if email.sealed else {}
    return {**email.data, **hidden}


def _place(email_id: str) -> Place:
    return Place("emails", "sealed", email_id)


def due(session: Session, *, now: datetime) -> list[Wakeup]:
    """Queued ones whose wake-up was lost, and those whose sender died."""
    query = select(Email.id, Email.attempts).where(col(Email.state).in_(OPEN), col(Email.next_attempt_at) <= now)
    rows = session.exec(query.order_by(col(Email.next_attempt_at)).limit(BATCH)).all()
    return [Wakeup(SEND, identity, attempt=attempts) for identity, attempts in rows]


def address_key(address: str) -> str:
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()


def is_suppressed(session: Session, address: str) -> bool:
    query = select(Suppression.id).where(Suppression.address_key == address_key(address))
    return session.exec(query.where(col(Suppression.lifted_at).is_(None))).first() is not None


def suppress(session: Session, address: str, *, reason: str, email_id: str) -> None:
    statement = insert(Suppression).values(
        id=new_id(), address_key=address_key(address), reason=reason, email_id=email_id
    )
    session.execute(statement.on_conflict_do_nothing(index_elements=["address_key"]))


BACKOFF = (30, 120, 600, 1800, 3600)


def pause(attempts: int) -> timedelta:
    return timedelta(seconds=BACKOFF[min(attempts, len(BACKOFF)) - 1])
