"""Changing, ending and keeping a subscription; for its customer, or an operator for them."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from controlplane.api import quotes
from controlplane.api.access import Router
from controlplane.api.deps import GatewaysDep
from controlplane.api.groups import ActorName
from controlplane.api.quotes import Key, Strict
from controlplane.billing import changes
from controlplane.billing.catalog import Interval
from controlplane.billing.models import Order

router = Router(prefix="/v1/subscriptions/{order_id}", tags=["subscriptions"], group="own.money")


class ChangeAsked(Strict):
    offers: dict[Key, Annotated[int, Field(ge=1, le=1000)]] = Field(max_length=40)
    interval: Literal["month", "year"] | None = None


class ChangeAgreed(Strict):
    quote_id: Annotated[str, StringConstraints(max_length=40)]


class CancelAsked(Strict):
    at_period_end: bool = True
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


@router.post("/quote", status_code=201)
def quote(order_id: str, body: ChangeAsked, gateways: GatewaysDep) -> dict[str, Any]:
    """What the change costs now, to the day, and from then on."""
    interval = Interval(body.interval) if body.interval else None
    found = changes.preview(gateways, order_id, body.offers, interval)
    return {**quotes.shown(found.quote), "due_now": found.due_now, "tax_now": found.tax}


@router.post("/change")
def change(order_id: str, body: ChangeAgreed, gateways: GatewaysDep, actor: ActorName) -> dict[str, Any]:
    return _shown(changes.apply(gateways, order_id, body.quote_id, actor=actor))


@router.post("/cancel")
def cancel(order_id: str, body: CancelAsked, gateways: GatewaysDep, actor: ActorName) -> dict[str, Any]:
    order = changes.cancel(gateways, order_id, at_period_end=body.at_period_end, actor=actor, reason=body.reason)
    return _shown(order)


@router.post("/keep")
def keep(order_id: str, gateways: GatewaysDep, actor: ActorName) -> dict[str, Any]:
    return _shown(changes.keep(gateways, order_id, actor=actor))


@router.post("/billing-page", status_code=201)
def billing_page(order_id: str, gateways: GatewaysDep, actor: ActorName) -> dict[str, str]:
    """Stripe's page for cards and invoices. The address is good for minutes: fetch it when it is opened."""
    return {"url": changes.billing_page(gateways, order_id, actor=actor)}


@router.post("/refresh")
def refresh(order_id: str, gateways: GatewaysDep) -> dict[str, Any]:
    """After a visit to Stripe's own pages."""
    return _shown(changes.read_again(gateways, order_id))


def _shown(order: Order) -> dict[str, Any]:
    return order.model_dump(include={"id", "state", "selection", "ended_at", "tenant_id"})
