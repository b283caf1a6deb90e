"""Where does which release run: of the programs in waves, and of one site in its history."""

from typing import Annotated

from fastapi import Form, Path, Response
from sqlmodel import col, select

from controlplane.api import tenants as tenants_api
from controlplane.api.access import requires
from controlplane.api.deps import ActorDep, GatewaysDep, LookDep
from controlplane.core.errors import Conflict, NotFound
from controlplane.fleet import waves
from controlplane.fleet.models import Member, Wave
from controlplane.fleet.models import Outcome as Turn
from controlplane.web.console.asking import Reason
from controlplane.web.console.frame import Frame, FrameDep, back_to
from controlplane.web.portal.site import listed
from controlplane.web.routing import Pages
from tenants.models import Tenant

router = Pages(group="tenants.read")
STEER = [requires("tenants.steer")]
HOME = "/console/fleet"
MOST = 50
Verb = Annotated[str, Path(pattern="^(halt|resume|end)$")]


@router.get(HOME)
def fleet(frame: FrameDep, session: LookDep) -> Response:
    return _page(frame, session)


@router.post(HOME, dependencies=STEER)
def start(
    frame: FrameDep, session: LookDep, actor: ActorDep, reason: Reason,
    product: Annotated[str, Form(pattern="^(site|creator)$")],
    at_once: Annotated[int, Form(ge=1, le=50)] = 5, tolerated: Annotated[int, Form(ge=0, le=1000)] = 2,
) -> Response:  # fmt: skip
    try:
        wave = waves.start(
            session, product=product, at_once=at_once, tolerated=tolerated, reason=reason, actor=str(actor)
        )
    except Conflict as conflict:
        return _page(frame, session, error=conflict.problem_code)
    return back_to(f"{HOME}/{wave.id}")


@router.get(f"{HOME}/{{wave_id}}")
def one(wave_id: str, frame: FrameDep, session: LookDep) -> Response:
    wave = waves.find(session, wave_id)
    query = select(Member, Tenant.slug).where(Member.wave_id == wave.id, col(Tenant.id) == Member.tenant_id)
    rows = session.exec(query.order_by(col(Member.outcome) != Turn.FAILED, Member.tenant_id).limit(MOST)).all()
    return frame.page("fleet", "wave", wave=wave, counts=waves.counts(session, wave), members=rows, most=MOST,
                      rest=f"GET /v1/fleet/waves/{wave.id}/members")  # fmt: skip


@router.post(f"{HOME}/{{wave_id}}/{{verb}}", dependencies=STEER)
def steer(
    wave_id: str, verb: Verb, session: LookDep, gateways: GatewaysDep, actor: ActorDep, reason: Reason
) -> Response:
    if verb == "end":
        waves.end(session, gateways, wave_id, actor=str(actor), reason=reason)
    else:
        change = waves.halt if verb == "halt" else waves.resume
        change(session, wave_id, actor=str(actor), reason=reason)
    return back_to(f"{HOME}/{wave_id}")


@router.get("/console/tenants/{tenant_id}/releases")
def of_site(tenant_id: str, frame: FrameDep, session: LookDep, gateways: GatewaysDep) -> Response:
    """As the edge says; when it cannot be asked, the page says that."""
    tenant = tenants_api.find(session, tenant_id)
    if tenant.product != "site":
        raise NotFound("Only sites have releases of their own.")
    found = listed(gateways, tenant)
    return frame.page("tenants", "releases", tenant=tenant, found=found, rest=f"GET /v1/tenants/{tenant.id}/releases")


def _page(frame: Frame, session: LookDep, *, error: str = "") -> Response:
    rows = session.exec(select(Wave).order_by(col(Wave.id).desc()).limit(MOST)).all()
    counted = waves.counts_of(session, [row.id for row in rows])
    return frame.page(
        "fleet", "fleet", versions=waves.versions(session), error=error, status=409 if error else 200,
        waves=[(row, counted[row.id]) for row in rows], rest="GET /v1/fleet/releases",
    )  # fmt: skip
