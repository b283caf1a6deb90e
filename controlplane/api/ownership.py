"""Whose it is. What belongs to somebody else does not exist: 404, never 403."""

from collections.abc import Mapping

from sqlmodel import Session

from controlplane.billing.models import Order
from controlplane.core.errors import Forbidden, NotFound
from controlplane.gateways import Gateways
from controlplane.identity import members
from controlplane.identity.actor import Actor, ActorKind
from controlplane.identity.policy import RULES


def check(gateways: Gateways, actor: Actor, group: str, path_params: Mapping[str, str]) -> None:
    if actor.customer_id is None:
        return  # an operator who sees only some things: the route itself filters
    with gateways.db.transaction() as session:
        if "customer_id" in path_params and path_params["customer_id"] != actor.customer_id:
            raise NotFound()
        if "order_id" in path_params:
            _require_order(session, actor, path_params["order_id"])
        if "tenant_id" in path_params:
            _require_tenant(session, actor, group, path_params["tenant_id"])


def _require_order(session: Session, actor: Actor, order_id: str) -> None:
    order = session.get(Order, order_id)
    if order is None or order.customer_id != actor.customer_id:
        raise NotFound()


def _require_tenant(session: Session, actor: Actor, group: str, tenant_id: str) -> None:
    assert actor.customer_id
    role = members.role_in(session, actor.customer_id, tenant_id)
    if role is None or (actor.kind is ActorKind.EDGE and actor.tenant_id != tenant_id):
        raise NotFound()
    if RULES[group].marks[role] == "–":
        raise Forbidden(f"A {role} may not do this here.", code="role")
