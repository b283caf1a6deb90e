"""Any program, any edit of it: the plan is what happens, order is kept, nothing is left, secrets stay secret."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pulumi
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from pulumi import automation as auto

from tests.contract.engine.actions import Actions
from tests.contract.engine.lab import Lab, Operation

_EXAMPLES = int(os.environ.get("ENGINE_EXAMPLES", "2"))
_SECRET = "hush-hush-"  # every secret value begins with it: none may ever be seen
_THING = "cloudflare:index/thing:Thing"


@dataclass(frozen=True)
class Node:
    """One resource. `key` replaces it when it changes, `value` updates it."""

    name: str
    value: int = 0
    key: int = 0
    secret: int | None = None
    uses: frozenset[str] = frozenset()  # whose ids are among its inputs
    after: frozenset[str] = frozenset()  # depends_on
    first: bool = False  # deleted before it is replaced
    in_group: bool = False  # below the component
    former: str = ""  # alias
    ignores_value: bool = False


Program = tuple[Node, ...]


class Group(pulumi.ComponentResource):
    def __init__(self) -> None:
        super().__init__("test:index:Group", "group")
        self.register_outputs({})


def run(program: Program) -> Callable[[], None]:
    def inline() -> None:
        provider = pulumi.ProviderResource("cloudflare", "cf", {}, pulumi.ResourceOptions(version="6.23.1"))
        group = Group() if any(node.in_group for node in program) else None
        made: dict[str, pulumi.CustomResource] = {}
        for node in program:
            made[node.name] = _resource(node, made, provider, group)
        for name, resource in made.items():
            pulumi.export(name, resource.id)

    return inline


def _resource(node: Node, made: dict[str, Any], provider: Any, group: Group | None) -> pulumi.CustomResource:
    inputs: dict[str, Any] = {"value": node.value, "key": node.key, "first": node.first}
    inputs["uses"] = [made[name].id for name in sorted(node.uses)]
    if node.secret is not None:
        inputs["secret"] = pulumi.Output.secret(f"{_SECRET}{node.secret}")
    options = pulumi.ResourceOptions(
        provider=provider,
        version="6.23.1",
        parent=group if node.in_group else None,
        depends_on=[made[name] for name in sorted(node.after)],
        aliases=[pulumi.Alias(name=node.former)] if node.former else None,
        ignore_changes=["value"] if node.ignores_value else None,
    )
    return pulumi.CustomResource(_THING, node.name, inputs, options)


# --- programs and edits -------------------------------------------------------------------------------------------


@st.composite
def programs(draw: Any) -> Program:
    count = draw(st.integers(1, 6))
    nodes: list[Node] = []
    for index in range(count):
        earlier = [node.name for node in nodes]
        some = st.frozensets(st.sampled_from(earlier), max_size=2) if earlier else st.just(frozenset())
        nodes.append(
            Node(
                name=f"n{index}",
                value=draw(st.integers(0, 2)),
                key=draw(st.integers(0, 2)),
                secret=draw(st.none() | st.integers(0, 2)),
                uses=draw(some),
                after=draw(some),
                first=draw(st.booleans()),
                in_group=draw(st.booleans()),
            )
        )
    return tuple(nodes)


def _drop(program: Program, name: str) -> Program:
    kept = (node for node in program if node.name != name)
    return tuple(replace(node, uses=node.uses - {name}, after=node.after - {name}) for node in kept)


def _rename(program: Program, name: str) -> Program:
    new = f"{name}x"

    def other(names: frozenset[str]) -> frozenset[str]:
        return frozenset(new if item == name else item for item in names)

    changed = (replace(node, uses=other(node.uses), after=other(node.after)) for node in program)
    return tuple(replace(node, name=new, former=name) if node.name == name else node for node in changed)


@st.composite
def edits(draw: Any, program: Program) -> Program:
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from([node.name for node in program])) if program else ""
        kind = draw(st.sampled_from(["value", "key", "secret", "drop", "add", "rename", "ignore"]))
        program = _edit(program, name, kind, draw(st.integers(3, 5)))
    return program


def _edit(program: Program, name: str, kind: str, number: int) -> Program:
    if kind == "add":
        fresh = Node(f"a{len(program)}{number}", value=number, uses=frozenset({name} if name else ()))
        return (*program, fresh) if all(node.name != fresh.name for node in program) else program
    if kind == "drop":
        return _drop(program, name)
    if kind == "rename":
        return program if any(node.former for node in program) else _rename(program, name)
    changes: dict[str, Any] = {"value": {"value": number}, "key": {"key": number}, "secret": {"secret": number}}
    changes["ignore"] = {"value": number, "ignores_value": True}
    return tuple(replace(node, **changes[kind]) if node.name == name else node for node in program)


# --- the property -------------------------------------------------------------------------------------------------


def _changes(operation: Operation) -> dict[str, int]:
    found: dict[str, int] = next(e["summaryEvent"] for e in operation.events if "summaryEvent" in e)["resourceChanges"]
    return found


def _run(lab: Lab, stack: auto.Stack, method: str) -> Operation:
    operation = lab.run(getattr(Actions(stack), method)())
    assert operation.exception == "", operation.calls[0].stdout
    _no_secret_in(lab, operation)
    return operation


def _no_secret_in(lab: Lab, operation: Operation) -> None:
    assert _SECRET not in json.dumps(operation.events)
    assert not any(_SECRET in call.stdout + call.stderr + " ".join(call.argv) for call in operation.calls)
    for path in (lab.folder / "backend").rglob("*.json*"):
        assert _SECRET not in path.read_text(), path


def _order(operation: Operation, method: str) -> dict[str, int]:
    """When each object was asked for, by name."""
    calls = [item for item in operation.provider if item["kind"] == "request" and item["method"] == method]
    return {call["request"]["name"]: position for position, call in enumerate(calls)}


def _dependencies(program: Program) -> list[tuple[str, str]]:
    return [(node.name, other) for node in program for other in node.uses | node.after]


def _state_equals_world(lab: Lab) -> None:
    resources = (lab.checkpoint() or {}).get("resources") or []
    ids = {item["id"] for item in resources if item["type"] == _THING}
    assert ids == {key.rsplit("/", 1)[-1] for key in lab.cloud.objects()}


@pytest.mark.timeout(60 + 30 * _EXAMPLES)
@settings(max_examples=_EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
@given(data=st.data())
def test_any_program(make_lab: Callable[[str], Lab], data: st.DataObject) -> None:
    program = data.draw(programs())
    edited = data.draw(edits(program))
    note(f"{program}\n-> {edited}")
    lab = make_lab("property")
    first = _run(lab, lab.stack("dev", run(program)), "up")
    created = _order(first, "Create")
    assert all(created[other] < created[name] for name, other in _dependencies(program))
    _state_equals_world(lab)
    assert _changes(_run(lab, lab.stack("dev", run(program)), "up")).keys() == {"same"}
    stack = lab.stack("dev", run(edited))
    planned = _changes(_run(lab, stack, "preview"))
    assert _changes(_run(lab, stack, "up")) == planned
    _state_equals_world(lab)
    assert _changes(_run(lab, stack, "refresh")).keys() == {"same"}
    deleted = _order(_run(lab, stack, "destroy"), "Delete")
    assert all(deleted[name] < deleted[other] for name, other in _dependencies(edited))
    assert lab.cloud.objects() == {}
    assert not (lab.checkpoint() or {}).get("resources")
