"""AWS accounts for operators: the stock, who has which, and what somebody wants of one."""

from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlmodel import col, select

from controlplane.accounts import pool, service
from controlplane.accounts.models import Account, AccountReport, AccountState
from controlplane.accounts.reconciliation import RECONCILE
from controlplane.api.access import Router, requires, requires_by
from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.api.paging import CursorDep, Page, newest
from controlplane.api.reasons import Why
from controlplane.core.errors import Invalid, NotFound
from controlplane.core.queue import Wakeup
from controlplane.provisioning import drills
from tenants.models import Tenant

router = Router(prefix="/v1/accounts", tags=["accounts"], group="accounts.list")

AccountRow = Annotated[str, Path(max_length=40)]
VERBS = {"suspend": "suspended", "reopen": "active", "quarantine": "quarantined", "close": "closed"}
BY_VERB = requires_by("verb", {"close": "accounts.close"}, otherwise="accounts.claim")


class Claim(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tenant_id: Annotated[str, Field(max_length=26)]


class Restore(Why):
    tenant_id: Annotated[str, Field(max_length=26)]
    at: AwareDatetime | None = None
    drill: bool = False


@router.get("")
def list_accounts(session: SessionDep, cursor: CursorDep, state: Annotated[str, Query(max_length=20)] = "") -> Page:
    """Newest first."""
    query = select(Account)
    if state:
        query = query.where(Account.state == state)
    return newest(session, query, Account, cursor, shown)


@router.get("/stock")
def show_stock(session: SessionDep, gateways: GatewaysDep) -> dict[str, Any]:
    """What is ready, what is coming, who waits, and when the next one is expected."""
    found = pool.stock(session, gateways)
    return {**vars(found), "is_broken": found.is_broken, "expected_at": pool.expected(session, gateways)}


@router.get("/reports")
def list_reports(session: SessionDep, kind: Annotated[str, Query(max_length=20)] = "") -> list[dict[str, Any]]:
    """Comparisons with the organisation and drills, newest first."""
    query = select(AccountReport).order_by(col(AccountReport.id).desc()).limit(50)
    query = query.where(AccountReport.kind == kind) if kind else query
    return [row.model_dump() for row in session.exec(query).all()]


@router.post("/reconcile", status_code=202, dependencies=[requires("accounts.claim")])
def reconcile(session: SessionDep, gateways: GatewaysDep) -> dict[str, str]:
    """Compares with the organisation; the report is listed when it is done."""
    gateways.queue.defer(session, Wakeup(RECONCILE, "organization"))
    return {"report": "/v1/accounts/reports?kind=reconcile"}


@router.post("/claims", status_code=202, dependencies=[requires("accounts.claim")])
def claim(body: Claim, session: SessionDep, gateways: GatewaysDep, actor: ActorDep) -> dict[str, Any]:
    """An account for this creator: from the stock, or the next one that is made. Asking again changes nothing."""
    tenant = session.get(Tenant, body.tenant_id)
    if tenant is None or tenant.product != "creator":
        raise NotFound("There is no such creator.")
    found = pool.claim(session, gateways, tenant.id, actor=str(actor))
    return {"account": shown(found) if found else None, "expected_at": pool.expected(session, gateways)}


@router.post("/restores", status_code=202, dependencies=[requires("tenants.destroy")])
def restore(body: Restore, session: SessionDep, gateways: GatewaysDep, actor: ActorDep) -> dict[str, Any]:
    """Every table of a creator back to a moment; or, as a drill, a disaster of our own making and its measured end."""
    if not body.drill and body.at is None:
        raise Invalid("Name the moment to go back to, or ask for a drill.")
    wanted: dict[str, object] = {"drill": True} if body.drill else {"at": str(body.at and body.at.isoformat())}
    operation = drills.restore(session, gateways, body.tenant_id, wanted=wanted, actor=str(actor), cause=body.reason)
    return {"id": operation.id, "kind": operation.kind, "phase": operation.phase}


@router.get("/{account}")
def show_account(account: AccountRow, session: SessionDep) -> dict[str, Any]:
    row = session.get(Account, account)
    if row is None:
        raise NotFound("There is no such account.")
    return {**shown(row), "probes": row.probes, "quotas": row.quotas}


@router.post("/{account}/probe", status_code=202, dependencies=[requires("accounts.claim")])
def probe(account: AccountRow, session: SessionDep, gateways: GatewaysDep, actor: ActorDep) -> dict[str, Any]:
    """Every service once more, or the next try at once."""
    return shown(service.look_again(session, gateways, account, actor=str(actor)))


@router.post("/{account}/{verb}", status_code=202, dependencies=[BY_VERB])
def want(
    account: AccountRow,
    verb: Annotated[str, Path(pattern="^(suspend|reopen|quarantine|close)$")],
    body: Why,
    session: SessionDep,
    gateways: GatewaysDep,
    actor: ActorDep,
) -> dict[str, Any]:
    """Closing is one way and needs a second person."""
    state = AccountState(VERBS[verb])
    return shown(service.want(session, gateways, account, state, actor=str(actor), reason=body.reason))


def shown(row: Account) -> dict[str, Any]:
    hidden = {"probes", "quotas", "fence", "lease_until"}
    return row.model_dump(exclude=hidden)
