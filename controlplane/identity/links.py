"""Sign-in of customers by letter: a link for the browser that asked, or a short code typed into it."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from controlplane.core.errors import Unauthenticated
from controlplane.core.tokens import Kind, kind_of, mint
from controlplane.gateways import Gateways
from controlplane.identity import hashing
from controlplane.identity.models import Link
from controlplane.identity.paths import own_path

LIFE = timedelta(minutes=15)
TRIES = 5
PER_HOUR = 5
_CODE = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that reads like something else
REFUSED = "This link or code is not valid any more, or was asked for in another browser."


@dataclass(frozen=True, repr=False)
class Letter:
    """What goes out; `token` and `code` exist nowhere else."""

    link_id: str
    customer_id: str
    token: str
    code: str


def ask(
    session: Session, gateways: Gateways, *, email_key: str, customer_id: str | None, browser: str, back: str
) -> Letter | None:
    """None: nobody gets a letter. The same work is done either way."""
    key = hashing.digest(gateways, email_key)
    sent = _sent(session, gateways, email_key)
    token, code = mint(Kind.MAGIC_LINK), "".join(secrets.choice(_CODE) for _ in range(8))
    row = Link(
        customer_id=customer_id,
        address_key=key,
        digest=hashing.digest(gateways, token),
        code_digest=hashing.digest(gateways, code),
        browser_digest=hashing.digest(gateways, browser),
        back=own_path(back),
        expires_at=gateways.now() + LIFE,
    )
    session.add(row)
    session.flush()
    if customer_id is None or sent >= PER_HOUR:
        return None
    return Letter(row.id, customer_id, token, code)


def take(session: Session, gateways: Gateways, *, token: str, browser: str) -> Link:
    """Once, within its time, in the browser that asked."""
    if kind_of(token) is not Kind.MAGIC_LINK:
        raise Unauthenticated(REFUSED, code="link_refused")
    query = select(Link).where(col(Link.digest).in_(hashing.candidates(gateways, token)))
    row = session.exec(query.with_for_update()).first()
    if row is None or not _alive(gateways, row) or not hashing.matches(gateways, browser, row.browser_digest):
        raise Unauthenticated(REFUSED, code="link_refused")
    row.used_at = gateways.now()
    session.add(row)
    return row


def take_code(session: Session, gateways: Gateways, *, code: str, browser: str) -> Link | None:
    """None: wrong. The caller commits, so that the try counts."""
    found = col(Link.browser_digest).in_(hashing.candidates(gateways, browser))
    query = select(Link).where(found, col(Link.used_at).is_(None)).order_by(col(Link.id).desc()).limit(1)
    row = session.exec(query.with_for_update()).first()
    if row is None or not _alive(gateways, row) or row.tries >= TRIES:
        return None
    row.tries += 1
    session.add(row)
    plain = "".join(code.upper().split()).replace("-", "")
    if row.customer_id is None or not hashing.matches(gateways, plain, row.code_digest):
        return None
    row.used_at = gateways.now()
    return row


def proof_of_browser() -> str:
    return mint(Kind.BROWSER)


def _alive(gateways: Gateways, row: Link) -> bool:
    return row.used_at is None and row.expires_at > gateways.now()


def _sent(session: Session, gateways: Gateways, email_key: str) -> int:
    recent = gateways.now() - timedelta(hours=1) + LIFE  # a link expires LIFE after it was made
    query = select(func.count()).select_from(Link).where(Link.expires_at > recent)
    return session.exec(query.where(col(Link.address_key).in_(hashing.candidates(gateways, email_key)))).one()
