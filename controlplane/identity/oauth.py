"""The studio at the edge signs people in with us: authorisation code, PKCE, its own key instead of a shared secret."""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy import update
from sqlmodel import Session, col, select

from controlplane.audit.service import record
from controlplane.core.errors import Invalid, Problem
from controlplane.core.queue import Wakeup
from controlplane.core.tokens import Kind, kind_of, mint
from controlplane.gateways import Gateways
from controlplane.identity import hashing, sign_ins
from controlplane.identity.models import Grant, Principal, SignIn

EDGE_CLIENT = "edge-core"
TELL_EDGE = "identity.tell_edge"
CODE_LIFE = timedelta(seconds=60)
_CHALLENGE = re.compile(r"^[A-Za-z0-9_-]{43}$")
_VERIFIER = re.compile(r"^[A-Za-z0-9._~-]{43,128}$")
_STATE = re.compile(r"^[A-Za-z0-9._~-]{1,512}$")


class GrantRefused(Problem):
    """In the words of RFC 6749: `error` is what the client's library looks for."""

    status, title, code = 400, "The grant is not valid", "invalid_grant"

    def __init__(self, detail: str, *, code: str = "invalid_grant") -> None:
        super().__init__(detail, code=code, error=code, error_description=detail)


@dataclass(frozen=True)
class Asked:
    client_id: str
    redirect_uri: str
    state: str
    challenge: str
    login_again: bool


def redirect_uri(gateways: Gateways) -> str:
    """The only address that codes are ever sent to."""
    settings = gateways.settings
    port = f":{settings.edge.port}" if settings.edge.port else ""
    return f"{settings.edge.scheme}://app.{settings.cloudflare.portal_zone}{port}/auth/callback"


def check(gateways: Gateways, given: dict[str, list[str]]) -> Asked:
    """A wrong client or address is told to the person here: nothing is ever sent to an address that is not ours."""
    values = {name: found[0] for name, found in given.items() if len(found) == 1}
    if len(values) != len(given):
        raise Invalid("A parameter was given twice.", code="invalid_request")
    if values.get("client_id") != EDGE_CLIENT:
        raise Invalid("This client is not known.", code="unauthorized_client")
    if values.get("redirect_uri") != redirect_uri(gateways):
        raise Invalid("This is not the client's registered address.", code="invalid_redirect")
    if values.get("response_type") != "code" or not _STATE.match(values.get("state", "")):
        raise Invalid("Only response_type=code with a state is served.", code="invalid_request")
    if values.get("code_challenge_method") != "S256" or not _CHALLENGE.match(values.get("code_challenge", "")):
        raise Invalid("PKCE with S256 is required.", code="invalid_request")
    return Asked(
        client_id=EDGE_CLIENT,
        redirect_uri=values["redirect_uri"],
        state=values["state"],
        challenge=values["code_challenge"],
        login_again=values.get("prompt") == "login",
    )


def grant(session: Session, gateways: Gateways, asked: Asked, sign_in: SignIn) -> str:
    """The address to send the browser to."""
    code, now = mint(Kind.CODE), gateways.now()
    session.add(
        Grant(
            digest=hashing.digest(gateways, code),
            client_id=asked.client_id,
            customer_id=sign_in.principal_id,
            sign_in_id=sign_in.id,
            redirect_uri=asked.redirect_uri,
            challenge=asked.challenge,
            auth_at=sign_in.auth_at,
            expires_at=now + CODE_LIFE,
        )
    )
    return f"{asked.redirect_uri}?{urlencode({'code': code, 'state': asked.state, 'iss': issuer(gateways)})}"


def issuer(gateways: Gateways) -> str:
    return gateways.settings.public_url


@dataclass(frozen=True)
class Exchanged:
    """`reused`: the code was taken before; the caller ends what the first exchange began."""

    customer_id: str
    auth_at: datetime
    reused: bool = False


def exchange(session: Session, gateways: Gateways, *, code: str, redirect: str, verifier: str) -> Exchanged:
    """Marks it used in one statement. A second use ends the session that the first one came from."""
    if kind_of(code) is not Kind.CODE:
        raise GrantRefused("This code is not one of ours.")
    found = col(Grant.digest).in_(hashing.candidates(gateways, code))
    first = update(Grant).where(found, col(Grant.used_at).is_(None)).values(used_at=gateways.now()).returning(Grant)
    row = session.exec(first).scalars().first()
    if row is None:
        return _reused(session, gateways, session.exec(select(Grant).where(found)).first())
    if row.expires_at <= gateways.now():
        raise GrantRefused("This code has expired.")
    if not hmac.compare_digest(row.redirect_uri.encode(), redirect.encode()) or not _proves(verifier, row.challenge):
        raise GrantRefused("This code was given for something else.")
    return Exchanged(row.customer_id, row.auth_at)


def end_edge_sessions(session: Session, gateways: Gateways, customer_id: str) -> None:
    """Signed out here is signed out there; also of whoever was shown out of a team."""
    query = select(Grant).where(Grant.customer_id == customer_id, col(Grant.used_at).is_not(None))
    row = session.exec(query.order_by(col(Grant.id).desc()).limit(1)).first()
    if row:
        _end_at_edge(session, gateways, row)


def _end_at_edge(session: Session, gateways: Gateways, row: Grant) -> None:
    row.edge_ends_at, row.edge_told_at = gateways.now(), None
    session.add(row)
    gateways.queue.defer(session, Wakeup(TELL_EDGE, row.id))


def _reused(session: Session, gateways: Gateways, row: Grant | None) -> Exchanged:
    if row is None:
        raise GrantRefused("This code is not one of ours.")
    row.reused_at = gateways.now()
    _end_at_edge(session, gateways, row)
    sign_ins.end_all(session, Principal.CUSTOMER, row.customer_id, now=gateways.now())
    record(
        session,
        actor=f"client:{row.client_id}",
        action="oauth.code_reused",
        object_type="customer",
        object_id=row.customer_id,
        stream="identity",
        outcome="refused",
        reason="all sessions ended",
    )
    return Exchanged(row.customer_id, row.auth_at, reused=True)


def _proves(verifier: str, challenge: str) -> bool:
    if not _VERIFIER.match(verifier):
        return False
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return hmac.compare_digest(made, challenge)
