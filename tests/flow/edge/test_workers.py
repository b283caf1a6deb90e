"""The Workers on the real runtime: their own test suite, run by Node, and the committed bundles."""

from collections.abc import Callable

import pytest

from tests.flow.edge.conftest import Node

Counts = Callable[..., dict[str, int]]


def test_the_committed_bundles_are_what_the_sources_build(node: Node) -> None:
    done = node("build.mjs", "--check")
    assert (done.returncode, done.stdout.strip()) == (0, "built is up to date"), done.stderr


@pytest.mark.parametrize("project", [".", "src/core/ui"])
def test_the_sources_are_typed(node: Node, project: str) -> None:
    done = node("node_modules/typescript/bin/tsc", "--noEmit", "--project", project)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("pattern", "at_least"),
    [
        ("test/unit.test.ts", 40),
        ("test/flow/[a-f]*.test.ts", 30),
        ("test/flow/[g-p]*.test.ts", 40),
        ("test/flow/[q-z]*.test.ts", 30),
    ],
)
def test_the_workers_behave(node_tests: Counts, pattern: str, at_least: int) -> None:
    counts = node_tests(pattern)
    assert counts["pass"] == counts["tests"] >= at_least
    assert counts["fail"] == counts["skipped"] == counts["todo"] == counts["cancelled"] == 0
