"""Requests that wait for a second person."""

from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, ConfigDict

from controlplane.api.access import Router, requires
from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.api.reasons import Reason
from controlplane.identity import acts

router = Router(prefix="/v1/acts", tags=["acts"], group="tenants.read")


class Agreement(BaseModel):
    model_config = ConfigDict(extra="forbid")

    agree: bool
    reason: Reason


@router.get("")
def list_acts(session: SessionDep, gateways: GatewaysDep) -> dict[str, Any]:
    return {"acts": [acts.shown(row) for row in acts.waiting(session, gateways)]}


@router.post("/{act_id}", dependencies=[requires("acts.decide")])
def decide_act(
    act_id: Annotated[str, Path(max_length=40)],
    body: Agreement,
    session: SessionDep,
    gateways: GatewaysDep,
    actor: ActorDep,
) -> dict[str, Any]:
    """Whoever asked cannot agree. Afterwards they send the same request again."""
    row = acts.decide(
        session, gateways, act_id, by=str(actor), role=min(actor.roles), agree=body.agree, reason=body.reason
    )
    return acts.shown(row)
