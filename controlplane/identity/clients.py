"""Machines: OAuth2 client credentials against short reference tokens, which end the moment they must."""

import ipaddress
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from controlplane.audit.service import record
from controlplane.core.errors import Invalid, NotFound, Unauthenticated
from controlplane.core.ids import new_id
from controlplane.core.tokens import Kind, kind_of, mint
from controlplane.gateways import Gateways
from controlplane.identity import hashing
from controlplane.identity.models import AccessToken, Client
from controlplane.identity.policy import SCOPES

LONGEST = timedelta(days=90)
TOKEN_LIFE = timedelta(minutes=15)
REFUSED = "This client or its secret is not right."


def register(
    session: Session,
    gateways: Gateways,
    *,
    name: str,
    scopes: Iterable[str],
    by: str,
    days: int = 90,
    customer_id: str | None = None,
    networks: Iterable[str] = (),
) -> tuple[Client, str]:
    """The secret is shown once."""
    wanted, secret = sorted(set(scopes)), mint(Kind.CLIENT_SECRET)
    _check_scopes(wanted)
    row = Client(
        id=new_id(),
        name=name,
        digest=hashing.digest(gateways, secret),
        last_four=secret[-4:],
        scopes=wanted,
        customer_id=customer_id,
        networks=[_network(network) for network in networks],
        created_by=by,
        expires_at=gateways.now() + min(timedelta(days=days), LONGEST),
    )
    session.add(row)
    session.flush()
    _note(session, row, "created", by, {"scopes": [None, wanted]})
    return row, secret


def renew_secret(session: Session, gateways: Gateways, row: Client, *, by: str) -> str:
    """The old secret and all tokens made with it end now."""
    secret = mint(Kind.CLIENT_SECRET)
    row.digest, row.last_four = hashing.digest(gateways, secret), secret[-4:]
    row.expires_at = gateways.now() + LONGEST
    session.add(row)
    _end_tokens(session, gateways, row.id)
    _note(session, row, "secret_renewed", by)
    return secret


def change(
    session: Session, gateways: Gateways, row: Client, *, scopes: list[str] | None, disabled: bool | None, by: str
) -> None:
    before = {"scopes": row.scopes, "disabled": row.disabled_at is not None}
    if scopes is not None:
        _check_scopes(scopes)
        row.scopes = sorted(set(scopes))
    if disabled is not None:
        row.disabled_at = gateways.now() if disabled else None
    session.add(row)
    after = {"scopes": row.scopes, "disabled": row.disabled_at is not None}
    if row.disabled_at or set(before["scopes"]) - set(row.scopes):  # type: ignore[call-overload]
        _end_tokens(session, gateways, row.id)
    _note(session, row, "changed", by, {key: [before[key], after[key]] for key in before if before[key] != after[key]})


def find(session: Session, client_id: str) -> Client:
    row = session.exec(select(Client).where(Client.id == client_id).with_for_update()).first()
    if row is None:
        raise NotFound("There is no such client.")
    return row


def issue(
    session: Session, gateways: Gateways, *, client_id: str, secret: str, scope: str, address: str
) -> tuple[AccessToken, str]:
    client = session.get(Client, client_id)
    right = kind_of(secret) is Kind.CLIENT_SECRET and client and hashing.matches(gateways, secret, client.digest)
    now = gateways.now()
    if not client or not right or client.disabled_at or client.expires_at <= now or not _from_allowed(client, address):
        raise Unauthenticated(REFUSED, code="invalid_client")
    wanted = scope.split() or client.scopes
    if set(wanted) - set(client.scopes):
        raise Invalid("This client does not have that scope.", code="invalid_scope")
    token = mint(Kind.ACCESS)
    row = AccessToken(
        client_id=client.id,
        digest=hashing.digest(gateways, token),
        scopes=sorted(set(wanted)),
        expires_at=now + TOKEN_LIFE,
    )
    client.used_on = now.replace(hour=0, minute=0, second=0, microsecond=0)
    session.add_all([row, client])
    return row, token


def load(session: Session, gateways: Gateways, token: str, *, address: str) -> tuple[Client, AccessToken] | None:
    if kind_of(token) is not Kind.ACCESS:
        return None
    found = col(AccessToken.digest).in_(hashing.candidates(gateways, token))
    row = session.exec(select(AccessToken).where(found)).first()
    client = session.get(Client, row.client_id) if row else None
    now = gateways.now()
    if not row or not client or row.revoked_at or row.expires_at <= now or client.disabled_at:
        return None
    return (client, row) if client.expires_at > now and _from_allowed(client, address) else None


def revoke(session: Session, gateways: Gateways, token: str) -> bool:
    """Whoever presents a secret may end it: a scanner that found it somewhere, too."""
    found, now = hashing.candidates(gateways, token), gateways.now()
    if kind_of(token) is Kind.ACCESS:
        query = update(AccessToken).where(col(AccessToken.digest).in_(found), col(AccessToken.revoked_at).is_(None))
        return bool(session.execute(query.values(revoked_at=now)).rowcount)  # type: ignore[attr-defined]
    row = session.exec(select(Client).where(col(Client.digest).in_(found))).first()
    if row is None or row.disabled_at:
        return False
    change(session, gateways, row, scopes=None, disabled=True, by="anonymous:presented")
    return True


def _end_tokens(session: Session, gateways: Gateways, client_id: str) -> None:
    query = update(AccessToken).where(col(AccessToken.client_id) == client_id, col(AccessToken.revoked_at).is_(None))
    session.execute(query.values(revoked_at=gateways.now()))


def _check_scopes(scopes: list[str]) -> None:
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise Invalid(f"There is no such scope: {', '.join(unknown) or 'none given'}.", code="invalid_scope")


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        raise Invalid(f"{text[:50]} is not a network.", code="bad_network") from None


def _from_allowed(client: Client, address: str) -> bool:
    try:
        place = ipaddress.ip_address(address)
    except ValueError:
        return not client.networks
    return not client.networks or any(place in ipaddress.ip_network(network) for network in client.networks)


def _note(session: Session, row: Client, verb: str, by: str, changes: dict[str, list[object]] | None = None) -> None:
    record(
        session,
        actor=by,
        action=f"client.{verb}",
        object_type="client",
        object_id=row.id,
        stream="identity",
        changes=changes,
    )
