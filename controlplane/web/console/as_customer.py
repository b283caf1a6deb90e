"""The portal as one customer sees it: asked for with a reason, for a quarter of an hour, to look and not to touch."""

from collections.abc import Callable
from datetime import datetime, timedelta

from fastapi import Request, Response
from sqlalchemy import func
from sqlmodel import Session, col, select

from controlplane.api.access import requires
from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.audit.models import AuditEntry
from controlplane.audit.service import record
from controlplane.billing.models import Customer
from controlplane.core.errors import NotFound
from controlplane.gateways import Gateways
from controlplane.identity import members
from controlplane.web.console.asking import Reason
from controlplane.web.console.frame import back_to
from controlplane.web.portal import domains, keys, leaving, modules, pages, site, team
from controlplane.web.portal.frame import Frame
from controlplane.web.routing import Pages

router = Pages(group="tenants.read")
HOME = "/console/customers/{customer_id}/view"
LOOKED = "customer.viewed"
LIFE = timedelta(minutes=15)
OF_TENANT: dict[str, Callable[[str, Frame, Session, Gateways], Response]] = {
    "": pages.overview,
    "billing": pages.billing,
    "modules": modules.show,
    "domain": lambda tenant_id, frame, _session, gateways: domains.show(tenant_id, frame, gateways),
    "credentials": lambda tenant_id, frame, _session, gateways: keys.show(tenant_id, frame, gateways),
    "releases": lambda tenant_id, frame, _session, gateways: site.show(tenant_id, frame, gateways),
    "team": lambda tenant_id, frame, session, _gateways: team.show(tenant_id, frame, session),
    "cancel": leaving.show,
}
OF_PERSON: dict[str, Callable[[Frame, Session, Gateways], Response]] = {
    "": lambda frame, _session, _gateways: pages.home(frame),
    "referrals": pages.recommend,
    "data": lambda frame, session, _gateways: pages.data(frame, session),
}


@router.post(HOME, dependencies=[requires("tenants.act")])
def begin(customer_id: str, session: SessionDep, actor: ActorDep, reason: Reason) -> Response:
    customer = _living(session, customer_id)
    record(session, actor=str(actor), action=LOOKED, object_type="customer", object_id=customer.id,
           stream="identity", customer_id=customer.id, on_behalf=f"customer:{customer.id}", reason=reason)  # fmt: skip
    return back_to(f"/console/customers/{customer.id}/view/portal")


@router.get(f"{HOME}/portal", dependencies=[requires("tenants.act")])
@router.get(f"{HOME}/portal/{{place:path}}", dependencies=[requires("tenants.act")])
def look(
    customer_id: str, request: Request, session: SessionDep, gateways: GatewaysDep, actor: ActorDep, place: str = ""
) -> Response:
    customer = _living(session, customer_id)
    until = _until(session, customer.id, str(actor))
    if until is None:
        return back_to(f"/console/customers/{customer.id}")
    frame = Frame(request, customer, tuple(members.of_customer(session, customer.id)), seen_until=until)
    return _kept_within(_page(frame, session, gateways, place), f"/console/customers/{customer.id}/view")


def _page(frame: Frame, session: Session, gateways: Gateways, place: str) -> Response:
    first, _slash, rest = place.partition("/")
    tenant_id, _slash, part = rest.partition("/")
    if first == "t" and part in OF_TENANT:
        return OF_TENANT[part](tenant_id, frame, session, gateways)
    if place in OF_PERSON:
        return OF_PERSON[place](frame, session, gateways)
    raise NotFound("This page is not shown to others.")


def _kept_within(answer: Response, home: str) -> Response:
    """Links of the portal lead on within what is looked at."""
    if location := answer.headers.get("location"):
        answer.headers["location"] = f"{home}{location}"
    text = bytes(answer.body).replace(b'href="/portal', f'href="{home}/portal'.encode())
    answer.body, answer.headers["content-length"] = text, str(len(text))
    return answer


def _until(session: Session, customer_id: str, actor: str) -> datetime | None:
    """The entry of the trail is the permission: nobody looks without one."""
    query = select(func.max(AuditEntry.created_at)).where(
        AuditEntry.action == LOOKED, AuditEntry.object_id == customer_id, AuditEntry.actor == actor,
        col(AuditEntry.created_at) > func.now() - LIFE,
    )  # fmt: skip
    newest = session.exec(query).one()
    return newest + LIFE if newest else None


def _living(session: Session, customer_id: str) -> Customer:
    customer = session.get(Customer, customer_id)
    if customer is None or customer.erased_at:
        raise NotFound("There is no such customer.")
    return customer
