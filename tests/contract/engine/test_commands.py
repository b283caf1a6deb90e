"""Commands beyond the recorded ones: configuration of all shapes, renaming, current stack, the event log as a file."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from pulumi import automation as auto

from tests.contract.engine import programs
from tests.contract.engine.actions import Actions
from tests.contract.engine.lab import OFFICIAL, Lab

Value = auto.ConfigValue
_ODD = [
    "",
    "yes",
    "1",
    "1e3",
    "0x1f",
    "null",
    "~",
    "a: b",
    "- x",
    "#no",
    "ü",
    "two\nlines",
    ' "quoted" ',
    "{a}",
    "@x",
    "2026-01-01",
]


@pytest.fixture(scope="module")
def lab(make_lab: Callable[[str], Lab]) -> Lab:
    return make_lab("commands")


def test_configuration_keeps_every_text(lab: Lab) -> None:
    stack = lab.stack("odd", programs.empty)
    values = {f"k{number}": Value(text) for number, text in enumerate(_ODD)}
    stack.set_all_config({**values, "s": Value("hush", secret=True), "other:key": Value("x")})
    found = stack.get_all_config()
    assert [found[f"proj:k{number}"].value for number in range(len(_ODD))] == _ODD
    assert (found["proj:s"].value, found["proj:s"].secret) == ("hush", True)
    written = yaml.safe_load((lab.folder / "work" / "Pulumi.odd.yaml").read_text())
    assert [written["config"][f"proj:k{number}"] for number in range(len(_ODD))] == _ODD
    assert "hush" not in json.dumps(written)


def test_configuration_by_path(lab: Lab) -> None:
    stack = lab.stack("paths", programs.empty)
    stack.set_config("outer.list[0]", Value("a"), path=True)
    stack.set_config("outer.list[1]", Value("hush", secret=True), path=True)
    stack.set_config("outer.number", Value("5"), path=True)
    assert json.loads(stack.get_config("outer").value) == {"list": ["a", "hush"], "number": 5}
    assert stack.get_config("outer.list[1]", path=True).value == "hush"
    stack.remove_config("outer.list[0]", path=True)
    assert json.loads(stack.get_config("outer").value) == {"list": ["hush"], "number": 5}
    assert "hush" not in (lab.folder / "work" / "Pulumi.paths.yaml").read_text()


def test_a_renamed_stack_keeps_its_resources(lab: Lab) -> None:
    stack = lab.stack("before", programs.one_bucket)
    lab.run(Actions(stack).up(), stack="before")
    stack.rename("after")
    assert lab.checkpoint("before") is None
    again = lab.run(Actions(lab.stack("after", programs.one_bucket)).up(), stack="after")
    changes = next(event["summaryEvent"] for event in again.events if "summaryEvent" in event)["resourceChanges"]
    assert changes == {"same": 3}


def test_the_selected_stack_is_current(lab: Lab) -> None:
    lab.stack("one", programs.empty)
    stack = lab.stack("two", programs.empty)
    current = {item.name: item.current for item in stack.workspace.list_stacks()}
    assert (current["one"], current["two"]) == (False, True)
    stack.workspace.remove_stack("two")
    assert not any(item.current for item in stack.workspace.list_stacks())


def test_events_can_go_to_a_file(lab: Lab, tmp_path: Path) -> None:
    """What SDKs before 3.206 read."""
    stack = lab.stack("file", programs.empty)
    lab.run(Actions(stack).up(), stack="file")
    path = tmp_path / "events.jsonl"
    stack._run_pulumi_cmd_sync(["destroy", "--skip-preview", "--yes", "--event-log", str(path)])
    kinds = [sorted(json.loads(line).keys() - {"sequence", "timestamp"}) for line in path.read_text().splitlines()]
    assert kinds[0] == ["preludeEvent"]
    assert kinds[-1] == ["cancelEvent"]
    assert ["summaryEvent"] in kinds


@pytest.mark.skipif(bool(OFFICIAL), reason="the text is ours")
def test_other_backends_are_refused(lab: Lab) -> None:
    with pytest.raises(auto.CommandError, match="file:// only"):
        lab.stack("cloud", programs.empty, env={"PULUMI_BACKEND_URL": "s3://bucket"})
