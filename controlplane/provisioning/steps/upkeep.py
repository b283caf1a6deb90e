"""Steps that every product's stack can have: looking at it, reading the world into it, restoring it, changing it."""

from collections.abc import Callable
from typing import Any

from controlplane.core.errors import Conflict, NeedsPerson
from controlplane.provisioning import approvals, engine, recovery, states
from controlplane.provisioning.models import Kind
from controlplane.provisioning.recovery import State
from controlplane.provisioning.service import request
from controlplane.provisioning.stack import Stack
from controlplane.provisioning.work import Facts, Work
from tenants import service as tenants
from tenants.conditions import OK, Concern, Finding, Health, Who
from tenants.lifecycle import SERVING

StackOf = Callable[[Work], Stack]
Apply = Callable[[Work], Facts]
DRIFTED, UNKNOWN = "drifted", "drift_unknown"


def preview(work: Work, *, stack_of: StackOf) -> Facts:
    stack = stack_of(work)
    return approvals.require(work, engine.preview(work, stack), stack)


def reviewed(work: Work, *, stack_of: StackOf, apply: Apply) -> Facts:
    """Between the plan and now the world may have moved: what nobody approved stops it here."""
    if not approvals.holds(work, stack_of(work)):
        preview(work, stack_of=stack_of)
    return apply(work)


def refresh(work: Work, *, stack_of: StackOf) -> Facts:
    """What is really there, read into the state."""
    answer = engine.refresh(work, stack_of(work))
    return {"changes": answer["changes"], "memory_mb": answer["memory_mb"]}


def restore_state(work: Work, *, stack_of: StackOf) -> Facts:
    """A kept version becomes the state again. What only the newer state knows is looked up by name, as after a crash:
    otherwise the next change would make it a second time."""
    stack, version = stack_of(work), int(work.operation.wanted["version"])
    with work.gateways.db.transaction() as session:
        row = states.version_of(session, work.tenant.id, stack.name, version)
    if row is None:
        raise NeedsPerson(f"version {version} is not kept any more", next_action="choose one that is in the list")
    recovery.require_owner_gone(work)
    present = engine.act(work, stack, "export")["state"]
    states.keep(work, stack, present, moment="before")
    restored = states.open_state(work.gateways, row)
    wanted = recovery.adopt(work, restored, recovery.only_in(present, restored), certain=False)
    state = engine.act(work, stack, "import", options={"unlock": True}, state=wanted)["state"]
    states.keep(work, stack, state, moment="restore")
    return {"version": version, "resources": len(state["deployment"].get("resources") or [])}


def look(work: Work, *, stack_of: StackOf) -> Facts:
    """The stack as an operator wants to see it: who locks it, what was interrupted. Takes no lock, changes nothing."""
    stack = stack_of(work)
    state: State = engine.act(work, stack, "export")["state"]
    pending = [{"urn": entry["resource"]["urn"], "type": entry["type"]} for entry in recovery.pending_operations(state)]
    return {"stack": stack.name, "locks": engine.locks(work, stack), "pending": pending, "digest": states.digest(state)}


def drift(work: Work, *, stack_of: StackOf) -> Facts:
    """What differs between the stack and the world, without touching either. Not knowing is not a difference."""
    seen: list[dict[str, str]] = []
    engine.act(work, stack_of(work), "drift", note=seen.append)
    changes = [entry for entry in seen if entry["kind"] == "res_outputs_event" and entry["op"] in {"update", "delete"}]
    real = [entry for entry in changes if "::pulumi:" not in entry["urn"]]  # the stack and its providers are ours alone
    drifted = [{"urn": entry["urn"], "op": entry["op"]} for entry in real]
    text = ", ".join(entry["urn"].rsplit("::", 1)[-1] for entry in drifted)
    if drifted:
        work.find(Concern.CLOUD, Finding(Health.ATTENTION, DRIFTED, text, "repair", Who.OPERATOR))
    else:
        _find_no_difference(work)
    return {"drifted": drifted, "repair": _repair(work, drifted)}


def _find_no_difference(work: Work) -> None:
    """Only what an earlier look said is taken back: another finding about the cloud is not ours."""
    with work.gateways.db.transaction() as session:
        work.lease.settle(session)
        tenant = tenants.locked(session, work.tenant.id)
        assert tenant is not None
        row = tenants.conditions(session, tenant.id).get(Concern.CLOUD)
        if row and row.reason in {DRIFTED, UNKNOWN}:
            tenants.set_condition(session, tenant, Concern.CLOUD, OK, now=work.now)


def _repair(work: Work, drifted: list[dict[str, Any]]) -> str | None:
    """By rule, where the settings say so: never when something stateful differs, that a person looks at first."""
    harmless = drifted and not any(approvals.is_stateful(entry["urn"]) for entry in drifted)
    if not harmless or not work.gateways.settings.pulumi.repair_drift or work.tenant.state not in SERVING:
        return None
    try:
        with work.gateways.db.transaction() as session:
            work.lease.settle(session)
            operation = request(session, work.gateways, work.tenant, Kind.REFRESH, cause=DRIFTED, actor="rule:drift")
    except Conflict:  # something is under way already: the next look tells
        return None
    return operation.id
