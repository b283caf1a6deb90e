"""Questions about money that wait for a person."""

from typing import Annotated, Any

from pydantic import StringConstraints
from sqlmodel import col, select

from controlplane.api.access import Router, requires
from controlplane.api.deps import GatewaysDep, SessionDep
from controlplane.api.groups import ActorName
from controlplane.api.inbox import Reason
from controlplane.api.quotes import Strict
from controlplane.billing import decisions
from controlplane.billing.ledger import Reconciliation

router = Router(prefix="/v1", tags=["decisions"], group="tenants.read")


class Chosen(Strict):
    choice: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
    reason: Reason


@router.get("/decisions")
def open_decisions(session: SessionDep) -> dict[str, Any]:
    return {"decisions": [row.model_dump() for row in decisions.open_ones(session)]}


@router.post("/decisions/{decision_id}", dependencies=[requires("money.decide")])
def choose(
    decision_id: str, body: Chosen, session: SessionDep, gateways: GatewaysDep, actor: ActorName
) -> dict[str, Any]:
    row = decisions.choose(session, gateways, decision_id, choice=body.choice, actor=actor, reason=body.reason)
    return row.model_dump()


@router.get("/reconciliations")
def reconciliations(session: SessionDep) -> dict[str, Any]:
    query = select(Reconciliation).order_by(col(Reconciliation.id).desc()).limit(30)
    return {"reconciliations": [row.model_dump() for row in session.exec(query).all()]}
