"""The small pure parts of the engine: arguments, paths, URNs, property values."""

from typing import Any

import pytest

from sandbox.engine.cli.arguments import parse
from sandbox.engine.errors import CommandFailed
from sandbox.engine.paths import contains, get_at, parse_path, reset
from sandbox.engine.properties import (
    OUTPUT,
    SIGNATURE,
    UNKNOWN,
    has_secret,
    mask,
    redact,
    resolve_outputs,
    reveal,
    secret,
)
from sandbox.engine.urns import is_default_provider, make_urn, stack_and_project, type_of

GROUPS = {"stack": frozenset({"ls", "output"}), "config": frozenset({"set-all", "set"})}


class TestArguments:
    def test_flags_stand_anywhere_and_take_values_both_ways(self) -> None:
        found = parse(["--non-interactive", "stack", "output", "--stack=dev", "name", "--json"], subcommands=GROUPS)
        assert (found.command, found.words) == (("stack", "output"), ["name"])
        assert (found.text("stack"), found.on("json"), found.on("show-secrets")) == ("dev", True, False)

    def test_pairs_of_set_all_keep_their_order(self) -> None:
        found = parse(["config", "set-all", "--plaintext", "a=1", "--secret", "b=2"], subcommands=GROUPS)
        assert found.flags == [("plaintext", "a=1"), ("secret", "b=2")]

    def test_after_two_dashes_everything_is_a_word(self) -> None:
        found = parse(["config", "set", "k", "--secret", "--", "-v"], subcommands=GROUPS)
        assert (found.words, found.on("secret")) == (["k", "-v"], True)

    def test_a_flag_without_its_value_is_an_error(self) -> None:
        with pytest.raises(CommandFailed, match="needs an argument"):
            parse(["stack", "ls", "--stack"], subcommands=GROUPS)


class TestPaths:
    @pytest.mark.parametrize(
        ("text", "path"),
        [("a", ["a"]), ("a.b[0].c", ["a", "b", 0, "c"]), ('a["x.y"]', ["a", "x.y"]), ("a[*].b", ["a", "*", "b"])],
    )
    def test_parsing(self, text: str, path: list[Any]) -> None:
        assert parse_path(text) == path

    def test_a_part_is_reset_to_what_it_was(self) -> None:
        new, old = {"a": {"b": 2, "c": 2}, "d": [2, 2]}, {"a": {"b": 1}, "d": [1, 1]}
        assert reset(new, old, ["a", "b"]) == {"a": {"b": 1, "c": 2}, "d": [2, 2]}
        assert reset(new, old, ["a", "c"]) == {"a": {"b": 2}, "d": [2, 2]}
        assert reset(new, old, ["d", "*"]) == {"a": {"b": 2, "c": 2}, "d": [1, 1]}
        assert new["d"] == [2, 2]

    def test_changes_are_inside_of_patterns(self) -> None:
        assert contains(["a"], ["a", "b"])
        assert contains(["a", "*", "c"], ["a", 3, "c"])
        assert not contains(["a", "b"], ["a", "c"])

    def test_nothing_is_found_where_nothing_is(self) -> None:
        assert get_at({"a": [1]}, ["a", 5]) is None


class TestProperties:
    def test_secrets_are_revealed_masked_and_redacted_at_any_depth(self) -> None:
        value = {"a": [secret({"b": secret("hush")})], "c": 1}
        assert reveal(value) == {"a": [{"b": "hush"}], "c": 1}
        assert redact(value) == {"a": ["[secret]"], "c": 1}
        assert "hush" not in str(mask(value))
        assert has_secret(value)
        assert not has_secret(reveal(value))

    def test_output_values_become_what_they_stand_for(self) -> None:
        known = {SIGNATURE: OUTPUT, "value": 1}
        hidden = {SIGNATURE: OUTPUT, "value": 1, "secret": True}
        assert resolve_outputs([known, hidden, {SIGNATURE: OUTPUT}]) == [1, secret(1), UNKNOWN]


class TestUrns:
    def test_parents_are_part_of_the_type_but_not_the_stack(self) -> None:
        stack = make_urn(stack="dev", project="p", parent="", kind="pulumi:pulumi:Stack", name="p-dev")
        group = make_urn(stack="dev", project="p", parent=stack, kind="a:b:C", name="g")
        child = make_urn(stack="dev", project="p", parent=group, kind="x:y:Z", name="n::m")
        assert child == "urn:pulumi:dev::p::a:b:C$x:y:Z::n::m"
        assert (type_of(child), stack_and_project(child)) == ("x:y:Z", ("dev", "p"))

    def test_default_providers_are_known_by_their_name(self) -> None:
        assert is_default_provider("urn:pulumi:dev::p::pulumi:providers:aws::default_7_51_1")
        assert not is_default_provider("urn:pulumi:dev::p::pulumi:providers:aws::mine")
