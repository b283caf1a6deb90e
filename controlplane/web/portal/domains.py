"""The domain doctor: what the customer's DNS must say, what it says, and the exact line that is missing."""

from typing import Annotated

from fastapi import Form, Response

from controlplane.api.access import requires
from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.core.errors import Conflict, Invalid
from controlplane.domains import apex, doctor, mail
from controlplane.domains import service as domains
from controlplane.gateways import Gateways
from controlplane.web.portal.frame import Frame, FrameDep, back_to
from controlplane.web.routing import Pages

router = Pages(group="own.read")
Name = Annotated[str, Form(max_length=253)]


@router.get("/portal/t/{tenant_id}/domain")
def show(tenant_id: str, frame: FrameDep, gateways: GatewaysDep) -> Response:
    return _page(frame, gateways, tenant_id)


@router.post("/portal/t/{tenant_id}/domain", dependencies=[requires("own.write")])
def claim(tenant_id: str, frame: FrameDep, gateways: GatewaysDep, actor: ActorDep, host: Name) -> Response:
    tenant = frame.tenant(tenant_id)
    try:
        with gateways.db.transaction() as session:
            domains.claim(session, gateways, tenant, host, actor=str(actor))
    except (Invalid, Conflict) as error:
        return _page(frame, gateways, tenant_id, typed=host, error=error.problem_code)
    return back_to(f"/portal/t/{tenant_id}/domain")


@router.post("/portal/t/{tenant_id}/domain/recheck", dependencies=[requires("own.recheck")])
def recheck(tenant_id: str, frame: FrameDep, session: SessionDep, gateways: GatewaysDep) -> Response:
    tenant = frame.tenant(tenant_id)
    for row in domains.of_tenant(session, tenant.id):
        domains.look_again(session, gateways, row)
    for sending in mail.all_of(session, tenant.id):
        mail.look_again(session, gateways, sending)
    return back_to(f"/portal/t/{tenant_id}/domain")


@router.post("/portal/t/{tenant_id}/domain/remove", dependencies=[requires("own.remove")])
def remove(
    tenant_id: str, frame: FrameDep, session: SessionDep, gateways: GatewaysDep, actor: ActorDep, host: Name
) -> Response:
    row = domains.find(session, frame.tenant(tenant_id).id, host)
    domains.remove(session, gateways, row, actor=str(actor))
    return back_to(f"/portal/t/{tenant_id}/domain")


def _page(frame: Frame, gateways: Gateways, tenant_id: str, *, typed: str = "", error: str = "") -> Response:
    tenant = frame.tenant(tenant_id)
    with gateways.db.transaction() as session:
        own, sending = domains.of_tenant(session, tenant.id), mail.all_of(session, tenant.id)
    target = domains.target(gateways, tenant)
    found = [
        (row, doctor.compare(gateways, doctor.of_host(row)), apex.advise(gateways, row.host, target)) for row in own
    ]
    posts = [(row, doctor.compare(gateways, doctor.of_mail(row))) for row in sending]
    allowed = bool(tenant.spec.get("features", {}).get("own_domain"))
    return frame.page(
        "domain", "domain", tenant=tenant, domains=found, posts=posts, allowed=allowed,
        now=gateways.now(), typed=typed, error=error, status=422 if error else 200,
    )  # fmt: skip
