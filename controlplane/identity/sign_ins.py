"""Sessions of people: rows, so that they end at once wherever they are used."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, func, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from controlplane.core.errors import NotFound
from controlplane.core.tokens import Kind, kind_of, mint
from controlplane.gateways import Gateways, new_key
from controlplane.identity import hashing
from controlplane.identity.models import Operator, Principal, SignIn

CSRF_KEY = "csrf"
MOST = {Principal.OPERATOR: 3, Principal.CUSTOMER: 10}
IDLE = {Principal.OPERATOR: timedelta(minutes=30), Principal.CUSTOMER: timedelta(hours=2)}
ABSOLUTE = timedelta(hours=12)
STAY = timedelta(days=30)  # a customer who asked to stay signed in
_SEEN_EVERY = timedelta(minutes=1)

# An operator comes along in the same answer: whoever asks next for the row has it already.
_WITH_WHOM = (
    sql_select(SignIn, Operator)
    .outerjoin(Operator, and_(col(SignIn.principal) == Principal.OPERATOR, col(SignIn.principal_id) == Operator.id))
    .where(col(SignIn.digest).in_(bindparam("digests", expanding=True)))
)


def start(
    session: Session,
    gateways: Gateways,
    principal: Principal,
    principal_id: str,
    *,
    factors: list[str],
    stay: bool = False,
    idle: timedelta | None = None,
    address: str = "",
    agent: str = "",
) -> tuple[SignIn, str]:
    """The row and the token, which exists only here and in the browser."""
    now, token = gateways.now(), mint(Kind.SESSION)
    life = STAY if stay else ABSOLUTE
    idle = idle or (STAY if stay else IDLE[principal])
    row = SignIn(
        principal=principal,
        principal_id=principal_id,
        digest=hashing.digest(gateways, token),
        factors=factors,
        auth_at=now,
        seen_at=now,
        idle_seconds=int(idle.total_seconds()),
        expires_at=now + life,
        address=address,
        agent=agent[:200],
    )
    session.add(row)
    session.flush()
    _end_oldest(session, principal, principal_id, now=now)
    return row, token


def load(session: Session, gateways: Gateways, token: str, *, seen: bool = True) -> SignIn | None:
    if kind_of(token) is not Kind.SESSION:
        return None
    found = session.execute(_WITH_WHOM, {"digests": hashing.candidates(gateways, token)}).first()
    session.info["signed_in"] = found  # a session forgets what nobody holds
    row: SignIn | None = found[0] if found else None
    now = gateways.now()
    if row is None or row.ended_at or row.expires_at <= now:
        return None
    if now - row.seen_at > timedelta(seconds=row.idle_seconds):
        return None
    if seen and now - row.seen_at > _SEEN_EVERY:
        row.seen_at = now
        session.add(row)
    return row


def owner_of(session: Session, gateways: Gateways, token: str) -> str | None:
    """Whose session it is or was: nobody is let in by it."""
    query = select(SignIn.principal_id).where(col(SignIn.digest).in_(hashing.candidates(gateways, token)))
    return session.exec(query).first() if kind_of(token) is Kind.SESSION else None


def renew(session: Session, gateways: Gateways, row: SignIn, *, factors: list[str]) -> str:
    """After a new proof of identity: a new token, so that a stolen old one did not gain anything."""
    token = mint(Kind.SESSION)
    row.digest, row.auth_at = hashing.digest(gateways, token), gateways.now()
    row.factors = sorted({*row.factors, *factors})
    session.add(row)
    return token


def end(session: Session, row: SignIn, *, now: datetime) -> None:
    row.ended_at = now
    session.add(row)


def end_own(session: Session, principal: Principal, principal_id: str, sign_in_id: str, *, now: datetime) -> None:
    """One of this person's; anybody else's does not exist."""
    row = session.get(SignIn, sign_in_id)
    if row is None or (row.principal, row.principal_id) != (principal, principal_id):
        raise NotFound("There is no such session.")
    end(session, row, now=now)


def end_all(session: Session, principal: Principal | None = None, principal_id: str = "", *, now: datetime) -> int:
    """One person's, everybody's of a kind, or simply all: the answer to a theft or a restore."""
    query = update(SignIn).where(col(SignIn.ended_at).is_(None))
    if principal:
        query = query.where(col(SignIn.principal) == principal)
    if principal_id:
        query = query.where(col(SignIn.principal_id) == principal_id)
    return int(session.execute(query.values(ended_at=now)).rowcount)  # type: ignore[attr-defined]


def living(session: Session, principal: Principal, principal_id: str, *, now: datetime) -> list[SignIn]:
    query = select(SignIn).where(
        SignIn.principal == principal,
        SignIn.principal_id == principal_id,
        col(SignIn.ended_at).is_(None),
        SignIn.expires_at > now,
    )
    rows = session.exec(query.order_by(col(SignIn.id))).all()
    return [row for row in rows if now - row.seen_at <= timedelta(seconds=row.idle_seconds)]


def last_seen(session: Session, principal: Principal, principal_id: str) -> datetime | None:
    query = select(func.max(SignIn.seen_at)).where(SignIn.principal == principal, SignIn.principal_id == principal_id)
    return session.exec(query).one()


def csrf_token(gateways: Gateways, sign_in_id: str) -> str:
    """Masked anew each time: a compressed page must not give it away bit by bit."""
    mac, mask = _csrf(gateways, sign_in_id), secrets.token_bytes(32)
    return base64.urlsafe_b64encode(mask + _xor(mac, mask)).decode()


def csrf_right(gateways: Gateways, sign_in_id: str, given: str) -> bool:
    try:
        raw = base64.urlsafe_b64decode(given.encode())
    except ValueError:
        return False
    return len(raw) == 64 and hmac.compare_digest(_xor(raw[:32], raw[32:]), _csrf(gateways, sign_in_id))


def shown(row: SignIn) -> dict[str, Any]:
    return row.model_dump(include={"id", "created_at", "seen_at", "expires_at", "factors", "address", "agent"})


def _csrf(gateways: Gateways, sign_in_id: str) -> bytes:
    _kid, key = gateways.secrets.get(CSRF_KEY, new_key)
    return hmac.new(key.encode(), sign_in_id.encode(), hashlib.sha256).digest()


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _end_oldest(session: Session, principal: Principal, principal_id: str, *, now: datetime) -> None:
    rows = living(session, principal, principal_id, now=now)
    for row in rows[: max(0, len(rows) - MOST[principal])]:
        end(session, row, now=now)
