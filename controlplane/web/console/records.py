"""What came in and went out: events of vendors, letters, questions about money, the trail, the catalogue, numbers."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Form, Query, Request, Response
from sqlmodel import col, select

from controlplane.api import audit as audit_api
from controlplane.api import emails as emails_api
from controlplane.api.access import requires
from controlplane.api.deps import ActorDep, GatewaysDep, LookDep, SessionDep
from controlplane.api.paging import CursorDep
from controlplane.billing import catalog_sync, decisions
from controlplane.billing.referral_models import Referral
from controlplane.core.errors import NotFound, TryLater
from controlplane.delivery import service as letters
from controlplane.delivery.models import Email, EmailState
from controlplane.inbox import service
from controlplane.inbox.models import EventState, InboxEvent
from controlplane.web import plots
from controlplane.web.console import numbers
from controlplane.web.console.asking import Given, Question, Reason, mistake, show
from controlplane.web.console.frame import Frame, FrameDep, back_to
from controlplane.web.routing import Pages

inbox = Pages(group="inbox.read")
mail = Pages(group="tenants.read")
trail = Pages(group="audit.read")
platform = Pages(group="platform.read")
After = Annotated[str, Query(max_length=40)]
MOST = 50
SYNC = "POST /v1/catalog/sync"


@inbox.get("/console/inbox")
def events(frame: FrameDep, session: LookDep, gateways: GatewaysDep, state: After = "", after: After = "") -> Response:
    query = select(InboxEvent).order_by(col(InboxEvent.id).desc()).limit(MOST + 1)
    query = query.where(InboxEvent.state == state) if state in {*EventState} else query
    rows = session.exec(query.where(InboxEvent.id < after) if after else query).all()
    oldest = service.measure(session, now=gateways.now())
    return frame.page(
        "inbox", "inbox", **_paged(rows), state=state, states=[*EventState], oldest=oldest, rest="GET /v1/inbox"
    )


@inbox.get("/console/inbox/{event_id}")
def event(event_id: str, frame: FrameDep, session: LookDep) -> Response:
    row = session.get(InboxEvent, event_id)
    if row is None:
        raise NotFound("There is no such event.")
    return _event(frame, row)


@inbox.post("/console/inbox/{event_id}/facts/{field}", dependencies=[requires("inbox.reveal")])
def reveal(event_id: str, field: str, frame: FrameDep, session: LookDep, actor: ActorDep, reason: Reason) -> Response:
    """Shown once, as the answer to this request."""
    value = service.reveal(session, event_id, field, actor=str(actor), reason=reason)
    return _event(frame, session.get_one(InboxEvent, event_id), revealed={field: value})


def _event(frame: Frame, row: InboxEvent, *, revealed: dict[str, Any] | None = None) -> Response:
    facts = {**service.masked(row.facts), **(revealed or {})}
    return frame.page("inbox", "event", event=row, facts=facts, covered=service.COVERED, revealed=revealed or {},
                      rest=f"GET /v1/inbox/{row.id}")  # fmt: skip


@inbox.post("/console/inbox/{event_id}/{verb}", dependencies=[requires("inbox.act")])
def act(event_id: str, verb: str, session: LookDep, gateways: GatewaysDep, actor: ActorDep, reason: Reason) -> Response:
    work = {"replay": service.replay, "ignore": service.ignore}.get(verb)
    if work is None:
        raise NotFound("There is no such action.")
    work(session, gateways, event_id, actor=str(actor), reason=reason)
    return back_to(f"/console/inbox/{event_id}")


@mail.get("/console/emails")
def emails(frame: FrameDep, session: LookDep, state: After = "", after: After = "") -> Response:
    query = select(Email).order_by(col(Email.id).desc()).limit(MOST + 1)
    query = query.where(Email.state == state) if state in {*EmailState} else query
    rows = session.exec(query.where(Email.id < after) if after else query).all()
    return frame.page("emails", "emails", **_paged(rows), state=state, states=[*EmailState], rest="GET /v1/emails")


@mail.get("/console/emails/{email_id}")
def email(email_id: str, frame: FrameDep, session: LookDep) -> Response:
    row = session.get(Email, email_id)
    if row is None:
        raise NotFound("There is no such letter.")
    shown = emails_api.email(email_id, session)
    return frame.page("emails", "email", email=row, shown=shown, frames=True, rest=f"GET /v1/emails/{email_id}")


@mail.post("/console/emails/{email_id}/resend", dependencies=[requires("tenants.act")])
def again(email_id: str, session: LookDep, gateways: GatewaysDep, actor: ActorDep) -> Response:
    row = session.get(Email, email_id)
    if row is None:
        raise NotFound("There is no such letter.")
    return back_to(f"/console/emails/{letters.again(session, gateways, row, by=str(actor)) or email_id}")


@mail.get("/console/decisions")
def open_decisions(frame: FrameDep, session: LookDep) -> Response:
    return frame.page("decisions", "decisions", decisions=decisions.open_ones(session), rest="GET /v1/decisions")


@mail.post("/console/decisions/{decision_id}", dependencies=[requires("money.decide")])
def choose(
    decision_id: str, session: LookDep, gateways: GatewaysDep, actor: ActorDep, reason: Reason,
    choice: Annotated[str, Form(pattern=r"^[a-z_]{1,40}$")],
) -> Response:  # fmt: skip
    decisions.choose(session, gateways, decision_id, choice=choice, actor=str(actor), reason=reason)
    return back_to("/console/decisions")


@mail.get("/console/referrals")
def referrals(frame: FrameDep, session: LookDep, after: After = "") -> Response:
    query = select(Referral).order_by(col(Referral.id).desc()).limit(MOST + 1)
    rows = session.exec(query.where(Referral.id < after) if after else query).all()
    return frame.page("referrals", "referrals", **_paged(rows), rest="GET /v1/referrals")


@mail.get("/console/stats")
def stats(frame: FrameDep, session: LookDep, gateways: GatewaysDep) -> Response:
    found = numbers.of_business(session, gateways)
    bands = plots.bands(found["weeks"], promise=found["live"]["promise"])
    return frame.page("stats", "stats", bars=plots.months(found["months"]), bands=bands, rest="GET /v1/stats", **found)


@platform.get("/console/catalog")
def catalogue(frame: FrameDep, gateways: GatewaysDep) -> Response:
    try:
        differences, failed = catalog_sync.drift(gateways), False
    except TryLater:
        differences, failed = [], True
    return frame.page("catalog", "catalog", differences=differences, failed=failed, rest="GET /v1/catalog/drift")


@platform.get("/console/catalog/sync")
def before_sync(frame: FrameDep, gateways: GatewaysDep) -> Response:
    return show(frame, _sync_question(gateways), rest=SYNC)


@platform.post("/console/catalog/sync", dependencies=[requires("platform.act")])
def sync(frame: FrameDep, gateways: GatewaysDep, given: Given) -> Response:
    question = _sync_question(gateways)
    if wrong := mistake(question, given):
        return show(frame, question, rest=SYNC, error=wrong, given=given)
    catalog_sync.sync(gateways)
    return back_to("/console/catalog")


def _sync_question(gateways: GatewaysDep) -> Question:
    """What Stripe sells changes for everybody: the name of this environment is typed."""
    return Question("catalog", "catalog_sync", gateways.settings.name, "/console/catalog", explained=False)


@trail.get("/console/audit")
def audit(
    request: Request, frame: FrameDep, session: LookDep, cursor: CursorDep, actor: ActorDep,
    filters: Annotated[audit_api.Filters, Depends()],
) -> Response:  # fmt: skip
    cursor.limit = 50
    page = audit_api.search(session, cursor, actor, filters)
    given = {name: filters.exact.get(name, "") for name in ("actor", "action", "object_id", "tenant_id")}
    searched = urlencode({name: value for name, value in filters.exact.items() if value})
    return frame.page("audit", "audit", page=page, given=given, searched=searched,
                      rest=f"GET /v1/audit?{request.url.query}")  # fmt: skip


@trail.get("/console/audit/export")
def export_audit(
    session: SessionDep, gateways: GatewaysDep, actor: ActorDep, filters: Annotated[audit_api.Filters, Depends()],
    shape: Annotated[str, Query(alias="format", pattern="^(csv|jsonl)$")] = "csv",
) -> Response:  # fmt: skip
    return audit_api.export(session, gateways, actor, filters, shape)


def _paged(rows: Any) -> dict[str, Any]:
    """One more than shown was read: it says whether there are older ones."""
    shown = list(rows[:MOST])
    return {"rows": shown, "older": shown[-1].id if len(rows) > MOST else ""}
