"""Another plan, more or fewer modules: chosen, priced by Stripe to the day, then changed with one button."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Form, Request, Response

from controlplane.api.access import requires
from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.billing import changes, mirror
from controlplane.billing.catalog import Interval, Offer, catalog
from controlplane.billing.models import Order
from controlplane.core.errors import Conflict, Gone, Invalid, NotFound
from controlplane.web.language import Language
from controlplane.web.portal.frame import Frame, FrameDep, back_to
from controlplane.web.routing import Pages
from controlplane.web.storefront import choice as choices
from controlplane.web.storefront import shelf
from controlplane.web.storefront.choice import Choice
from tenants.models import Tenant

router = Pages(group="own.read")
PAGE = "/portal/t/{tenant_id}/plan"
MONEY = [requires("own.money")]


@router.get(PAGE)
def choose(tenant_id: str, frame: FrameDep, session: SessionDep) -> Response:
    tenant = frame.tenant(tenant_id)
    order = _order(session, tenant)
    subscription = mirror.subscription_of(session, order.id)
    if subscription is None:
        raise NotFound("There is no subscription to change.")
    return _page(frame, tenant, order, _present(order))


@router.post(PAGE, dependencies=MONEY)
async def price(tenant_id: str, request: Request, frame: FrameDep, gateways: GatewaysDep) -> Response:
    """Nothing is changed yet: what would be due now, what each period costs, what comes along."""
    form = await request.form()
    tenant = frame.tenant(tenant_id)
    with gateways.db.transaction() as session:
        order = _order(session, tenant)
    wanted = choices.read(tenant.product, form)
    try:
        found = changes.preview(gateways, order.id, wanted.offers, wanted.interval)
    except (Conflict, Invalid) as error:
        return _page(frame, tenant, order, wanted, error=error.problem_code)
    return _page(frame, tenant, order, wanted, found=found)


@router.post(f"{PAGE}/apply", dependencies=MONEY)
def apply(
    tenant_id: str, frame: FrameDep, session: SessionDep, gateways: GatewaysDep, actor: ActorDep,
    quote_id: Annotated[str, Form(max_length=40)] = "",
) -> Response:  # fmt: skip
    tenant = frame.tenant(tenant_id)
    order = _order(session, tenant)
    try:
        changes.apply(gateways, order.id, quote_id, actor=str(actor))
    except (Conflict, Invalid, Gone, NotFound) as error:
        return _page(frame, tenant, order, _present(order), error=error.problem_code)
    return back_to(f"/portal/t/{tenant_id}/billing")


def _order(session: SessionDep, tenant: Tenant) -> Order:
    order = session.get(Order, tenant.order_id)
    if order is None:
        raise NotFound("There is no order behind this platform.")
    return order


def _present(order: Order) -> Choice:
    chosen = {key: number for key, number in order.selection["offers"].items() if key in catalog().offers}
    base = next(key for key in chosen if catalog().offer(key).is_base)
    extras = {key: number for key, number in chosen.items() if key != base and not catalog().offer(key).core}
    return Choice(order.product, base, extras, Interval(order.selection["interval"]))


def _page(
    frame: Frame, tenant: Tenant, order: Order, choice: Choice, *, error: str = "", found: changes.Preview | None = None
) -> Response:
    language = Language(frame.customer.locale)
    before, after = _present(order).offers, found.quote.selection["offers"] if found else {}
    return frame.page(
        "billing", "plan", tenant=tenant, choice=choice, bases=shelf.bases(tenant.product, language),
        groups=[(name, _changeable(rows)) for name, rows in shelf.groups(tenant.product, language)], found=found,
        comes=_names(after, before, language) if found else [], goes=_names(before, after, language) if found else [],
        error=error, status=422 if error else 200,
    )  # fmt: skip


def _changeable(rows: list[shelf.Shown]) -> list[shelf.Shown]:
    return [row for row in rows if not row.offer.core and row.once is None]


def _names(these: Mapping[str, Any], without: Mapping[str, Any], language: Language) -> list[str]:
    known: Mapping[str, Offer] = catalog().offers
    return shelf.names([key for key in these if key not in without and key in known and not known[key].core], language)
