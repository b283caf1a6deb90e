"""Where an operation stops, who looks into it, and at which step it goes on: when a person says so."""

from collections.abc import Iterator

from sqlmodel import Session, col, select

from controlplane.core.errors import Conflict, NotFound
from controlplane.gateways import Gateways
from controlplane.provisioning import actions, outcome
from controlplane.provisioning.models import OPEN, Operation, OperationEvent, Phase, Step
from controlplane.provisioning.plans import known_steps
from tenants.models import Tenant

RESTING = (Phase.PARKED, Phase.WAITING)
PIECE = 1_000
SKIPPED = "skipped_by"


def park(session: Session, gateways: Gateways, operation_id: str, *, actor: str, reason: str) -> Operation:
    """Nobody goes on with it until a person says so."""
    operation = actions.locked(session, operation_id)
    if operation.phase is not Phase.WAITING:
        raise Conflict(f"It is {operation.phase}: only what waits can be parked.", next_step="Cancel it instead.")
    operation.phase, operation.next_attempt_at = Phase.PARKED, None
    operation.error_class, operation.error = "parked_by_hand", reason
    operation.who, operation.next_action, operation.held_by = "operator", "retry", actor
    session.add(operation)
    outcome.show(session, gateways, operation)
    actions.note(session, operation, "operation.parked", actor, reason=reason)
    return operation


def take(session: Session, operation_id: str, *, actor: str) -> Operation:
    """Whoever looks into it says so: nobody else needs to. Somebody else may still take it over."""
    operation = actions.locked(session, operation_id)
    if operation.phase not in OPEN:
        raise Conflict(f"It is {operation.phase}: there is nothing to look into.")
    operation.held_by = actor
    session.add(operation)
    actions.note(session, operation, "operation.taken", actor)
    return operation


def steps(session: Session, operation: Operation) -> list[str]:
    tenant = session.get_one(Tenant, operation.tenant_id)
    return [plan.name for plan in known_steps(tenant.product, operation.kind, operation.wanted)]


def go_on_at(
    session: Session, gateways: Gateways, operation_id: str, step: str, *, actor: str, reason: str
) -> Operation:
    """What comes before is left out, if it is not done; the step itself and what follows is done, again if need be."""
    operation = actions.locked(session, operation_id)
    names = steps(session, operation)
    if step not in names:
        raise NotFound("This operation has no such step.")
    if operation.phase not in RESTING:
        raise Conflict(f"It is {operation.phase}: only what waits or is parked can go on elsewhere.")
    for position, name in enumerate(names):
        _set(session, gateways, operation, position, name, skips=position < names.index(step), actor=actor)
    actions.go_on(session, gateways, operation)
    actions.note(session, operation, "operation.moved", actor, reason=f"{step}: {reason}")
    return operation


def _set(
    session: Session, gateways: Gateways, operation: Operation, position: int, name: str, *, skips: bool, actor: str
) -> None:
    row = session.exec(select(Step).where(Step.operation_id == operation.id, Step.name == name)).first()
    if skips and (row is None or row.finished_at is None):
        row = row or Step(operation_id=operation.id, position=position, name=name)
        row.finished_at, row.result, row.error = gateways.now(), {SKIPPED: actor}, ""
        session.add(row)
    elif row and not skips:
        row.finished_at, row.result = None, None
        session.add(row)


def log(gateways: Gateways, operation_id: str) -> Iterator[str]:
    """All that was said while it was done, line by line; nothing is held while a slow reader takes it."""
    after = -1
    while rows := _lines(gateways, operation_id, after):
        yield "".join(_line(row) for row in rows)
        after = rows[-1].sequence


def _lines(gateways: Gateways, operation_id: str, after: int) -> list[OperationEvent]:
    query = select(OperationEvent).where(OperationEvent.operation_id == operation_id, OperationEvent.sequence > after)
    with gateways.db.looking() as session:
        return list(session.exec(query.order_by(col(OperationEvent.sequence)).limit(PIECE)).all())


def _line(row: OperationEvent) -> str:
    said = (row.created_at.isoformat(timespec="milliseconds"), row.step, row.kind, row.op, row.urn, row.text)
    return " ".join(word.replace("\n", " ") for word in said if word) + "\n"
