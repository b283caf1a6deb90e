"""Questions about money that wait for a person, and carrying out what the person chose."""

from datetime import timedelta
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from controlplane.audit.service import record
from controlplane.billing.ledger import Decision, DecisionState
from controlplane.billing.models import Order
from controlplane.core.errors import Conflict, Invalid, NotFound
from controlplane.core.ids import new_id
from controlplane.core.queue import Wakeup
from controlplane.gateways import Gateways

CARRY_OUT = "decision.carry_out"


def ask(
    session: Session,
    order: Order,
    *,
    kind: str,
    about: str,
    question: str,
    choices: tuple[str, ...],
    amount: int = 0,
    facts: dict[str, Any] | None = None,
) -> bool:
    """Once for each kind and object; True when it is new."""
    statement = (
        insert(Decision)
        .values(
            id=new_id(),
            dedup=f"{kind}:{about}",
            kind=kind,
            order_id=order.id,
            tenant_id=order.tenant_id or "",
            question=question,
            facts=facts or {},
            choices=list(choices),
            amount=amount,
            currency=order.currency,
            state=DecisionState.OPEN,
            choice="",
            chosen_by="",
            reason="",
            result={},
            error="",
        )
        .on_conflict_do_nothing(index_elements=["dedup"])
        .returning(col(Decision.id))
    )
    return session.execute(statement).first() is not None


def choose(
    session: Session, gateways: Gateways, decision_id: str, *, choice: str, actor: str, reason: str = ""
) -> Decision:
    row = session.exec(select(Decision).where(Decision.id == decision_id).with_for_update()).first()
    if row is None:
        raise NotFound("There is no such decision.")
    if row.state != DecisionState.OPEN:
        raise Conflict(f"It was decided already: {row.choice}.", code="decided", choice=row.choice)
    if choice not in row.choices:
        raise Invalid("That is not one of the choices.", code="choice", choices=row.choices)
    row.state, row.choice, row.chosen_by, row.reason = DecisionState.CHOSEN, choice, actor, reason
    row.chosen_at = row.next_attempt_at = gateways.now()
    session.add(row)
    record(
        session,
        actor=actor,
        action=f"decision.{row.kind}.{choice}",
        object_type="decision",
        object_id=row.id,
        stream="money",
        tenant_id=row.tenant_id,
        reason=reason,
    )
    gateways.queue.defer(session, Wakeup(CARRY_OUT, row.id))
    return row


def open_ones(session: Session, *, limit: int = 100) -> list[Decision]:
    query = select(Decision).where(Decision.state != DecisionState.DONE).order_by(col(Decision.id))
    return list(session.exec(query.limit(limit)).all())


def is_open(session: Session, order_id: str, kinds: tuple[str, ...]) -> bool:
    query = select(Decision.id).where(Decision.order_id == order_id, Decision.state == DecisionState.OPEN)
    return session.exec(query.where(col(Decision.kind).in_(kinds))).first() is not None


def due(gateways: Gateways) -> list[Wakeup]:
    query = select(Decision.id).where(
        Decision.state == DecisionState.CHOSEN, col(Decision.next_attempt_at) <= gateways.now()
    )
    with gateways.db.transaction() as session:
        return [Wakeup(CARRY_OUT, found) for found in session.exec(query.limit(50)).all()]


def failed(gateways: Gateways, decision_id: str, error: Exception) -> None:
    with gateways.db.transaction() as session:
        row = session.get(Decision, decision_id)
        if row and row.state == DecisionState.CHOSEN:
            row.error, row.next_attempt_at = str(error)[:500], gateways.now() + timedelta(minutes=5)
            session.add(row)


def of(session: Session, *, kind: str, about: str) -> Decision:
    return session.exec(select(Decision).where(Decision.dedup == f"{kind}:{about}")).one()
