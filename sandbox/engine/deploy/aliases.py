"""Former names of resources: what the program says, and what follows from former names of the parent."""

from typing import Any

from ..urns import make_urn, name_of, stack_and_project, type_of
from .goal import Goal


def alias_urns(goal: Goal, *, urn: str, parents: list[str]) -> list[str]:
    """`parents` are the former URNs of the parent."""
    own = [alias if isinstance(alias, str) else _resolve(alias, goal, urn) for alias in goal.aliases]
    inherited = [_inherit(candidate, goal, parent) for candidate in [urn, *own] for parent in parents]
    found = dict.fromkeys([*own, *inherited])
    found.pop(urn, None)
    return list(found)


def _resolve(alias: Any, goal: Goal, urn: str) -> str:
    if alias.WhichOneof("alias") == "urn":
        return str(alias.urn)
    spec = alias.spec
    stack, project = stack_and_project(urn)
    parent = "" if spec.noParent else spec.parentUrn or goal.parent
    return make_urn(
        stack=spec.stack or stack,
        project=spec.project or project,
        parent=parent,
        kind=spec.type or goal.type,
        name=spec.name or goal.name,
    )


def _inherit(candidate: str, goal: Goal, former_parent: str) -> str:
    """The same child below the parent as it was called; a name that began with the parent's name changes with it."""
    name = name_of(candidate)
    current = name_of(goal.parent)
    if name.startswith(current):
        name = name_of(former_parent) + name[len(current) :]
    stack, project = stack_and_project(former_parent)
    return make_urn(stack=stack, project=project, parent=former_parent, kind=type_of(candidate), name=name)
