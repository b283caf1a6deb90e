"""The portal: is everything all right, what is to do next, and what belongs to whom."""

from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

from fastapi import Form, Response
from sqlmodel import Session, col, select

from controlplane.api import customers, referrals
from controlplane.api.access import requires
from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.billing import changes, privacy
from controlplane.billing.catalog import catalog
from controlplane.billing.ledger import Invoice, Subscription
from controlplane.billing.models import Consent, Order
from controlplane.billing.privacy_models import Erasure
from controlplane.domains import service as domains
from controlplane.domains.models import Domain
from controlplane.web import legal, paths, policy
from controlplane.web.portal.frame import FrameDep, back_to
from controlplane.web.routing import Pages
from tenants import service as tenants
from tenants.conditions import Concern, Who, status
from tenants.lifecycle import State
from tenants.models import Condition, History, Tenant

router = Pages(group="own.read")
ORDER = (Concern.BILLING, Concern.CLOUD, Concern.DOMAIN, Concern.EMAIL, Concern.SITE)


class Agreed(NamedTuple):
    row: Consent
    link: str  # to the text in the version that was agreed to


@router.get("/portal")
def home(frame: FrameDep) -> Response:
    found = frame.memberships
    if len(found) == 1:
        return back_to(f"/portal/t/{found[0].tenant.id}")
    return frame.page("home", "home", rows=[one.tenant for one in found])


@router.get("/portal/t/{tenant_id}")
def overview(tenant_id: str, frame: FrameDep, session: SessionDep, gateways: GatewaysDep) -> Response:
    tenant = frame.tenant(tenant_id)
    found = tenants.conditions(session, tenant.id)
    findings = {concern: row.finding for concern, row in found.items()}
    own = domains.of_tenant(session, tenant.id)
    return frame.page("overview", "overview", tenant=tenant, standing=status(State(tenant.state), findings),
                      conditions=[(one, found.get(one)) for one in ORDER if one in found],
                      latest=_latest(session, tenant), next_thing=_next(tenant, found, own),
                      watch=_watch(session, tenant, frame.customer.locale),
                      studio=gateways.edge.address(f"app.{gateways.settings.cloudflare.portal_zone}"))  # fmt: skip


@router.get("/portal/t/{tenant_id}/billing")
def billing(tenant_id: str, frame: FrameDep, session: SessionDep, gateways: GatewaysDep) -> Response:
    tenant = frame.tenant(tenant_id)
    order = session.get(Order, tenant.order_id)
    origins = policy.payment_origins(gateways.settings)
    money = _money(session, tenant, order)
    return frame.page("billing", "billing", tenant=tenant, order=order, forms_to=origins, **money)


@router.get("/portal/billing")
def back_from_stripe(frame: FrameDep) -> Response:
    """Where Stripe's own page leads back to: the one platform's payments, or the choice."""
    only = frame.memberships[0].tenant.id if len(frame.memberships) == 1 else ""
    return back_to(f"/portal/t/{only}/billing" if only else "/portal")


@router.post("/portal/t/{tenant_id}/billing/page", dependencies=[requires("own.money")])
def open_billing_page(tenant_id: str, frame: FrameDep, gateways: GatewaysDep, actor: ActorDep) -> Response:
    """Card, address and invoices, at Stripe."""
    return back_to(changes.billing_page(gateways, frame.tenant(tenant_id).order_id, actor=str(actor)))


@router.get("/portal/referrals")
def recommend(frame: FrameDep, session: SessionDep, gateways: GatewaysDep) -> Response:
    return frame.page("referrals", "referrals", own=referrals.own(frame.customer.id, session, gateways))


@router.get("/portal/data")
def data(frame: FrameDep, session: SessionDep) -> Response:
    query = select(Consent).where(Consent.customer_id == frame.customer.id).order_by(col(Consent.id).desc())
    asked = select(Erasure).where(Erasure.customer_id == frame.customer.id).order_by(col(Erasure.id).desc())
    agreed = _by_order(session, session.exec(query).all())
    return frame.page("data", "data", agreed=agreed, erasure=session.exec(asked).first(), error="")


@router.get("/portal/data/export", dependencies=[requires("own.people")])
def export(frame: FrameDep, gateways: GatewaysDep) -> Response:
    return customers.export(frame.customer.id, gateways)


@router.post("/portal/data/erasure", dependencies=[requires("own.people")])
def erase(
    frame: FrameDep, session: SessionDep, gateways: GatewaysDep, actor: ActorDep,
    email: Annotated[str, Form(max_length=320)] = "", step: Annotated[str, Form(pattern="^(ask|withdraw)$")] = "ask",
) -> Response:  # fmt: skip
    if step == "withdraw":
        privacy.withdraw(session, frame.customer.id, actor=str(actor))
    elif email.strip().lower() == frame.customer.email.lower():
        privacy.request(session, gateways, frame.customer.id, actor=str(actor))
    else:
        return frame.page("data", "data", agreed={}, erasure=None, error="typed", status=422)
    return back_to("/portal/data")


def _by_order(session: Session, consents: Sequence[Consent]) -> dict[str, list[Agreed]]:
    """Each with the way to the very version that applied then, as long as that text is ours."""
    names = {order.id: order.slug for order in session.exec(select(Order).where(
        col(Order.id).in_({row.order_id for row in consents})))}  # fmt: skip
    found: dict[str, list[Agreed]] = {}
    for row in consents:
        text = legal.OF_CONSENT.get(row.kind, "")
        known = bool(text) and any(one.version == row.version for one in legal.versions(text, row.language))
        link = paths.path(f"{text}.version", row.language, version=row.version) if known else ""
        found.setdefault(names.get(row.order_id, ""), []).append(Agreed(row, link))
    return found


def _next(tenant: Tenant, found: dict[Concern, Condition], own: list[Domain]) -> str:
    """At most one thing: pay, then the domain, then mail."""
    for concern in ORDER:
        row = found.get(concern)
        if row and row.who is Who.CUSTOMER:
            return str(concern)
    offered = tenant.spec.get("features", {}).get("own_domain") and not own and tenant.live_at
    return "own_domain" if offered else ""


def _latest(session: Session, tenant: Tenant) -> Sequence[History]:
    query = select(History).where(History.tenant_id == tenant.id)
    return session.exec(query.order_by(col(History.id).desc()).limit(5)).all()


def _watch(session: Session, tenant: Tenant, language: str) -> str:
    """The page that shows how it comes up, until it is there."""
    order = None if tenant.live_at else session.get(Order, tenant.order_id)
    return paths.path("order", language, token=order.token) if order else ""


def _money(session: Session, tenant: Tenant, order: Order | None) -> dict[str, Any]:
    offers = catalog().offers
    names = [offers[key] for key in (order.selection["offers"] if order else ()) if key in offers]
    subscription = session.exec(select(Subscription).where(Subscription.order_id == tenant.order_id)).first()
    query = select(Invoice).where(Invoice.order_id == tenant.order_id).order_by(col(Invoice.issued_at).desc()).limit(24)
    return {"offers": names, "subscription": subscription, "invoices": session.exec(query).all()}
