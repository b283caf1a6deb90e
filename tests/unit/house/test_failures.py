"""The list of failure modes names tests that exist, and leaves no number out."""

import re
from pathlib import Path

LIST = Path("docs/failures.md").read_text()


def test_every_failure_is_shown_by_a_test_that_exists() -> None:
    rows = dict(re.findall(r"^\| F(\d+) \|(.*)$", LIST, re.MULTILINE))
    assert [int(number) for number in rows] == list(range(1, 53))
    for number, row in rows.items():
        named = re.findall(r"`([\w/]+\.py)::(\w+)`", row)
        assert named, f"F{number} names no test"
        for file, function in named:
            assert f"def {function}(" in Path("tests", file).read_text(), f"F{number}: {file}::{function}"
