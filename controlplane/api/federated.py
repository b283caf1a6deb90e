"""The way in through the identity provider: out with a state that belongs to this browser, back with a code."""

from datetime import datetime, timedelta

from fastapi import Request, Response

from controlplane.api import cookies, entrance, hosts, limits
from controlplane.api.entrance import Entered
from controlplane.core.clock import system_now
from controlplane.core.errors import NotFound, Refused, Unauthenticated
from controlplane.core.tokens import Kind, kind_of
from controlplane.gateways import Gateways
from controlplane.identity import federation, links, policy, sign_ins
from controlplane.identity.actor import ActorKind
from controlplane.identity.models import FederatedAttempt, Principal, SignIn
from controlplane.vendors.oidc import Claims

BROWSER = "issuer"


def begin(gateways: Gateways, request: Request, response: Response, *, back: str, sign_in_id: str = "") -> str:
    if not gateways.issuer.is_set_up:
        raise NotFound("Nobody signs in with an identity provider here.")
    limits.require(gateways, limits.SIGN_IN_ADDRESS, hosts.counted_as(request.state.address))
    browser = cookies.read(gateways, request, BROWSER)
    if kind_of(browser) is not Kind.BROWSER:
        browser = links.proof_of_browser()
    address = federation.begin(gateways, browser=browser, back=back, sign_in_id=sign_in_id)
    cookies.put(gateways, response, BROWSER, browser, seconds=int(federation.LIFE.total_seconds()))
    return address


def finish(gateways: Gateways, request: Request, *, state: str, code: str, issuer: str) -> Entered:
    limits.require(gateways, limits.SIGN_IN_ADDRESS, hosts.counted_as(request.state.address))
    try:
        browser = cookies.read(gateways, request, BROWSER)
        attempt = federation.take(gateways, state=state, browser=browser, issuer=issuer)
        return _enter(gateways, request, attempt, _asked(gateways, state, code))
    except Unauthenticated as error:
        entrance.note_refusal(gateways, error.problem_code)
        raise


def _asked(gateways: Gateways, state: str, code: str) -> Claims:
    try:
        return federation.ask(gateways, state=state, code=code)
    except Refused as error:
        raise Unauthenticated(error.reason, code="issuer_refused") from error


def _enter(gateways: Gateways, request: Request, attempt: FederatedAttempt, claims: Claims) -> Entered:
    with gateways.db.transaction() as session:
        row = federation.operator_of(session, gateways, claims)
        old = session.get(SignIn, attempt.sign_in_id) if attempt.sign_in_id else None
        if attempt.sign_in_id:
            _require_fresh(old, row.id, claims)
        if old:
            sign_ins.end(session, old, now=gateways.now())
        entered = entrance.start(session, gateways, request, Principal.OPERATOR, row.id, ["oidc"])
        entered.sign_in.auth_at = _proved_at(gateways, claims)
        session.add(entered.sign_in)
        action = "identity.step_up" if old else "identity.signed_in"
        entrance.note(session, f"operator:{row.id}", row.id, "operator", "done", "oidc", action=action)
    return Entered(entered.sign_in, entered.token, attempt.back)


def _require_fresh(old: SignIn | None, operator_id: str, claims: Claims) -> None:
    fresh = claims.auth_time is not None and system_now() - claims.auth_time <= federation.FRESH
    if old is None or old.principal_id != operator_id or not fresh:
        raise Unauthenticated("This was no fresh proof of the same person.", code="issuer_stale")


def _proved_at(gateways: Gateways, claims: Claims) -> datetime:
    """When they proved it there: being signed in there since this morning is no fresh proof."""
    age = system_now() - claims.auth_time if claims.auth_time else policy.RECENT[ActorKind.OPERATOR]
    return gateways.now() - max(age, timedelta())
