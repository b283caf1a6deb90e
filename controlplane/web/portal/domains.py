"""The domain doctor: what the customer's DNS must say, what it says, and the exact line that is missing."""

from typing import Annotated, Any

from fastapi import Form, Response

from controlplane.api.access import requires
from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.core.errors import Conflict, Invalid
from controlplane.domains import apex, doctor, mail
from controlplane.domains import service as domains
from controlplane.domains.models import Domain, HostState
from controlplane.gateways import Gateways
from controlplane.web.portal import providers
from controlplane.web.portal.frame import Frame, FrameDep, back_to
from controlplane.web.routing import Pages
from controlplane.web.shell import wants_fragment
from tenants.models import Tenant

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


def _examined(gateways: Gateways, tenant: Tenant, row: Domain) -> dict[str, Any]:
    """For one that is not there yet also what a bare name can have, and where one clicks at its provider."""
    records = doctor.compare(gateways, doctor.of_host(row))
    found = {"row": row, "records": records, "provider": "", "apex": None}
    if row.state is HostState.LIVE or all(one.seen is None for one in records):
        return found  # whose servers do not answer is not asked once more
    bare = apex.advise(gateways, row.host, domains.target(gateways, tenant))
    owner = bare.provider if bare else apex.provider_of(gateways, row.host)
    return {**found, "apex": bare, "provider": providers.known(owner)}


def _page(frame: Frame, gateways: Gateways, tenant_id: str, *, typed: str = "", error: str = "") -> Response:
    tenant = frame.tenant(tenant_id)
    with gateways.db.transaction() as session:
        own, sending = domains.of_tenant(session, tenant.id), mail.all_of(session, tenant.id)
    found = [_examined(gateways, tenant, row) for row in own]
    posts = [(row, doctor.compare(gateways, doctor.of_mail(row))) for row in sending]
    allowed = bool(tenant.spec.get("features", {}).get("own_domain"))
    waits = any(row.state is not HostState.LIVE for row in own)
    values: dict[str, Any] = {"tenant": tenant, "domains": found, "posts": posts, "allowed": allowed, "waits": waits,
              "now": gateways.now(), "typed": typed, "error": error}  # fmt: skip
    if wants_fragment(frame.request):
        return frame.part("domain", "doctor", **values)
    return frame.page("domain", "domain", status=422 if error else 200, **values)
