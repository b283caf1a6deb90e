"""Operators who sign in with an identity provider. Who they are is issuer and subject, never an e-mail address."""

import base64
import hashlib
import hmac
from datetime import timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from controlplane.audit.service import record
from controlplane.core.errors import Conflict, Unauthenticated
from controlplane.core.tokens import Kind, kind_of, mint
from controlplane.gateways import Gateways, new_key
from controlplane.identity import hashing, operators
from controlplane.identity.models import FederatedAttempt, FederatedIdentity, Operator, Role
from controlplane.identity.paths import own_path
from controlplane.vendors.oidc import Claims

LIFE = timedelta(minutes=10)
FRESH = timedelta(minutes=5)  # so long ago may a proof be that was asked for again
KEY = "federation"
CALLBACK = "/console/sign-in/issuer/back"
BY = "operator:issuer"
RANK = (Role.AUDITOR, Role.SUPPORT, Role.ENGINEER, Role.ADMIN)


def begin(gateways: Gateways, *, browser: str, back: str, sign_in_id: str = "") -> str:
    """Where the browser goes. Nonce and verifier follow from the state, so that neither is stored anywhere."""
    state = mint(Kind.STATE)
    row = FederatedAttempt(
        digest=hashing.digest(gateways, state),
        browser_digest=hashing.digest(gateways, browser),
        back=own_path(back),
        sign_in_id=sign_in_id,
        expires_at=gateways.now() + LIFE,
    )
    challenge = _text(hashlib.sha256(_derived(gateways, "verifier", state).encode()).digest())
    nonce = _derived(gateways, "nonce", state)
    address = gateways.issuer.address(
        redirect=_redirect(gateways), state=state, nonce=nonce, challenge=challenge, again=bool(sign_in_id)
    )
    with gateways.db.transaction() as session:
        session.add(row)
    return address


def take(gateways: Gateways, *, state: str, browser: str, issuer: str) -> FederatedAttempt:
    """Once, within its time, in the browser that began; and the answer is the issuer's that was asked (RFC 9207)."""
    if issuer and issuer != gateways.settings.operators.oidc.issuer:
        raise _refused("issuer_other")
    if kind_of(state) is not Kind.STATE or kind_of(browser) is not Kind.BROWSER:
        raise _refused("issuer_state")
    now = gateways.now()
    mine = update(FederatedAttempt).where(
        col(FederatedAttempt.digest).in_(hashing.candidates(gateways, state)),
        col(FederatedAttempt.browser_digest).in_(hashing.candidates(gateways, browser)),
        col(FederatedAttempt.used_at).is_(None),
        col(FederatedAttempt.expires_at) > now,
    )
    with gateways.db.transaction() as session:
        identity = session.execute(mine.values(used_at=now).returning(col(FederatedAttempt.id))).scalar()
        row = session.get(FederatedAttempt, identity) if identity else None
    if row is None:
        raise _refused("issuer_state")
    return row


def ask(gateways: Gateways, *, state: str, code: str) -> Claims:
    """What the issuer says; no transaction is open meanwhile."""
    verifier = _derived(gateways, "verifier", state)
    token = gateways.issuer.redeem(code=code, redirect=_redirect(gateways), verifier=verifier)
    return gateways.issuer.claims(token, nonce=_derived(gateways, "nonce", state))


def operator_of(session: Session, gateways: Gateways, claims: Claims) -> Operator:
    """Known, or new by a group that has a role; the role follows the groups at each sign-in."""
    role = _role(gateways, claims)
    if not claims.strong:
        raise _refused("issuer_factor")
    known = select(FederatedIdentity).where(
        FederatedIdentity.issuer == claims.issuer, FederatedIdentity.subject == claims.subject
    )
    link = session.exec(known.with_for_update()).first()
    row = operators.find(session, link.operator_id) if link else _welcome(session, claims, role)
    if row.disabled_at:
        raise _refused("sign_in_refused")
    if row.role != role:
        operators.change(session, gateways, row, wanted={"role": role}, by=BY)
    link = link or connect(session, row, issuer=claims.issuer, subject=claims.subject, by=BY)
    link.used_at = gateways.now()
    session.add(link)
    return row


def connect(session: Session, row: Operator, *, issuer: str, subject: str, by: str) -> FederatedIdentity:
    """From now on this is who they are there."""
    taken = select(FederatedIdentity).where(FederatedIdentity.issuer == issuer, FederatedIdentity.subject == subject)
    if session.exec(taken).first():
        raise Conflict("Somebody is connected with this identity already.", code="identity_taken")
    link = FederatedIdentity(operator_id=row.id, issuer=issuer, subject=subject)
    session.add(link)
    record(
        session, actor=by, action="operator.connected", object_type="operator", object_id=row.id, stream="identity",
        changes={"issuer": [None, issuer]},
    )  # fmt: skip
    return link


def identities(session: Session, operator_id: str) -> list[FederatedIdentity]:
    query = select(FederatedIdentity).where(FederatedIdentity.operator_id == operator_id)
    return list(session.exec(query.order_by(col(FederatedIdentity.id))).all())


def _welcome(session: Session, claims: Claims, role: Role) -> Operator:
    if "@" not in claims.email:
        raise _refused("issuer_email")
    if operators.by_email(session, claims.email):  # the address proves nothing: a person connects the two
        raise _refused("issuer_unlinked")
    return operators.create_federated(session, email=claims.email, role=role, name=claims.name, by=BY)


def _role(gateways: Gateways, claims: Claims) -> Role:
    groups = gateways.settings.operators.oidc.groups
    found = {role for role in Role if role in {groups.get(group) for group in claims.groups}}
    if not found:
        raise _refused("issuer_group")
    return max(found, key=RANK.index)


def _redirect(gateways: Gateways) -> str:
    return f"{gateways.settings.public_url}{CALLBACK}"


def _derived(gateways: Gateways, purpose: str, state: str) -> str:
    _kid, key = gateways.secrets.get(KEY, new_key)
    return _text(hmac.new(key.encode(), f"{purpose}|{state}".encode(), hashlib.sha256).digest())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _refused(code: str) -> Unauthenticated:
    return Unauthenticated("The sign-in through the identity provider was refused.", code=code)
