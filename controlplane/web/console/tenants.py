"""The start page, the list of tenants, and one tenant with everything about it side by side."""

from operator import itemgetter
from typing import Annotated, Any

from fastapi import Query, Request, Response
from sqlmodel import Session, col, select

from controlplane.accounts.models import Account
from controlplane.api import stacks as stacks_api
from controlplane.api import tenants as api
from controlplane.api import timeline
from controlplane.api.access import requires_by
from controlplane.api.deps import ActorDep, GatewaysDep, LookDep
from controlplane.api.paging import CursorDep
from controlplane.billing.models import Customer, Order
from controlplane.core.errors import Conflict, NotFound
from controlplane.delivery.credentials_models import Credential
from controlplane.delivery.models import Email
from controlplane.domains.models import Domain
from controlplane.provisioning import actions
from controlplane.provisioning.models import OPEN, Kind, Operation
from controlplane.web.console import attention, listing, today, views
from controlplane.web.console.asking import Given, Question, mistake
from controlplane.web.console.asking import show as show_question
from controlplane.web.console.frame import FrameDep, back_to
from controlplane.web.console.operations import work
from controlplane.web.errors import language_of
from controlplane.web.routing import Pages
from controlplane.web.shell import fragment, fragment_answer, wants_fragment
from tenants import service as tenants
from tenants.conditions import Concern
from tenants.lifecycle import State
from tenants.models import Tenant

router = Pages(group="tenants.read")
ASKED = ("refresh", "update", "suspend", "resume", "offboard")
BY_KIND = {
    "update": "tenants.steer",
    "suspend": "tenants.steer",
    "restore": "tenants.destroy",
    "offboard": "tenants.destroy",
}
ROW = itemgetter("id", "slug", "name", "product", "state", "created_at")
TYPED = frozenset({"suspend", "offboard"})
Short = Annotated[str, Query(max_length=60)]
Seen = Annotated[int, Query(ge=0, le=2**53)]
At = Annotated[str, Query(pattern=r"^(\d\d:\d\d:\d\d)?$")]
VIEWS = (("attention", {"health": "attention"}), ("blocked", {"health": "blocked"}), ("failed", {"state": "failed"}),
         ("suspended", {"state": "suspended"}), ("past_due", {"state": "past_due"}))  # fmt: skip


@router.get("/console")
def start(request: Request, frame: FrameDep, session: LookDep, gateways: GatewaysDep) -> Response:
    values: dict[str, Any] = {
        "groups": attention.groups(session, gateways), "running": today.running(session),
        "numbers": today.numbers(session), "now": gateways.now(),
    }  # fmt: skip
    if wants_fragment(request):
        return fragment_answer(fragment(request, language_of(request), "console/start.html", "live", values))
    return frame.page("start", "start", rest="GET /v1/attention", **values)


@router.get("/console/tenants")
def find(
    request: Request, frame: FrameDep, session: LookDep, gateways: GatewaysDep, cursor: CursorDep,
    state: Short = "", product: Short = "", health: Short = "", q: Short = "",
) -> Response:  # fmt: skip
    product = product if product in {"site", "creator"} else ""
    cursor.limit = 50
    given = {"state": state, "product": product, "health": health, "q": q.strip().lower()}
    page = api.list_tenants(session, cursor, **given)
    standing = tenants.statuses(session, {row["id"]: State(row["state"]) for row in page.items})
    rows = [(*ROW(one), standing[one["id"]]) for one in page.items]
    above = listing.above(session, given)
    return frame.page(
        "tenants", "tenants", page=page, rows=rows, filters={**given, "q": q}, states=[*State], views=VIEWS,
        saved=views.of(session, str(frame.actor)), own=str(frame.actor), query=views.plain(request.url.query),
        number=above.number, seen=above.seen, tabs=above.tabs, now=gateways.now(), later=bool(cursor.after),
        excluding="" if page.items or cursor.after else listing.most_excluding(session, given),
        rest=f"GET /v1/tenants?{request.url.query}",
    )  # fmt: skip


@router.get("/console/tenants/news")
def news(
    request: Request, session: LookDep, seen: Seen = 0, at: At = "", tenant_id: Short = ""
) -> Response:  # fmt: skip
    """How much changed since somebody opened the page; asked for by the page itself."""
    values: dict[str, Any] = {"changes": listing.changes(session, seen, tenant_id), "at": at}
    return fragment_answer(fragment(request, language_of(request), "console/news.html", "news", values))


@router.get("/console/tenants/{tenant_id}")
def show(
    tenant_id: str, frame: FrameDep, session: LookDep, gateways: GatewaysDep, cursor: CursorDep,
    chosen: timeline.ChosenDep,
) -> Response:  # fmt: skip
    tenant = api.find(session, tenant_id)
    facts = _facts(session, tenant)
    under_way = next((row for row in facts["operations"] if row.phase in OPEN), None)
    return frame.page(
        "tenants", "tenant", **facts, work=work(session, tenant, under_way) if under_way else None,
        trail=timeline.of_tenant(session, tenant, chosen, cursor), chosen=chosen, kinds=timeline.KINDS,
        people=timeline.PEOPLE, later=bool(cursor.after), now=gateways.now(), rest=f"GET /v1/tenants/{tenant.id}",
    )  # fmt: skip


@router.get("/console/tenants/{tenant_id}/ask/{kind}")
def confirm(tenant_id: str, kind: Kind, frame: FrameDep, session: LookDep) -> Response:
    if kind not in ASKED:
        raise NotFound("This cannot be asked for here.")
    return show_question(frame, _question(api.find(session, tenant_id), kind), rest=_rest(tenant_id, kind))


@router.post(
    "/console/tenants/{tenant_id}/ask/{kind}", dependencies=[requires_by("kind", BY_KIND, otherwise="tenants.act")]
)
def ask(
    tenant_id: str, kind: Kind, frame: FrameDep, session: LookDep, gateways: GatewaysDep, actor: ActorDep,
    given: Given,
) -> Response:  # fmt: skip
    """What closes or ends a tenant is confirmed by typing its name; the name is compared here."""
    tenant = api.find(session, tenant_id)
    if kind not in ASKED:
        raise NotFound("This cannot be asked for here.")
    question = _question(tenant, kind)
    if wrong := mistake(question, given):
        return show_question(frame, question, rest=_rest(tenant_id, kind), error=wrong, given=given)
    try:
        operation = actions.ask(
            session, gateways, tenant, kind, cause=given.reason or "operator", actor=str(actor), version=None
        )
    except Conflict as conflict:
        return show_question(frame, question, rest=_rest(tenant_id, kind), error=conflict.detail, given=given)
    return back_to(f"/console/operations/{operation.id}")


def _question(tenant: Tenant, kind: Kind) -> Question:
    return Question(
        "tenants", kind.value, tenant.slug, f"/console/tenants/{tenant.id}", typed=kind in TYPED, explained=False,
        stands=("tenant", tenant.state.value),
    )  # fmt: skip


def _rest(tenant_id: str, kind: Kind) -> str:
    return f"POST /v1/tenants/{tenant_id}/operations/{kind}"


def _facts(session: Session, tenant: Tenant) -> dict[str, Any]:
    """Each part its own short query; none of them grows with the number of tenants."""

    def newest(kind: type[Any], limit: int = 20) -> list[Any]:
        query = select(kind).where(kind.tenant_id == tenant.id).order_by(col(kind.id).desc()).limit(limit)
        return list(session.exec(query).all())

    found = tenants.conditions(session, tenant.id)
    order = session.exec(select(Order).where(Order.id == tenant.order_id)).first()
    return {
        "tenant": tenant,
        "standing": tenants.status_of(session, tenant),
        "conditions": [(concern, found.get(concern)) for concern in Concern],
        "order": order,
        "customer": session.get(Customer, tenant.customer_id),
        "operations": newest(Operation, 10),
        "domains": newest(Domain),
        "credentials": newest(Credential),
        "emails": list(
            session.exec(
                select(Email).where(Email.order_id == tenant.order_id).order_by(col(Email.id).desc()).limit(10)
            ).all()
        ),
        "states": stacks_api.list_states(tenant.id, session)[:10],
        "asked": ASKED,
        "seen": listing.newest(session, tenant.id),
        "account": session.exec(select(Account).where(Account.tenant_id == tenant.id)).first(),
    }
