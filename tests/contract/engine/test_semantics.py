"""What resource options, targets, references and assets mean: seen by the calls that reach the provider."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi import automation as auto

from tests.contract.engine.actions import Actions
from tests.contract.engine.cloud import Rule
from tests.contract.engine.lab import OFFICIAL, Lab, Operation

THING = "cloudflare:index/thing:Thing"
VERSION = pulumi.ResourceOptions(version="6.23.1")


def thing(name: str, inputs: dict[str, Any] | None = None, **options: Any) -> Any:
    """A resource of any kind; its default provider is the one of its version."""
    merged = pulumi.ResourceOptions.merge(VERSION, pulumi.ResourceOptions(**options))
    return pulumi.CustomResource(THING, name, {"value": 0, **(inputs or {})}, merged)


class World:
    """One stack whose program changes."""

    def __init__(self, lab: Lab, name: str = "dev") -> None:
        self.lab, self.name = lab, name

    @cached_property
    def stack(self) -> auto.Stack:
        return self.lab.stack(self.name, lambda: None)

    def run(self, program: Callable[[], Any], method: str = "up", **options: Any) -> Operation:
        self.stack.workspace.program = program
        return self.lab.run(getattr(Actions(self.stack), method)(**options), stack=self.name)

    def calls(self, operation: Operation) -> list[str]:
        """Create, Update and Delete with the names of the resources."""
        wanted = ("Create", "Update", "Delete")
        found = [item for item in operation.provider if item["kind"] == "request" and item["method"] in wanted]
        return [f"{item['method']} {item['request']['name']}" for item in found]

    def up(self, program: Callable[[], Any], **options: Any) -> list[str]:
        operation = self.run(program, **options)
        assert operation.exception == "", operation.calls[0].stdout
        return self.calls(operation)

    def refused(self, program: Callable[[], Any], **options: Any) -> str:
        operation = self.run(program, **options)
        assert operation.calls[0].exit == 1
        return operation.calls[0].stdout

    def urn(self, name: str) -> str:
        return f"urn:pulumi:{self.name}::proj::{THING}::{name}"


@pytest.fixture
def world(make_lab: Callable[[str], Lab]) -> World:
    return World(make_lab("semantics"))


def _pair(key: int, *, first: bool) -> Callable[[], None]:
    def program() -> None:
        root = thing("root", {"key": key, "first": first})
        thing("leaf", {"key": root.id})
        thing("loose", {"other": root.id})

    return program


def test_dependents_go_before_what_is_deleted_first(world: World) -> None:
    world.up(_pair(1, first=True))
    calls = world.up(_pair(2, first=True))
    assert calls == ["Delete leaf", "Delete root", "Create root", *calls[3:]]
    assert sorted(calls[3:]) == ["Create leaf", "Update loose"]


def test_a_replacement_comes_before_the_original_goes(world: World) -> None:
    world.up(_pair(1, first=False))
    calls = world.up(_pair(2, first=False))
    assert calls[0] == "Create root"
    assert sorted(calls[1:3]) == ["Create leaf", "Update loose"]
    assert calls[3:] == ["Delete leaf", "Delete root"]


def test_what_is_protected_stays(world: World) -> None:
    world.up(lambda: thing("a", {"key": 1}, protect=True))
    assert "it is protected" in world.refused(lambda: None)
    assert "marked for protection" in world.refused(lambda: thing("a", {"key": 2}, protect=True))
    assert len(world.lab.cloud.objects()) == 1
    assert world.up(lambda: thing("a", {"key": 1}, protect=False)) == []
    assert world.up(lambda: None) == ["Delete a"]


def test_what_is_retained_or_goes_with_another_is_not_deleted(world: World) -> None:
    def program() -> None:
        owner = thing("owner")
        thing("part", deleted_with=owner)
        thing("kept", retain_on_delete=True)

    world.up(program)
    assert world.up(lambda: None) == ["Delete owner"]
    assert len(world.lab.cloud.objects()) == 2


def test_aliases_keep_the_object(world: World) -> None:
    class Group(pulumi.ComponentResource):
        def __init__(self, name: str) -> None:
            aliases = [pulumi.Alias(name="old")]
            super().__init__("test:index:Group", name, None, pulumi.ResourceOptions(aliases=aliases))

    def before() -> None:
        thing("a")
        thing("old-child", parent=Group("old"))

    def after() -> None:
        group = Group("new")
        thing("b", parent=group, aliases=[pulumi.Alias(name="a", parent=pulumi.ROOT_STACK_RESOURCE)])
        thing("new-child", parent=group)

    world.up(before)
    assert world.up(after) == []
    assert world.up(after) == []


def test_changes_are_ignored_or_replace(world: World) -> None:
    def program(number: int) -> Callable[[], None]:
        def inner() -> None:
            thing("ignores", {"value": number, "deep": {"a": number, "b": 1}}, ignore_changes=["value", "deep.a"])
            thing("replaces", {"value": number}, replace_on_changes=["value"])

        return inner

    world.up(program(1))
    assert world.up(program(2)) == ["Create replaces", "Delete replaces"]


def _two(number: int) -> Callable[[], None]:
    def program() -> None:
        first = thing("first", {"value": number})
        thing("second", {"value": number, "uses": first.id})

    return program


def test_targets_and_exclusions(world: World) -> None:
    world.up(_two(1))
    assert world.up(_two(2), target=[world.urn("first")]) == ["Update first"]
    assert world.up(_two(3), target=[world.urn("first")], target_dependents=True) == ["Update first", "Update second"]
    assert world.up(_two(4), exclude=[world.urn("second")]) == ["Update first"]
    destroyed = world.run(_two(4), "destroy", target=[world.urn("second")])
    assert world.calls(destroyed) == ["Delete second"]
    nobody = world.urn("third")
    assert f"no resource named '{nobody}' found" in world.refused(_two(5), target=[nobody])


def test_a_provider_that_moves_takes_its_resources_along(world: World) -> None:
    def program(region: str) -> Callable[[], None]:
        def inner() -> None:
            options = pulumi.ResourceOptions(version="6.23.1")
            provider = pulumi.ProviderResource("cloudflare", "p", {"region": region}, options)
            thing("a", provider=provider)

        return inner

    world.up(program("here"))
    assert world.up(program("here")) == []
    assert world.up(program("there")) == ["Create a", "Delete a"]


def test_one_name_is_for_one_resource(world: World) -> None:
    def program() -> None:
        thing("a")
        thing("a")

    assert "Duplicate resource URN" in world.refused(program)


def test_imports_change_nothing(world: World) -> None:
    found = {"outputs": {"value": 7, "createdOn": "x"}, "inputs": {"value": 7}}
    world.lab.cloud.replace({f"{THING}/it": found})
    assert "do not match" in world.refused(lambda: thing("a", {"value": 8}, import_="it"))
    assert "does not exist" in world.refused(lambda: thing("a", {"value": 7}, import_="other"))
    assert world.up(lambda: thing("a", {"value": 7}, import_="it")) == []
    assert world.up(lambda: thing("a", {"value": 9}, import_="it")) == ["Update a"]


def test_outputs_of_other_stacks(world: World) -> None:
    def source() -> None:
        pulumi.export("plain", thing("a").id)
        pulumi.export("hidden", pulumi.Output.secret("hush"))

    def reader() -> None:
        reference = pulumi.StackReference("organization/proj/dev")
        pulumi.export("seen", reference.get_output("plain"))
        pulumi.export("hidden", reference.get_output("hidden"))

    world.up(source)
    other = World(world.lab, "other")
    other.up(reader)
    outputs = other.stack.outputs()
    assert outputs["seen"].value == "thing-1"
    assert (outputs["hidden"].value, outputs["hidden"].secret) == ("hush", True)


def test_continue_on_error_goes_on_with_the_rest(world: World) -> None:
    world.lab.rules(Rule("Create", "::first", code="INTERNAL"))

    def program() -> None:
        first = thing("first")
        thing("needs-it", {"uses": first.id})
        thing("other")

    operation = world.run(program, continue_on_error=True)
    assert operation.calls[0].exit == 1
    assert "Create other" in world.calls(operation)
    names = {item["urn"].rsplit("::", 1)[-1] for item in (operation.state or {})["resources"]}
    assert "other" in names
    assert "first" not in names


def test_files_are_known_by_their_content(world: World, tmp_path: Path) -> None:
    path = tmp_path / "page.html"

    def program() -> None:
        assets = {"page.html": pulumi.FileAsset(str(path)), "text": pulumi.StringAsset("hello")}
        thing("site", {"file": pulumi.FileAsset(str(path)), "all": pulumi.AssetArchive(assets)})

    path.write_text("one")
    world.up(program)
    assert world.up(program) == []
    path.write_text("two")
    assert world.up(program) == ["Update site"]
    path.unlink()
    assert "failed to compute asset hash" in world.refused(program)


def test_a_missing_object_cannot_be_read(world: World) -> None:
    def program() -> None:
        options = pulumi.ResourceOptions.merge(VERSION, pulumi.ResourceOptions(id="nowhere"))
        pulumi.CustomResource(THING, "a", {}, options)

    assert "resource 'nowhere' does not exist" in world.refused(program)


@pytest.mark.skipif(bool(OFFICIAL), reason="the official engine has them")
@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["up", "--yes", "--policy-pack", "x"], "unsupported flag for up: --policy-pack"),
        (["up", "--yes", "--plan", "x"], "unsupported flag for up: --plan"),
        (["new"], 'unknown command "new"'),
        (["stack", "init", "x", "--secrets-provider", "awskms://x"], "unsupported secrets provider"),
    ],
)
def test_what_this_engine_lacks_is_refused(world: World, words: list[str], text: str) -> None:
    with pytest.raises(auto.CommandError, match=text):
        world.stack._run_pulumi_cmd_sync(words)


@pytest.mark.skipif(bool(OFFICIAL), reason="the official engine has them")
def test_hooks_and_transforms_are_refused(world: World) -> None:
    def hooked() -> None:
        hook = pulumi.ResourceHook("h", lambda _: None)
        thing("a", hooks=pulumi.ResourceHookBinding(before_create=[hook]))

    def transformed() -> None:
        pulumi.runtime.register_resource_transform(lambda _: None)
        thing("a")

    for program in (hooked, transformed):
        assert "does not support" in world.refused(program)
    assert world.lab.cloud.objects() == {}


def test_a_trigger_replaces_and_may_be_secret(world: World) -> None:
    def program(number: int) -> Callable[[], Any]:
        return lambda: thing("a", replacement_trigger=pulumi.Output.secret(f"hush-{number}"))

    world.up(program(1))
    assert world.up(program(1)) == []
    assert world.up(program(2)) == ["Create a", "Delete a"]
    assert not any("hush" in path.read_text() for path in (world.lab.folder / "backend").rglob("*.json*"))


def test_one_that_is_replaced_with_another(world: World) -> None:
    def program(key: int) -> Callable[[], None]:
        def inner() -> None:
            root = thing("root", {"key": key})
            thing("mate", replace_with=[root])

        return inner

    world.up(program(1))
    calls = world.up(program(2))
    assert calls[:2] == ["Create root", "Create mate"]
    assert sorted(calls[2:]) == ["Delete mate", "Delete root"]
