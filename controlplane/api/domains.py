"""Domains of a tenant over REST: claim, look again, remove; and the doctor."""

from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from controlplane.api.access import Router, requires
from controlplane.api.deps import GatewaysDep, SessionDep
from controlplane.api.groups import ActorName
from controlplane.api.tenants import TenantId, find
from controlplane.domains import apex, doctor, mail, view
from controlplane.domains import service as domains
from controlplane.domains.models import Domain, MailDomain, Transport
from controlplane.gateways import Gateways
from controlplane.publishing.service import subdomain
from tenants.models import Tenant

router = Router(prefix="/v1/tenants/{tenant_id}/domains", tags=["domains"], group="own.read")
Host = Annotated[str, Path(max_length=253)]


class Claim(BaseModel):
    model_config = ConfigDict(extra="forbid")

    host: Annotated[str, Field(min_length=3, max_length=253)]


@router.get("")
def list_domains(tenant_id: TenantId, gateways: GatewaysDep) -> dict[str, Any]:
    """Web and mail: what is required beside what the authoritative servers say, with the line to add."""
    tenant, own, sending = _read(gateways, tenant_id)
    hosts = [_doctored(gateways, tenant, row) for row in own]
    name = view.own_name(subdomain(gateways, tenant), live=tenant.live_at is not None)
    post = {row.transport: {**view.sending(row), "records": _looked(gateways, doctor.of_mail(row))} for row in sending}
    return {"own_name": name, "hosts": hosts, "mail": post.get(Transport.RESEND), "own_mail": post.get(Transport.SES)}


@router.post("", status_code=201, dependencies=[requires("own.write")])
def claim(
    tenant_id: TenantId, body: Claim, session: SessionDep, gateways: GatewaysDep, actor: ActorName
) -> dict[str, Any]:
    return view.host(domains.claim(session, gateways, find(session, tenant_id), body.host, actor=actor))


@router.post("/mail/check", status_code=202, dependencies=[requires("own.recheck")])
def check_mail(tenant_id: TenantId, session: SessionDep, gateways: GatewaysDep) -> dict[str, Any]:
    row = mail.require(session, find(session, tenant_id).id)
    for each in mail.all_of(session, tenant_id):
        mail.look_again(session, gateways, each)
    return view.sending(row)


@router.post("/{host}/check", status_code=202, dependencies=[requires("own.recheck")])
def check(tenant_id: TenantId, host: Host, session: SessionDep, gateways: GatewaysDep) -> dict[str, Any]:
    """Now, instead of at the next due time."""
    row = domains.find(session, find(session, tenant_id).id, host)
    domains.look_again(session, gateways, row)
    return view.host(row)


@router.delete("/{host}", status_code=202, dependencies=[requires("own.remove")])
def remove(
    tenant_id: TenantId, host: Host, session: SessionDep, gateways: GatewaysDep, actor: ActorName
) -> dict[str, Any]:
    row = domains.find(session, find(session, tenant_id).id, host)
    domains.remove(session, gateways, row, actor=actor)
    return view.host(row)


def _read(gateways: Gateways, tenant_id: str) -> tuple[Tenant, list[Domain], list[MailDomain]]:
    """In a transaction of its own: strangers' name servers are asked when it is over."""
    with gateways.db.transaction() as session:
        tenant = find(session, tenant_id)
        return tenant, domains.of_tenant(session, tenant.id), mail.all_of(session, tenant.id)


def _doctored(gateways: Gateways, tenant: Tenant, row: Domain) -> dict[str, Any]:
    advice = apex.advise(gateways, row.host, domains.target(gateways, tenant))
    looked = {"records": _looked(gateways, doctor.of_host(row)), "advice": advice.shown() if advice else None}
    return {**view.host(row), **looked}


def _looked(gateways: Gateways, wanted: list[doctor.Required]) -> list[dict[str, Any]]:
    return view.compared(doctor.compare(gateways, wanted))
