"""The Workers on the real runtime: their own test suite, run by Node, and the committed bundles."""

from collections.abc import Callable

import pytest

from tests.flow.edge.conftest import EDGE, Node

Counts = Callable[..., dict[str, int]]


def test_the_committed_bundles_are_what_the_sources_build(node: Node) -> None:
    done = node("build.mjs", "--check")
    assert (done.returncode, done.stdout.strip()) == (0, "built is up to date"), done.stderr


@pytest.mark.parametrize("project", [".", "src/core/ui"])
def test_the_sources_are_typed(node: Node, project: str) -> None:
    done = node("node_modules/typescript/bin/tsc", "--noEmit", "--project", project)
    assert done.returncode == 0, done.stdout


SUITES = {
    "unit": 43,
    "flow/billing": 5,
    "flow/delivery": 17,
    "flow/forms": 13,
    "flow/hostile": 12,
    "flow/paywall": 13,
    "flow/proxy": 7,
    "flow/publish": 10,
    "flow/signin": 23,
    "flow/studio": 10,
}


@pytest.mark.parametrize(("suite", "at_least"), SUITES.items())
def test_the_workers_behave(node_tests: Counts, suite: str, at_least: int) -> None:
    counts = node_tests(f"test/{suite}.test.ts")
    assert counts["pass"] == counts["tests"] >= at_least
    assert counts["fail"] == counts["skipped"] == counts["todo"] == counts["cancelled"] == 0


def test_no_suite_is_forgotten() -> None:
    tests = EDGE / "test"
    assert {path.relative_to(tests).as_posix().removesuffix(".test.ts") for path in tests.rglob("*.test.ts")} == set(
        SUITES
    )
