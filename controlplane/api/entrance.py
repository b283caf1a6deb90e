"""How people come in, for the JSON routes and the pages alike: limits, letters, cookies, the trail."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from fastapi import Request, Response
from sqlmodel import Session, select

from controlplane.api import alerts, cookies, hosts, limits
from controlplane.audit.service import record
from controlplane.billing.checkout import email_key
from controlplane.billing.models import Customer
from controlplane.core.errors import Forbidden, RateLimited, Unauthenticated
from controlplane.core.tokens import Kind, kind_of
from controlplane.delivery.service import request_email
from controlplane.gateways import Gateways
from controlplane.identity import emergency, links, operators, sign_ins
from controlplane.identity.links import Letter
from controlplane.identity.models import Operator, Principal, SignIn
from controlplane.identity.paths import own_path
from controlplane.identity.policy import EMERGENCY

LINK_PAGE = "/sign-in/link"
CLI_IDLE = sign_ins.ABSOLUTE


@dataclass(frozen=True, repr=False)
class Entered:
    sign_in: SignIn
    token: str
    back: str = "/"


def operator_in(
    gateways: Gateways, request: Request, *, email: str, password: str, code: str, for_cli: bool
) -> Entered:
    account = f"{hashlib.sha256(email.strip().lower().encode()).hexdigest()[:32]}:{_network(request)}"
    _slow_down(gateways, request, account)
    try:
        with gateways.db.transaction() as session:
            if kind_of(password) is Kind.BREAK_GLASS:
                return _in_an_emergency(session, gateways, request, email, password)
            row, factors = operators.identify(session, gateways, email=email, password=password, code=code)
            entered = start(session, gateways, request, Principal.OPERATOR, row.id, factors, for_cli=for_cli)
            note(session, f"operator:{row.id}", row.id, "operator", "done", ",".join(factors))
        return entered
    except Unauthenticated as error:
        if error.problem_code != "code_needed":
            gateways.limiter.take(limits.SIGN_IN_ACCOUNT, account)
            _refused(gateways, email)
        raise


def ask_link(gateways: Gateways, request: Request, response: Response, *, email: str, back: str) -> None:
    """The same answer for everybody; the letter goes to the address we know, not to the one that was typed."""
    limits.require(gateways, limits.SIGN_IN_ADDRESS, hosts.counted_as(request.state.address))
    browser = cookies.read(gateways, request, cookies.BROWSER)
    if kind_of(browser) is not Kind.BROWSER:
        browser = links.proof_of_browser()
    key = email_key(email)
    with gateways.db.transaction() as session:
        customer = session.exec(select(Customer).where(Customer.email_key == key)).first()
        known = customer if customer and not customer.erased_at else None
        letter = links.ask(
            session, gateways, email_key=key, customer_id=known.id if known else None, browser=browser, back=back
        )
        if known and letter:
            _send(session, gateways, known, letter)
    cookies.put(gateways, response, cookies.BROWSER, browser, seconds=3600)


def take_link(gateways: Gateways, request: Request, token: str) -> Entered:
    limits.require(gateways, limits.SIGN_IN_ADDRESS, hosts.counted_as(request.state.address))
    browser = cookies.read(gateways, request, cookies.BROWSER)
    with gateways.db.transaction() as session:
        link = links.take(session, gateways, token=token, browser=browser)
        return _customer_in(session, gateways, request, link.customer_id or "", link.back)


def take_code(gateways: Gateways, request: Request, code: str) -> Entered:
    limits.require(gateways, limits.SIGN_IN_ADDRESS, hosts.counted_as(request.state.address))
    browser = cookies.read(gateways, request, cookies.BROWSER)
    with gateways.db.transaction() as session:  # a wrong try is committed too
        link = links.take_code(session, gateways, code=code, browser=browser)
        if link:
            return _customer_in(session, gateways, request, link.customer_id or "", link.back)
    raise Unauthenticated(links.REFUSED, code="link_refused")


def step_up(gateways: Gateways, sign_in_id: str, *, password: str, code: str) -> Entered:
    """The second factor where there is one, else the password."""
    with gateways.db.transaction() as session:
        row = session.get(SignIn, sign_in_id)
        if row is None or row.principal is not Principal.OPERATOR:
            raise Forbidden("Ask for a new letter and type its code instead.", code="step_up_by_letter")
        operator = session.get_one(Operator, row.principal_id)
        _email = operator.email
        if kind_of(password or code) is Kind.BREAK_GLASS:
            emergency.limit(session, row, emergency.prove(session, gateways, operator, password or code))
            factors = [EMERGENCY]
        elif operator.totp_since:
            factors = operators.second_factor(session, gateways, operator, code)
        else:
            _operator, factors = operators.identify(session, gateways, email=_email, password=password, code="")
        token = sign_ins.renew(session, gateways, row, factors=factors)
        note(session, f"operator:{operator.id}", operator.id, "operator", "done", "step-up", action="identity.step_up")
        return Entered(row, token)


def put_cookie(gateways: Gateways, response: Response, entered: Entered) -> None:
    """A session cookie: it ends with the browser, and earlier by our own rules."""
    stay = entered.sign_in.idle_seconds >= int(sign_ins.STAY.total_seconds())
    seconds = int(sign_ins.STAY.total_seconds()) if stay else None
    cookies.put(gateways, response, entered.sign_in.principal.value, entered.token, seconds=seconds)


def _customer_in(session: Session, gateways: Gateways, request: Request, customer_id: str, back: str) -> Entered:
    entered = start(session, gateways, request, Principal.CUSTOMER, customer_id, ["mail"])
    note(session, f"customer:{customer_id}", customer_id, "customer", "done", "mail")
    return Entered(entered.sign_in, entered.token, own_path(back))


def start(
    session: Session,
    gateways: Gateways,
    request: Request,
    principal: Principal,
    principal_id: str,
    factors: list[str],
    *,
    for_cli: bool = False,
) -> Entered:
    row, token = sign_ins.start(
        session,
        gateways,
        principal,
        principal_id,
        factors=factors,
        idle=CLI_IDLE if for_cli else None,
        address=_network(request),
        agent=request.headers.get("user-agent", ""),
    )
    return Entered(row, token)


def _in_an_emergency(session: Session, gateways: Gateways, request: Request, email: str, token: str) -> Entered:
    """Everybody hears of it."""
    row = operators.by_email(session, email)
    if row is None:
        raise Unauthenticated(operators.WRONG, code="sign_in_refused")
    key = emergency.prove(session, gateways, row, token)
    entered = start(session, gateways, request, Principal.OPERATOR, row.id, [EMERGENCY])
    emergency.limit(session, entered.sign_in, key)
    note(session, f"operator:{row.id}", row.id, "operator", "done", EMERGENCY)
    what, detail = f"Break-glass access used by {row.email}", f"From {_network(request)}. Reason given: {key.reason}"
    alerts.tell_everybody(session, gateways, what=what, detail=detail, dedup=f"break_glass:{entered.sign_in.id}")
    return entered


def _send(session: Session, gateways: Gateways, customer: Customer, letter: Letter) -> None:
    page = f"{gateways.settings.public_url}{LINK_PAGE}?{urlencode({'token': letter.token})}"
    request_email(
        session,
        gateways,
        kind="sign_in",
        to=customer.email,
        locale=customer.locale,
        data={},
        secrets={"url": page, "code": f"{letter.code[:4]}-{letter.code[4:]}"},
        dedup=f"sign_in:{letter.link_id}",
        customer_id=customer.id,
    )


def _slow_down(gateways: Gateways, request: Request, account: str) -> None:
    limits.require(gateways, limits.SIGN_IN_ADDRESS, hosts.counted_as(request.state.address))
    if gateways.limiter.spent(limits.SIGN_IN_ACCOUNT, account):
        raise RateLimited("Too many wrong tries.", after=timedelta(minutes=5), code="limit_sign_in_account")


def note_refusal(gateways: Gateways, why: str) -> None:
    with gateways.db.transaction() as session:
        note(session, "anonymous", "unknown", "operator", "refused", why)


def _refused(gateways: Gateways, email: str) -> None:
    with gateways.db.transaction() as session:
        row = operators.by_email(session, email)
        note(session, "anonymous", row.id if row else "unknown", "operator", "refused", "sign-in")


def note(
    session: Session, actor: str, identity: str, kind: str, outcome: str, how: str, action: str = "identity.signed_in"
) -> None:
    record(
        session, actor=actor, action=action, object_type=kind, object_id=identity, stream="identity",
        outcome=outcome, reason=how,
    )  # fmt: skip


def _network(request: Request) -> str:
    return hosts.network_of(request.state.address)
