"""What the studio may ask, as the person who is signed in there. The tenant comes from the assertion alone."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Depends, Path
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from controlplane.api.access import Router, requires
from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.billing import team
from controlplane.billing.models import Customer
from controlplane.core.errors import Forbidden, Invalid
from controlplane.domains import doctor, mail, view
from controlplane.domains import service as domains
from controlplane.gateways import Gateways
from controlplane.identity.actor import ActorKind
from controlplane.provisioning import hostnames, mailproof
from controlplane.publishing import exports
from controlplane.publishing.models import SiteExport
from controlplane.publishing.service import subdomain
from tenants.models import Tenant

router = Router(prefix="/edge/v1", tags=["studio"], group="own.read")
Host = Annotated[str, Path(max_length=253)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ProfileChange(Strict):
    name: Annotated[str | None, Field(max_length=200)] = None
    locale: Literal["de", "en"] | None = None


class Invitation(Strict):
    email: Annotated[str, Field(max_length=254, pattern=team.ADDRESS)]
    role: Literal["reader", "editor", "owner"]


class HostAsked(Strict):
    host: Annotated[str, Field(max_length=253)]


class Recipients(Strict):
    to: Annotated[list[Annotated[str, Field(max_length=254, pattern=team.ADDRESS)]], Field(max_length=5)]


@dataclass(frozen=True)
class Visit:
    session: Session
    actor: str
    customer: Customer
    tenant: Tenant


def _visit(session: SessionDep, actor: ActorDep) -> Visit:
    if actor.kind is not ActorKind.EDGE:
        raise Forbidden("Only the studio asks here.", code="role")
    tenant, customer = session.get_one(Tenant, actor.tenant_id), session.get_one(Customer, actor.id)
    return Visit(session, str(actor), customer, tenant)


VisitDep = Annotated[Visit, Depends(_visit)]


@router.get("/profile")
def profile(visit: VisitDep) -> dict[str, Any]:
    return visit.customer.model_dump(include={"id", "email", "name", "locale"})


@router.patch("/profile", dependencies=[requires("own.profile")])
def change_profile(body: ProfileChange, visit: VisitDep) -> dict[str, Any]:
    for name, value in body.model_dump(exclude_none=True).items():
        setattr(visit.customer, name, value.strip())
    visit.session.add(visit.customer)
    return profile(visit)


@router.get("/members")
def members(visit: VisitDep) -> dict[str, Any]:
    return {"members": [_person(one) for one in team.of_tenant(visit.session, visit.tenant)]}


@router.post("/members", status_code=201, dependencies=[requires("own.people")])
def invite(body: Invitation, visit: VisitDep, gateways: GatewaysDep) -> dict[str, Any]:
    return _person(team.invite(visit.session, gateways, visit.tenant, body.email, body.role, actor=visit.actor))


@router.delete("/members/{person_id}", status_code=204, dependencies=[requires("own.people")])
def show_out(person_id: Annotated[str, Path(max_length=64)], visit: VisitDep, gateways: GatewaysDep) -> None:
    team.remove(visit.session, gateways, visit.tenant, person_id, actor=visit.actor)


@router.get("/hosts")
def hosts(visit: VisitDep, gateways: GatewaysDep) -> dict[str, Any]:
    tenant = visit.tenant
    name = view.own_name(subdomain(gateways, tenant), live=tenant.live_at is not None)
    return {"hosts": [name, *(view.host(row) for row in domains.of_tenant(visit.session, tenant.id))]}


@router.post("/hosts", status_code=201, dependencies=[requires("own.write")])
def claim(body: HostAsked, visit: VisitDep, gateways: GatewaysDep) -> dict[str, Any]:
    return view.host(domains.claim(visit.session, gateways, visit.tenant, body.host, actor=visit.actor))


@router.post("/hosts/{host}/recheck", status_code=202, dependencies=[requires("own.recheck")])
def recheck(host: Host, visit: VisitDep, gateways: GatewaysDep) -> dict[str, Any]:
    row = domains.find(visit.session, visit.tenant.id, host)
    domains.look_again(visit.session, gateways, row)
    return view.host(row)


@router.post("/hosts/{host}/primary", status_code=202, dependencies=[requires("own.write")])
def make_primary(host: Host, visit: VisitDep, gateways: GatewaysDep) -> dict[str, Any]:
    row = domains.find(visit.session, visit.tenant.id, host)
    hostnames.make_primary(visit.session, gateways, visit.tenant, row, actor=visit.actor)
    return view.host(row)


@router.delete("/hosts/{host}", status_code=202, dependencies=[requires("own.remove")])
def remove(host: Host, visit: VisitDep, gateways: GatewaysDep) -> dict[str, Any]:
    row = domains.find(visit.session, visit.tenant.id, host)
    domains.remove(visit.session, gateways, row, actor=visit.actor)
    return view.host(row)


@router.get("/mail")
def sending(visit: VisitDep) -> dict[str, Any]:
    row = mail.of_tenant(visit.session, visit.tenant.id)
    records = [{"type": one.type, "name": one.name, "value": one.value} for one in doctor.of_mail(row)] if row else []
    return {"mail": {**(view.sending(row) or {}), "records": records} if row else None}


@router.post("/mail/recheck", status_code=202, dependencies=[requires("own.recheck")])
def recheck_mail(visit: VisitDep, gateways: GatewaysDep) -> dict[str, Any]:
    row = mail.require(visit.session, visit.tenant.id)
    mail.look_again(visit.session, gateways, row)
    return {"mail": view.sending(row)}


@router.get("/forms/recipients")
def recipients(visit: VisitDep) -> dict[str, Any]:
    return {"to": mailproof.recipients(visit.tenant)}


@router.put("/forms/recipients", dependencies=[requires("own.write")])
def change_recipients(body: Recipients, visit: VisitDep, gateways: GatewaysDep) -> dict[str, Any]:
    """Only people of the team: their address is proved by signing in, so no stranger is ever written to."""
    known = {one.email.lower() for one in team.of_tenant(visit.session, visit.tenant)}
    known.add(str(visit.tenant.spec.get("owner_email", "")).lower())
    strangers = [one for one in body.to if one.lower() not in known]
    if strangers:
        raise Invalid("Let these people into the team first.", code="recipient_unknown", recipients=strangers)
    mailproof.change_recipients(visit.session, gateways, visit.tenant, body.to, actor=visit.actor)
    return recipients(visit)


@router.get("/exports", dependencies=[requires("own.exports")])
def list_exports(visit: VisitDep, gateways: GatewaysDep) -> dict[str, Any]:
    rows = exports.of_tenant(visit.session, visit.tenant.id)
    return {"exports": [_export(gateways, row) for row in rows]}


@router.post("/exports", status_code=202, dependencies=[requires("own.exports")])
def ask_export(visit: VisitDep, gateways: GatewaysDep) -> dict[str, Any]:
    return _export(gateways, exports.ask(visit.session, gateways, visit.tenant, actor=visit.actor))


def _person(one: team.Person) -> dict[str, Any]:
    return {"id": one.id, "email": one.email, "name": one.name, "role": one.role, "buyer": one.is_buyer}


def _export(gateways: Gateways, row: SiteExport) -> dict[str, Any]:
    address = f"{gateways.settings.public_url}/portal/t/{row.tenant_id}/exports/{row.id}"
    ready = row.state == "ready"
    return {
        "id": row.id,
        "created_at": row.created_at,
        "state": row.state,
        "bytes": row.bytes if ready else None,
        "url": address if ready else None,
    }
