"""AWS accounts: is there stock, is one stuck, and what a person wants of one."""

from typing import Annotated

from fastapi import Form, Path, Query, Response
from sqlmodel import col, or_, select

from controlplane.accounts import pool, service
from controlplane.accounts.models import Account, AccountState
from controlplane.api import accounts as api
from controlplane.api.access import requires
from controlplane.api.deps import ActorDep, GatewaysDep, LookDep
from controlplane.api.paging import Cursor, CursorDep
from controlplane.core.errors import Conflict, NotFound
from controlplane.web.console.asking import Given, Question, mistake, show
from controlplane.web.console.frame import Frame, FrameDep, back_to
from controlplane.web.console.stock import history, plot
from controlplane.web.routing import Pages
from tenants.models import Tenant

router = Pages(group="accounts.list")
CLAIM = [requires("accounts.claim")]
Verb = Annotated[str, Path(pattern="^(suspend|reopen|quarantine|close)$")]
HOME = "/console/accounts"


@router.get(HOME)
def stock(
    frame: FrameDep, session: LookDep, gateways: GatewaysDep, cursor: CursorDep,
    state: Annotated[str, Query(max_length=20)] = "",
) -> Response:  # fmt: skip
    return _stock(frame, session, gateways, cursor, state=state)


def _stock(
    frame: Frame, session: LookDep, gateways: GatewaysDep, cursor: Cursor, *, state: str = "", error: str = ""
) -> Response:
    cursor.limit, chosen = 50, state if state in {*AccountState} else ""
    aws, days = gateways.settings.aws, history(session, gateways.now())
    found = pool.stock(session, gateways)
    return frame.page(
        "accounts", "accounts", page=api.list_accounts(session, cursor, state=chosen), state=chosen,
        states=[*AccountState], stock=found, expected=pool.expected(session, gateways) if found.waiting else None,
        target=aws.pool_stock, cap=aws.daily_cap, reports=api.list_reports(session)[:10], rest="GET /v1/accounts",
        days=days, plot=plot(days, aws.pool_stock), error=error, status=422 if error else 200,
    )  # fmt: skip


@router.post(f"{HOME}/reconcile", dependencies=CLAIM)
def reconcile(session: LookDep, gateways: GatewaysDep) -> Response:
    api.reconcile(session, gateways)
    return back_to(HOME)


@router.post(f"{HOME}/claims", dependencies=CLAIM)
def claim(
    frame: FrameDep, session: LookDep, gateways: GatewaysDep, actor: ActorDep,
    tenant_id: Annotated[str, Form(max_length=60)] = "",
) -> Response:  # fmt: skip
    """By id or by address."""
    sought = tenant_id.strip()
    query = select(Tenant.id).where(or_(Tenant.id == sought, Tenant.slug == sought), Tenant.product == "creator")
    found = session.exec(query.order_by(col(Tenant.id).desc())).first()
    if found is None:
        return _stock(frame, session, gateways, Cursor(), error="no_creator")
    given = api.claim(api.Claim(tenant_id=found), session, gateways, actor)["account"]
    return back_to(f"{HOME}/{given['id']}" if given else HOME)


@router.get(f"{HOME}/{{account}}")
def one(account: str, frame: FrameDep, session: LookDep) -> Response:
    row = _find(session, account)
    return frame.page("accounts", "account", account=row, verbs=_verbs(row), rest=f"GET /v1/accounts/{row.id}")


@router.post(f"{HOME}/{{account}}/probe", dependencies=CLAIM)
def probe(account: str, session: LookDep, gateways: GatewaysDep, actor: ActorDep) -> Response:
    service.look_again(session, gateways, account, actor=str(actor))
    return back_to(f"{HOME}/{account}")


@router.get(f"{HOME}/{{account}}/ask/{{verb}}")
def confirm(account: str, verb: Verb, frame: FrameDep, session: LookDep) -> Response:
    row = _find(session, account)
    return show(frame, _question(row, verb), rest=f"POST /v1/accounts/{row.id}/{verb}")


@router.post(f"{HOME}/{{account}}/ask/{{verb}}", dependencies=[api.BY_VERB])
def want(
    account: str, verb: Verb, frame: FrameDep, session: LookDep, gateways: GatewaysDep, actor: ActorDep,
    given: Given,
) -> Response:  # fmt: skip
    row = _find(session, account)
    question = _question(row, verb)
    if wrong := mistake(question, given):
        return show(frame, question, rest=f"POST /v1/accounts/{row.id}/{verb}", error=wrong, given=given)
    try:
        service.want(session, gateways, row.id, AccountState(api.VERBS[verb]), actor=str(actor), reason=given.reason)
    except Conflict as conflict:
        return show(frame, question, rest="", error=conflict.detail, given=given)
    return back_to(f"{HOME}/{row.id}")


def _find(session: LookDep, account: str) -> Account:
    row = session.get(Account, account)
    if row is None:
        raise NotFound("There is no such account.")
    return row


def _question(row: Account, verb: str) -> Question:
    return Question("accounts", f"account_{verb}", row.name, f"{HOME}/{row.id}", stands=("account", row.state.value))


def _verbs(row: Account) -> list[str]:
    """What makes sense now; the service has the last word."""
    if row.state in service.OVER or row.account_id is None:
        return []
    away = row.state in {AccountState.SUSPENDED, AccountState.QUARANTINED}
    back = ["reopen"] if away and row.tenant_id else []
    return [*back, *([] if away else ["suspend", "quarantine"]), "close"]
