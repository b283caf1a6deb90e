"""After an unclean end: nobody else works on it → state kept → lock cleared → pending creates looked up → refresh →
preview, whose creates are looked up as well.

Without this an `up` would create again what a killed run already made, and say nothing about it.
"""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import structlog

from controlplane.core.errors import NeedsPerson, TryLater
from controlplane.provisioning import processes, states
from controlplane.provisioning.finders import FINDERS, REPEATABLE, UNTOLD
from controlplane.provisioning.work import Work

if TYPE_CHECKING:
    from controlplane.provisioning.stack import Stack

log = structlog.get_logger(__name__)

Act = Callable[..., dict[str, Any]]
State = dict[str, Any]
LOCKED = "the stack is locked"
CREATING = "creating"
MASKED = "[secret]"  # how events show what is hidden: such inputs must not get into a state
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # how the engine shows what only comes to be with something else
CERTAIN = frozenset({"", "waiting", "approval"})  # error classes of an attempt that ended as it was meant to


def require_clean(work: Work, stack: "Stack", act: Act) -> bool:
    """Nothing when the last run ended in order; else the recovery, before anything is changed. `True` if what the run
    did is in doubt even so."""
    doubtful = _in_doubt(work)
    if doubtful:
        recover(work, stack, act)
    return doubtful


def recover(work: Work, stack: "Stack", act: Act) -> None:
    require_owner_gone(work)
    state = act(work, stack, "import", options={"unlock": True})["state"]
    pending = pending_operations(state)
    if not pending:
        return
    log.warning("recovery.pending", operation=work.operation.id, count=len(pending))
    states.keep(work, stack, state, moment="recovery")
    adopted = adopt(work, state, pending)
    adopted["deployment"]["pending_operations"] = pending  # the refresh clears them: until then it is not recovered
    act(work, stack, "import", state=adopted)
    act(work, stack, "refresh", options={"clear_pending_creates": True})


def take_in(work: Work, stack: "Stack", act: Act, planned: list[dict[str, Any]]) -> bool:
    """What a preview would create is looked up. The engine forgets a create that failed, although only its answer may
    be lost (plugin killed, connection broken); and when it is killed itself, nobody hears its last words.

    `True` if some of it is there: the state has it now, and another preview may know the names of what depends on it.
    """
    creates = [_without_secrets(one["asked"]) for one in planned if "asked" in one]
    creates = [one for one in creates if one["type"] in FINDERS and one["type"] not in REPEATABLE]
    if not creates:
        return False
    state = act(work, stack, "export")["state"]
    known = [each["urn"] for each in state["deployment"].get("resources") or []]
    doubtful = [one for one in creates if _possible(one, set(known))]
    adopted = adopt(work, deepcopy(state), [{"resource": one, "type": CREATING} for one in doubtful])
    if len(adopted["deployment"]["resources"]) == len(known):
        return False
    states.keep(work, stack, state, moment="recovery")
    act(work, stack, "import", state=adopted)
    act(work, stack, "refresh")
    return True


def _without_secrets(asked: dict[str, Any]) -> dict[str, Any]:
    """No name is one; the next `up` writes them again."""
    inputs = {name: value for name, value in asked["inputs"].items() if MASKED not in json.dumps(value)}
    return {**asked, "inputs": inputs}


def _possible(asked: dict[str, Any], held: set[str]) -> bool:
    """Nothing was made of what is not there itself."""
    needed = {asked["provider"].rpartition("::")[0], asked.get("parent")} - {None, ""}
    return needed <= held and UNKNOWN not in json.dumps(asked)


def require_owner_gone(work: Work) -> None:
    """The lease says that no other worker is on it; the marks say that nothing it started is left on this machine."""
    if not processes.end(work.operation.id):
        raise TryLater("what an earlier attempt started is still running")


def _in_doubt(work: Work) -> bool:
    operation = work.operation
    if operation.error.startswith(LOCKED):  # it outlives its owner: the lease says that nobody else may work on this
        return True
    return bool(operation.crashes or operation.failures) or operation.error_class not in CERTAIN


def pending_operations(state: State) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = state.get("deployment", {}).get("pending_operations") or []
    return found


def only_in(present: State, restored: State) -> list[dict[str, Any]]:
    """What the present state holds and the restored one does not, in the shape of interrupted creates."""
    known = {resource["urn"] for resource in restored["deployment"].get("resources") or []}
    found = present["deployment"].get("resources") or []
    ours = [resource for resource in found if resource.get("custom") and "pulumi:" not in resource["type"]]
    return [{"resource": resource, "type": CREATING} for resource in ours if resource["urn"] not in known]


def adopt(work: Work, state: State, pending: list[dict[str, Any]], *, certain: bool = True) -> State:
    """What a killed create did make is put into the state under its real id; the refresh then reads the rest.

    `certain`: what cannot be looked up stops it, instead of being left out.
    """
    resources = state["deployment"].setdefault("resources", [])
    for entry in pending:
        resource = entry["resource"]
        held = [each for each in resources if each["urn"] == resource["urn"]]
        if entry["type"] != CREATING:
            for each in held:
                each |= _as_far_as_told(each)
            continue
        known = {each.get("id") for each in resources if each["type"] == resource["type"]}  # under whatever urn
        identity = _identity(work, resource, known, certain)
        if identity is None:
            continue
        for each in held:
            each["delete"] = True  # it was about to be replaced by what was found
        log.info("recovery.adopted", operation=work.operation.id, urn=resource["urn"])
        resources.append({**_as_far_as_told({"outputs": resource["inputs"], **resource}), "id": identity})
    state["deployment"]["pending_operations"] = [entry for entry in pending if entry["type"] != CREATING]
    return state


def _as_far_as_told(resource: dict[str, Any]) -> dict[str, Any]:
    """Without what nobody can read from it: the next `up` does that again."""
    untold = UNTOLD.get(resource["type"], {})
    return {**resource, **{part: resource[part] | untold for part in ("inputs", "outputs") if part in resource}}


def _identity(work: Work, resource: dict[str, Any], held: set[str | None], certain: bool) -> str | None:
    """What a person has decided comes first: an id, or the word that nothing was made."""
    decided = work.operation.wanted.get("pending", {})
    if resource["urn"] in decided:
        return decided[resource["urn"]] or None
    if not certain and resource["type"] not in FINDERS:
        return None
    return look_up(work, resource, held)


def look_up(work: Work, resource: dict[str, Any], held: set[str | None]) -> str | None:
    """The id of an object that a create may have left, found by its deterministic name; `held` is known already."""
    finder = FINDERS.get(resource["type"])
    if finder is None:
        raise NeedsPerson(
            f"a create was interrupted and cannot be looked up by name: {resource['urn']}",
            next_action="look for it at the vendor, then import or clear the pending operation",
        )
    return next((found for found in finder(work, resource["inputs"]) if found not in held), None)
