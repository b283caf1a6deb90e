"""OAuth 2: the studio at the edge signs people in with us, machines get their tokens."""

import base64
import binascii
from typing import Annotated, Any
from urllib.parse import parse_qs, urlencode

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from controlplane.api import hosts, limits
from controlplane.api.access import Router, secret_answer
from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.audit.service import record
from controlplane.billing.models import Customer
from controlplane.core.errors import Unauthenticated
from controlplane.gateways import Gateways
from controlplane.identity import assertions, clients, members, oauth
from controlplane.identity.actor import Actor, ActorKind
from controlplane.identity.models import SignIn
from controlplane.identity.oauth import Asked, Exchanged, GrantRefused
from controlplane.publishing.platform import assertion_public_key

router = Router(tags=["oauth"], group="oauth")
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SIGN_IN_PAGE = "/sign-in"
NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}
Text = Annotated[str, Form(max_length=4096)]


@router.get("/oauth/authorize", status_code=303, response_class=RedirectResponse)
def authorize(request: Request, actor: ActorDep, gateways: GatewaysDep, session: SessionDep) -> Response:
    """To the client with a code, or first to the sign-in page."""
    asked = oauth.check(gateways, parse_qs(request.url.query, keep_blank_values=True))
    if actor.kind is not ActorKind.CUSTOMER or not actor.sign_in_id or asked.login_again:
        return RedirectResponse(f"{SIGN_IN_PAGE}?{urlencode({'back': _again(asked)})}", 303, NO_STORE)
    target = oauth.grant(session, gateways, asked, session.get_one(SignIn, actor.sign_in_id))
    _note(session, actor, "oauth.code_given")
    return RedirectResponse(target, 303, NO_STORE)


@router.post("/oauth/token", dependencies=[secret_answer()])
def token(
    request: Request,
    response: Response,
    gateways: GatewaysDep,
    grant_type: Text,
    code: Text = "",
    redirect_uri: Text = "",
    client_id: Text = "",
    code_verifier: Text = "",
    client_assertion_type: Text = "",
    client_assertion: Text = "",
    client_secret: Text = "",
    scope: Text = "",
) -> dict[str, Any]:
    """`authorization_code` with private_key_jwt for the studio, `client_credentials` for machines."""
    response.headers.update(NO_STORE)
    limits.require(gateways, limits.TOKENS, hosts.counted_as(request.state.address))
    if grant_type == "client_credentials":
        given = _basic(request) or (client_id, client_secret)
        return _machine(gateways, *given, scope=scope, address=request.state.address)
    if grant_type != "authorization_code":
        raise GrantRefused("This kind of grant is not served.", code="unsupported_grant_type")
    if client_assertion_type != ASSERTION_TYPE or client_id not in {"", oauth.EDGE_CLIENT}:
        raise Unauthenticated("The client must prove itself with its key.", code="invalid_client")
    assertions.of_client(gateways, assertion_public_key(gateways), client_assertion)
    return _person(gateways, code=code, redirect=redirect_uri, verifier=code_verifier)


@router.post("/oauth/revoke")
def revoke(token: Text, gateways: GatewaysDep, session: SessionDep) -> dict[str, bool]:
    """Whoever presents a token or client secret may end it; the answer does not say whether it was one."""
    clients.revoke(session, gateways, token)
    return {"ok": True}


@router.get("/.well-known/oauth-authorization-server")
def metadata(gateways: GatewaysDep) -> dict[str, Any]:
    base = oauth.issuer(gateways)
    return {
        "issuer": base,
        "authorization_endpoint": f"{base}/oauth/authorize",
        "token_endpoint": f"{base}/oauth/token",
        "revocation_endpoint": f"{base}/oauth/revoke",
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_basic", "client_secret_post"],
        "token_endpoint_auth_signing_alg_values_supported": ["EdDSA"],
        "authorization_response_iss_parameter_supported": True,
    }


def _person(gateways: Gateways, *, code: str, redirect: str, verifier: str) -> dict[str, Any]:
    with gateways.db.transaction() as session:
        exchanged = oauth.exchange(session, gateways, code=code, redirect=redirect, verifier=verifier)
        shown = None if exchanged.reused else _claims(session, exchanged)
    if shown is None:  # committed before it is refused: the second use ends what the first began
        raise GrantRefused("This code was used before.")
    return shown


def _claims(session: Session, exchanged: Exchanged) -> dict[str, Any]:
    customer = session.get(Customer, exchanged.customer_id)
    if customer is None or customer.erased_at:
        raise GrantRefused("This person is not known any more.")
    found = members.of_customer(session, customer.id)
    return {
        "sub": customer.id,
        "email": customer.email,
        "name": customer.name,
        "locale": "en" if customer.locale == "en" else "de",
        "auth_time": int(exchanged.auth_at.timestamp()),
        "tenants": [{"id": one.tenant.id, "slug": one.tenant.slug, "role": one.role} for one in found],
    }


def _machine(gateways: Gateways, client_id: str, secret: str, *, scope: str, address: str) -> dict[str, Any]:
    with gateways.db.transaction() as session:
        row, token = clients.issue(session, gateways, client_id=client_id, secret=secret, scope=scope, address=address)
    seconds = int(clients.TOKEN_LIFE.total_seconds())
    return {"access_token": token, "token_type": "Bearer", "expires_in": seconds, "scope": " ".join(row.scopes)}


def _basic(request: Request) -> tuple[str, str] | None:
    scheme, _space, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _colon, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise Unauthenticated("This is not an Authorization header.", code="invalid_client") from None
    return name, secret


def _again(asked: Asked) -> str:
    """Back here after the sign-in, which then was the new proof that was asked for."""
    query = {
        "response_type": "code",
        "client_id": asked.client_id,
        "redirect_uri": asked.redirect_uri,
        "state": asked.state,
        "code_challenge": asked.challenge,
        "code_challenge_method": "S256",
    }
    return f"/oauth/authorize?{urlencode(query)}"


def _note(session: Session, actor: Actor, action: str) -> None:
    record(
        session,
        actor=str(actor),
        action=action,
        object_type="customer",
        object_id=actor.id,
        stream="identity",
        customer_id=actor.id,
    )
