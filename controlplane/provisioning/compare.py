"""What differs between two plans, and between two kept states. Of values only the names are said: none is shown."""

from typing import Any

from sqlmodel import Session, select

from controlplane.core.crypto import CannotOpen
from controlplane.core.errors import Conflict, NotFound
from controlplane.gateways import Gateways
from controlplane.provisioning import states
from controlplane.provisioning.models import Approval, StateVersion

SEALED = "4dabf18193072939515e22adb298388d"  # how the engine marks a secret; its ciphertext differs at every save
Plan = dict[str, Any]
State = dict[str, Any]


def with_last(session: Session, approval: Approval) -> dict[str, Any] | None:
    """What is in this plan and was not in the one before it, and the other way round; None for the first."""
    query = select(Approval).where(Approval.operation_id == approval.operation_id, Approval.id < approval.id)
    last = session.exec(query.order_by(Approval.id.desc()).limit(1)).first()  # type: ignore[attr-defined]
    if last is None:
        return None
    old, new = _changes(last.plan), _changes(approval.plan)
    return {
        "approval_id": last.id,
        "at": last.created_at,
        "decision": last.decision,
        "added": [change for key, change in new.items() if key not in old],
        "gone": [change for key, change in old.items() if key not in new],
    }


def _changes(plan: Plan) -> dict[tuple[str, str], dict[str, str]]:
    return {(change["op"], change["urn"]): change for change in plan.get("changes", [])}


def of_versions(
    session: Session, gateways: Gateways, tenant_id: str, version: int, *, since: int
) -> dict[str, list[dict[str, Any]]]:
    """Resources that came, went or changed from one kept state to another of the same stack."""
    query = select(StateVersion).where(StateVersion.tenant_id == tenant_id)
    rows = session.exec(query.where(StateVersion.version.in_({version, since}))).all()  # type: ignore[attr-defined]
    found = {(row.stack, row.version): row for row in rows}
    stack = next((stack for stack, number in found if number == version and (stack, since) in found), None)
    if stack is None:
        raise NotFound("There are no two such versions of one stack.")
    try:
        old, new = (_resources(states.open_state(gateways, found[stack, number])) for number in (since, version))
    except CannotOpen as error:
        raise Conflict("One of them cannot be opened: it is damaged, or its key is gone.", code="sealed") from error
    return {
        "made": [_named(new[urn]) for urn in new if urn not in old],
        "gone": [_named(old[urn]) for urn in old if urn not in new],
        "changed": [
            {**_named(new[urn]), "properties": names}
            for urn in new
            if urn in old and (names := _differing(old[urn], new[urn]))
        ],
    }


def _resources(state: State) -> dict[str, dict[str, Any]]:
    return {row["urn"]: row for row in state.get("deployment", {}).get("resources") or []}


def _named(row: dict[str, Any]) -> dict[str, Any]:
    return {"urn": row["urn"], "id": row.get("id", "")}


def _differing(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    before, after = ({**row.get("outputs", {}), **row.get("inputs", {})} for row in (old, new))
    names = {name for name in before.keys() | after.keys() if _plain(before.get(name)) != _plain(after.get(name))}
    return sorted(names | ({"id"} if old.get("id") != new.get("id") else set()))


def _plain(value: Any) -> Any:
    """Secrets are all alike: that one changed cannot be told from its ciphertext."""
    if isinstance(value, dict):
        return SEALED if SEALED in value else {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value
