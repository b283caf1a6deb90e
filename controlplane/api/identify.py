"""From a request to an Actor. Whoever is suspended, expired or gone is nobody, whatever they present."""

from collections.abc import Mapping

from fastapi import Request
from sqlmodel import Session

from controlplane.api import cookies
from controlplane.billing.models import Customer
from controlplane.core.errors import Unauthenticated
from controlplane.core.telemetry import correlation
from controlplane.core.tokens import Kind, kind_of
from controlplane.gateways import Gateways
from controlplane.identity import assertions, clients, members, sign_ins
from controlplane.identity.actor import ANONYMOUS, Actor, ActorKind
from controlplane.identity.assertions import Sent
from controlplane.identity.models import Operator, Principal, SignIn
from controlplane.identity.policy import RULES
from controlplane.publishing.platform import assertion_public_key

EDGE_PATHS = "/edge/"
REFUSED = "The token is not valid, or not any more."


def identify(gateways: Gateways, request: Request, *, group: str, body: bytes, address: str) -> Actor:
    scheme, _space, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return _bearer(gateways, request, token.strip(), body=body, address=address)
    for principal in _order(group):
        token = cookies.read(gateways, request, principal.value)
        actor = _signed_in(gateways, request, token, seen=_by_hand(request), of=principal) if token else None
        if actor:
            return actor
    return ANONYMOUS


def _signed_in(
    gateways: Gateways, request: Request, token: str, *, seen: bool, of: Principal | None = None
) -> Actor | None:
    def load(session: Session) -> Actor | None:
        row = sign_ins.load(session, gateways, token, seen=seen)
        request.state.signed_in = session.info.get("signed_in")  # pages show it: it need not be read again
        return of_sign_in(session, row) if row and of in {None, row.principal} else None

    return gateways.db.each_alone(load)


def by_cookie(request: Request) -> bool:
    return "authorization" not in request.headers


def _by_hand(request: Request) -> bool:
    """What an open page asks for by itself keeps nobody signed in."""
    return "x-unattended" not in request.headers and not request.url.path.endswith("/stream")


def of_sign_in(session: Session, row: SignIn) -> Actor | None:
    common = {
        "id": row.principal_id,
        "auth_time": row.auth_at,
        "factors": tuple(row.factors),
        "request_id": correlation.get(),
        "sign_in_id": row.id,
    }
    if row.principal is Principal.OPERATOR:
        operator = session.get(Operator, row.principal_id)
        if operator is None or operator.disabled_at:
            return None
        return Actor(kind=ActorKind.OPERATOR, roles=frozenset({operator.role.value}), **common)  # type: ignore[arg-type]
    customer = session.get(Customer, row.principal_id)
    if customer is None or customer.erased_at:
        return None
    return Actor(kind=ActorKind.CUSTOMER, customer_id=customer.id, **common)  # type: ignore[arg-type]


def _bearer(gateways: Gateways, request: Request, token: str, *, body: bytes, address: str) -> Actor:
    if token.count(".") == 2 and request.url.path.startswith(EDGE_PATHS):
        return _edge(gateways, request, token, body)
    actor = _of_token(gateways, request, token, address)
    if actor is None:
        raise Unauthenticated(REFUSED, code="bad_token")
    return actor


def _of_token(gateways: Gateways, request: Request, token: str, address: str) -> Actor | None:
    kind = kind_of(token)
    if kind is Kind.SESSION:
        return _signed_in(gateways, request, token, seen=True)
    with gateways.db.transaction() as session:
        found = clients.load(session, gateways, token, address=address) if kind is Kind.ACCESS else None
    if found is None:
        return None
    client, access = found
    return Actor(
        kind=ActorKind.CLIENT,
        id=client.id,
        scopes=frozenset(access.scopes) & frozenset(client.scopes),
        customer_id=client.customer_id,
        request_id=correlation.get(),
    )


def _edge(gateways: Gateways, request: Request, token: str, body: bytes) -> Actor:
    """The tenant comes from the assertion, what the person may do in it from our own rows."""
    claims = assertions.of_person(gateways, assertion_public_key(gateways), token, _sent(request.scope, body))
    with gateways.db.transaction() as session:
        customer = session.get(Customer, claims.user_id)
        role = members.role_in(session, claims.user_id, claims.tenant_id)
    if customer is None or customer.erased_at or role is None:
        raise Unauthenticated(REFUSED, code="assertion_refused")
    return Actor(
        kind=ActorKind.EDGE,
        id=customer.id,
        roles=frozenset({role}),
        customer_id=customer.id,
        tenant_id=claims.tenant_id,
        auth_time=claims.auth_time,
        factors=("edge",),
        request_id=correlation.get(),
    )


def _sent(scope: Mapping[str, object], body: bytes) -> Sent:
    raw, query = scope.get("raw_path"), scope.get("query_string")
    path = raw.decode("latin-1") if isinstance(raw, bytes) else str(scope["path"])
    text = query.decode("latin-1") if isinstance(query, bytes) else ""
    return Sent(str(scope["method"]), f"{path}?{text}" if text else path, body)


def _order(group: str) -> tuple[Principal, Principal]:
    """Somebody may be signed in as both: pages of customers take the customer first, all others the operator."""
    for_customers = RULES[group].marks["owner"] != "–" and group.startswith(("own.", "oauth", "checkout"))
    both = (Principal.CUSTOMER, Principal.OPERATOR)
    return both if for_customers else both[::-1]
